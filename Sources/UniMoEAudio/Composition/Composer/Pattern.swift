/// A rhythm written as one character a column: "x" a stroke, "X" an accent, "o" a soft one, "s" a short one, "." none;
/// in a bass line the degree of the chord ("1", "3", "5", "6", "7", "8") or "a" for a step into the next root; in
/// broken chords the tone of the chord, from 0 upwards. Blanks are for the eye.
struct Pattern: Equatable, Sendable {
  /// One stroke.
  struct Stroke: Equatable, Sendable {
    /// When, in twelfths of a quarter note since the pattern began.
    let start: Int
    /// Twelfths until the next stroke or the pattern's end.
    let length: Int
    /// What is struck.
    let symbol: Character
  }

  private let columns: [Character]

  init(_ text: String) { columns = text.filter { $0 != " " } }

  /// The strokes of one bar of `twelfths` twelfths; the second of two eighth notes comes at `offbeat` twelfths. A bar of
  /// three takes the first three beats of a pattern for four.
  func strokes(bar: Int, twelfths: Int, offbeat: Int) -> [Stroke] {
    let columns =
      twelfths == 36 && self.columns.count % 16 == 0
      ? self.columns.indices.filter { $0 % 16 < 12 }.map { self.columns[$0] } : self.columns
    let bars = max(1, columns.count * 3 / twelfths)
    guard !columns.isEmpty, twelfths * bars % columns.count == 0 else { return [] }
    let width = twelfths * bars / columns.count
    let count = columns.count / bars
    let first = bar % bars * count
    var places = (0..<count).filter { columns[first + $0] != "." }.map { ($0 * width, columns[first + $0]) }
    if width == 3 || width == 6, offbeat != 6 {
      places = places.map { place, symbol in (place % 12 == 6 ? place + offbeat - 6 : place, symbol) }
    }
    return places.indices.map { index in
      let end = index + 1 < places.count ? places[index + 1].0 : twelfths
      return Stroke(start: places[index].0, length: max(1, end - places[index].0), symbol: places[index].1)
    }
  }
}

/// What a drummer plays.
struct Groove: Sendable {
  /// One thing that is struck, and when.
  struct Line: Sendable {
    /// Key of the General MIDI drum kit.
    let key: Int
    /// The rhythm.
    let pattern: Pattern

    init(_ key: Int, _ pattern: String) { (self.key, self.pattern) = (key, Pattern(pattern)) }
  }

  /// The lines of the usual bars.
  let lines: [Line]
  /// Whether phrases end in a fill, and sections begin with a cymbal.
  let hasFills: Bool

  init(_ lines: [Line], hasFills: Bool = true) { (self.lines, self.hasFills) = (lines, hasFills) }
}

/// Keys of the General MIDI drum kit.
enum DrumKey {
  static let kick = 36
  static let stick = 37
  static let snare = 38
  static let clap = 39
  static let lowTom = 45
  static let hat = 42
  static let pedal = 44
  static let openHat = 46
  static let middleTom = 47
  static let crash = 49
  static let highTom = 50
  static let ride = 51
  static let tambourine = 54
  static let cowbell = 56
  static let highBongo = 60
  static let lowBongo = 61
  static let highConga = 63
  static let lowConga = 64
  static let shaker = 70
  static let claves = 75
  static let triangle = 81
}
