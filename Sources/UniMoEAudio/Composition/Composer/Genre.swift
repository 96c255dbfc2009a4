/// How a genre, or a style of one, is played: who plays it, how fast, on which chords and in which rhythms.
struct Genre: Sendable {
  /// How a piece ends.
  enum Ending: Sendable {
    /// On a held chord.
    case held
    /// On a short one.
    case hit
  }

  /// Forms that a piece may have.
  enum Form: String, Sendable, CaseIterable {
    /// Two verses, a bridge, a verse: AABA.
    case song
    /// Verse and refrain in turn, with a bridge before the last: ABAB CB.
    case refrain
    /// A theme that returns between others: ABACA.
    case rondo
    /// Each part twice: AABB.
    case binary
    /// A theme and what can be made of it.
    case variations
    /// Twelve bars on three chords, again and again.
    case blues
    /// A second voice follows the first over the same chords.
    case round
    /// Few chords that go on, with a break.
    case loop
  }

  /// What it counts as: one of the training's classes.
  let name: String
  /// The style within it; the same as the name where there is one only.
  let style: String
  /// How captions call it.
  let words: [String]
  /// Instruments in front, behind the melody, and below.
  let leads: [String]
  let backings: [String]
  let basses: [String]
  /// Quarter notes a minute, dotted ones in a compound metre.
  let tempi: ClosedRange<Int>
  let meter: Meter
  /// Scales and how often each is taken.
  let scales: [(MusicalKey.Scale, weight: Int)]
  /// Where the second of two eighth notes comes, in twelfths of a beat: 6 straight, 7 lightly swung, 8 swung.
  let offbeat: Int
  let major: Harmony
  let minor: Harmony
  let rhythm: MelodyRhythm
  /// Rhythms of the chords; those after the first are for contrasting sections too.
  let comping: [Pattern]
  /// Rhythms of the bass; none: a walking bass.
  let bass: [Pattern]
  /// Drum patterns; none: the genre has no drums of its own.
  let grooves: [Groove]
  let forms: [Form]
  /// How far players stray from the grid, in milliseconds either way: 0 to 9.
  let looseness: Int
  let ending: Ending
  /// How often a piece slows down at its end, in per cent.
  let slowsDown: Int
  /// How much of its length a melody note is held, in per cent.
  let articulation: Int

  init(
    _ name: String, _ style: String? = nil, words: [String], leads: [String], backings: [String], basses: [String],
    tempi: ClosedRange<Int>, meter: Meter = .common, scales: [(MusicalKey.Scale, weight: Int)], offbeat: Int = 6,
    harmony: (major: Harmony, minor: Harmony), rhythm: MelodyRhythm, comping: [String], bass: [String],
    grooves: [Groove], forms: [Form], looseness: Int = 5, ending: Ending = .held, slowsDown: Int = 0,
    articulation: Int = 92
  ) {
    (self.name, self.style, self.words) = (name, style ?? name, words)
    (self.leads, self.backings, self.basses) = (leads, backings, basses)
    (self.tempi, self.meter, self.scales, self.offbeat) = (tempi, meter, scales, offbeat)
    (self.major, self.minor, self.rhythm) = (harmony.major, harmony.minor, rhythm)
    self.comping = comping.map { Pattern($0) }
    self.bass = bass.map { Pattern($0) }
    (self.grooves, self.forms, self.looseness) = (grooves, forms, looseness)
    (self.ending, self.slowsDown, self.articulation) = (ending, slowsDown, articulation)
  }

  /// The styles of a genre, or the one style of that name.
  static func styles(of name: String) -> [Genre] {
    let exact = all.filter { $0.style == name && $0.style != $0.name }
    return exact.isEmpty ? all.filter { $0.name == name } : exact
  }

  /// Every style.
  static let all: [Genre] = popular + dance + swinging + old + quiet
}
