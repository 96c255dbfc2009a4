/// Reduces the voices of a MIDI file to a score's parts.
struct MIDIReduction {
  /// One channel of one track.
  struct Voice {
    let channel: Int
    var name = ""
    var programs: [Int] = []
    var notes: [Score.Note] = []

    init(channel: Int) { self.channel = channel }

    var isDrums: Bool { channel == 9 }
    var instrument: Instrument { isDrums ? .drums : Instrument.playing(program: programs.first ?? 0) }

    /// The mean pitch in tenths.
    var height: Int { notes.reduce(0) { $0 + $1.pitch } * 10 / max(1, notes.count) }

    /// Of a hundred notes those that begin while another of the voice sounds.
    var overlap: Int {
      var (ends, count) = (0, 0)
      for note in notes {
        if note.start + Score.ticksPerTwelfth < ends { count += 1 }
        ends = max(ends, note.end)
      }
      return count * 100 / max(1, notes.count)
    }

    func isNamed(_ words: [String]) -> Bool { words.contains { name.contains($0) } }
  }

  let voices: [Voice]

  private static let melodies = [
    "melody", "lead", "vocal", "voice", "solo", "right hand", "soprano", "singer", "tune", "theme",
  ]

  /// The parts.
  func parts() -> [Score.Part] {
    var pitched = voices.filter { !$0.isDrums }
    var parts: [Score.Part] = []
    let melody = melodyIndex(pitched).map { pitched.remove(at: $0) }
    var rest: [Score.Note] = []
    if let melody {
      let (line, others) = Self.highest(melody.notes)
      parts.append(Score.Part(role: .melody, instrument: melody.instrument, notes: line))
      rest = others
    }
    let bass = bassIndex(pitched).map { pitched.remove(at: $0) }
    if let melody, !rest.isEmpty { parts.append(Score.Part(role: .chords, instrument: melody.instrument, notes: rest)) }
    for voice in pitched {
      let role: Score.Role = voice.isNamed(["counter"]) ? .counter : .chords
      parts.append(Score.Part(role: role, instrument: voice.instrument, notes: voice.notes))
    }
    if let bass { parts.append(Score.Part(role: .bass, instrument: bass.instrument, notes: bass.notes)) }
    let drums = voices.filter(\.isDrums).flatMap(\.notes).sorted { ($0.start, $0.pitch) < ($1.start, $1.pitch) }
    if !drums.isEmpty { parts.append(Score.Part(role: .drums, instrument: .drums, notes: drums)) }
    return parts
  }

  private func melodyIndex(_ voices: [Voice]) -> Int? {
    if let named = voices.firstIndex(where: { $0.isNamed(Self.melodies) && !$0.isNamed(["bass"]) }) { return named }
    let most = voices.map(\.notes.count).max() ?? 0
    let fit = voices.indices.filter { index in
      let voice = voices[index]
      let isBass = voice.isNamed(["bass"]) || voice.instrument.roles == .bass
      return voice.notes.count * 8 >= most && !isBass
    }
    return fit.max { merit(voices[$0]) < merit(voices[$1]) }
  }

  private func merit(_ voice: Voice) -> Int { voice.height - 2 * voice.overlap }

  private func bassIndex(_ voices: [Voice]) -> Int? {
    if let named = voices.firstIndex(where: { $0.isNamed(["bass"]) }) { return named }
    if let played = voices.firstIndex(where: { $0.instrument.roles == .bass }) { return played }
    return voices.indices.filter {
      voices[$0].height < 550 && voices[$0].overlap < 20 && !voices[$0].isNamed(["chords", "counter"])
    }
    .min { voices[$0].height < voices[$1].height }
  }

  /// The highest notes of a voice, one at a time, and the others: of notes that begin together all but the highest, and
  /// what begins under a higher note that goes on for at least half as long.
  static func highest(_ notes: [Score.Note]) -> (line: [Score.Note], others: [Score.Note]) {
    let tops = ScorePlan.topLine(notes)
    var line: [Score.Note] = []
    for note in tops {
      if let last = line.last, last.pitch > note.pitch, 2 * (last.end - note.start) >= note.duration,
        last.end - note.start > Score.ticksPerTwelfth
      {
        continue
      }
      line.append(note)
    }
    let taken = Set(line)
    return (line, notes.filter { !taken.contains($0) })
  }
}
