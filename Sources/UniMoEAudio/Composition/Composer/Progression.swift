/// Chords of some bars.
struct Progression: Equatable, Sendable {
  /// The chords of each bar, which share it evenly.
  var bars: [[RomanChord]]

  init(bars: [[RomanChord]]) { self.bars = bars }

  /// Reads numerals: bars apart by spaces, chords of one bar by commas. What is no numeral is left out; a test reads
  /// every table.
  init(_ text: String) {
    bars = text.split(separator: " ").map { bar in bar.split(separator: ",").compactMap { RomanChord($0) } }
  }

  /// As many bars as asked: the first ones of a longer progression up to its end's last bar, a shorter one again.
  func fitted(to count: Int) -> Progression {
    guard count > 0, let last = bars.last else { return Progression(bars: []) }
    if count <= bars.count { return Progression(bars: Array(bars[..<(count - 1)]) + [last]) }
    let more = (0..<(count - bars.count)).map { bars[$0 % bars.count] }
    return Progression(bars: more + bars)
  }
}

/// The progressions of a genre, for phrases of four bars.
struct Harmony: Sendable {
  /// Phrases that end open, on a chord that wants to go on.
  let open: [Progression]
  /// Phrases that end on the tonic.
  let closed: [Progression]
  /// Open phrases of a contrasting section.
  let bridge: [Progression]

  init(open: [String], closed: [String], bridge: [String]) {
    self.open = open.map { Progression($0) }
    self.closed = closed.map { Progression($0) }
    self.bridge = bridge.map { Progression($0) }
  }

  var all: [Progression] { open + closed + bridge }
}
