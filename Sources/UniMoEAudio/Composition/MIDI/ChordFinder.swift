/// Finds the chords and the key of notes.
struct ChordFinder {
  /// The chord of each beat, equal neighbours joined.
  let spans: [Score.ChordSpan]
  /// The key whose profile the notes' durations match best.
  let key: MusicalKey

  init(notes unordered: [Score.Note], meters: [Score.MeterChange], length: Int) {
    let notes = unordered.sorted { $0.start < $1.start }
    key = Self.key(of: notes)
    var spans: [Score.ChordSpan] = []
    var chord: Chord?
    var silence = 0
    for (start, end) in Self.beats(meters, length: length) {
      let (weights, lowest) = Self.weights(notes, from: start, to: end)
      let sum = weights.reduce(0, +)
      if sum * 8 < end - start {
        // A short rest keeps the chord.
        silence += end - start
        if silence > 4 * Score.ticksPerQuarter { chord = nil }
      } else {
        silence = 0
        chord = Self.chord(weights, lowest: lowest, before: chord)
      }
      if let last = spans.last, last.chord == chord {
        spans[spans.count - 1].duration = end - last.start
      } else {
        spans.append(Score.ChordSpan(start: start, duration: end - start, chord: chord))
      }
    }
    self.spans = spans
  }

  private static func beats(_ meters: [Score.MeterChange], length: Int) -> [(Int, Int)] {
    var beats: [(Int, Int)] = []
    for (index, change) in meters.enumerated() {
      let next = index + 1 < meters.count ? min(meters[index + 1].tick, length) : length
      let beat = change.meter.isCompound ? 720 : max(Score.ticksPerQuarter, change.meter.ticks / change.meter.beats)
      var start = change.tick
      while start < next {
        if start + beat > 0 { beats.append((max(0, start), min(start + beat, next))) }
        start += beat
      }
    }
    return beats
  }

  /// How long each pitch class sounds between two ticks, and the class of the lowest note.
  private static func weights(_ notes: [Score.Note], from start: Int, to end: Int) -> (weights: [Int], lowest: Int) {
    var weights = [Int](repeating: 0, count: 12)
    var lowest = 128
    // Notes are few beats long for the most part; what began four bars ago has ended.
    let first = notes.partition { $0.start > start - 16 * Score.ticksPerQuarter }
    for note in notes[first...] {
      if note.start >= end { break }
      let held = min(note.end, end) - max(note.start, start)
      guard held > 0 else { continue }
      weights[note.pitch % 12] += held
      lowest = min(lowest, note.pitch)
    }
    return (weights, lowest % 12)
  }

  private static let qualities: [Chord.Quality] = [
    .major, .minor, .seventh, .minorSeventh, .majorSeventh, .diminished, .suspended, .halfDiminished,
  ]

  /// The chord that explains most of what sounds; the one before unless another is clearly better.
  private static func chord(_ weights: [Int], lowest: Int, before: Chord?) -> Chord {
    let sum = weights.reduce(0, +)
    func merit(_ chord: Chord) -> Int {
      let tones = chord.quality.intervals.map { (chord.root + $0) % 12 }
      let inside = tones.reduce(0) { $0 + weights[$1] }
      // Tones of the chord that do not sound count against it, and larger chords have to earn their tones.
      let missing = tones.prefix(3).count { weights[$0] * 20 < sum }
      return 10 * inside - 6 * (sum - inside) + 3 * weights[chord.root] - missing * sum * 2 - (tones.count - 3) * sum
        + (chord.root == lowest ? 2 * sum : 0) + (chord == before ? 2 * sum : 0)
    }
    var best = Chord(root: 0, quality: .major)
    var bestMerit = Int.min
    for root in 0..<12 {
      for quality in qualities {
        let chord = Chord(root: root, quality: quality)
        let merit = merit(chord)
        if merit > bestMerit { (best, bestMerit) = (chord, merit) }
      }
    }
    return best
  }

  /// How well each degree of the chromatic scale fits a key, by Krumhansl and Kessler's ratings (1982), in hundredths.
  private static let profiles: [(MusicalKey.Scale, [Int])] = [
    (.major, [635, 223, 348, 233, 438, 409, 252, 519, 239, 366, 229, 288]),
    (.minor, [633, 268, 352, 538, 260, 353, 254, 475, 398, 269, 334, 317]),
  ]

  private static func key(of notes: [Score.Note]) -> MusicalKey {
    var weights = [Int](repeating: 0, count: 12)
    for note in notes { weights[note.pitch % 12] += min(note.duration, 4 * Score.ticksPerQuarter) }
    var best = MusicalKey(tonic: 0, scale: .major)
    var bestMerit = Int.min
    for (scale, profile) in profiles {
      // Against the profile's mean, so that neither mode is favoured.
      let mean = profile.reduce(0, +) / 12
      for tonic in 0..<12 {
        let merit = (0..<12).reduce(0) { $0 + weights[(tonic + $1) % 12] / 16 * (profile[$1] - mean) }
        if merit > bestMerit { (best, bestMerit) = (MusicalKey(tonic: tonic, scale: scale), merit) }
      }
    }
    return best
  }
}

extension Array where Element == Score.Note {
  /// The first index of notes in order of start from which a condition holds.
  fileprivate func partition(_ holds: (Score.Note) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
