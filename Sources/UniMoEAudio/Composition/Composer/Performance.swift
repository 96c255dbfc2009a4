/// Turns written notes into played ones: ticks, with the small liberties of players.
struct Performance {
  private let brief: Brief
  /// The tempo of the piece.
  let tempo: TempoMap

  init(brief: Brief, tempo: TempoMap) { (self.brief, self.tempo) = (brief, tempo) }

  /// A part's notes within a piece of `length` ticks, in order, no pitch struck twice at once.
  func notes(_ written: [Draft.Note], role: Score.Role, length: Int, random: inout RandomStream) -> [Score.Note] {
    let looseness = brief.genre.looseness
    let late = role == .melody && ["lofi", "jazz", "soul", "blues"].contains(brief.genreName) ? looseness / 2 : 0
    var strays: [Int: Int] = [:]
    var notes: [Score.Note] = []
    for note in written {
      let tick = note.start * Score.ticksPerTwelfth
      // Notes of one stroke stray together.
      var stray = strays[note.start] ?? (looseness == 0 ? 0 : random.number(in: -looseness...looseness) + late)
      strays[note.start] = stray
      stray += note.spread
      let shift = stray * 1000 * Score.ticksPerQuarter / tempo.change(at: tick).microseconds
      let start = max(0, tick + shift)
      let held = max(Score.ticksPerTwelfth / 2, note.length * Score.ticksPerTwelfth * note.articulation / 100)
      let velocity = min(max(note.velocity + random.number(in: -4...4) + brief.energy * 6, 16), 127)
      let end = min(start + held, length)
      guard end - start >= min(held, Score.ticksPerTwelfth / 2) else { continue }
      notes.append(Score.Note(start: start, duration: end - start, pitch: note.pitch, velocity: velocity))
    }
    notes.sort { ($0.start, $0.pitch, $0.duration) < ($1.start, $1.pitch, $1.duration) }
    return Self.apart(notes)
  }

  /// Each note ends before its pitch is struck again.
  static func apart(_ notes: [Score.Note]) -> [Score.Note] {
    var result: [Score.Note] = []
    var open: [Int: Int] = [:]
    for note in notes {
      if let before = open[note.pitch] {
        if result[before].start == note.start {
          result[before].duration = max(result[before].duration, note.duration)
          continue
        }
        result[before].duration = min(result[before].duration, note.start - result[before].start)
      }
      open[note.pitch] = result.count
      result.append(note)
    }
    return result
  }
}
