/// Notes as they are written, on the grid of twelfths, before they are performed.
struct Draft: Equatable, Sendable {
  /// One note.
  struct Note: Equatable, Sendable {
    /// Twelfths of a quarter note since the piece began.
    var start: Int
    /// How long it is written, in twelfths.
    var length: Int
    var pitch: Int
    var velocity: Int
    /// How much of its length it is held, in per cent.
    var articulation: Int
    /// Milliseconds by which it comes later than the first of its stroke.
    var spread = 0
  }

  var notes: [Score.Role: [Note]] = [:]

  mutating func add(_ note: Note, to role: Score.Role) { notes[role, default: []].append(note) }
}

/// One bar that players play from: where it lies, its chords, and what the next bar begins with.
struct BarPlan: Equatable, Sendable {
  /// Its number in the piece.
  let number: Int
  /// Its first twelfth in the piece.
  let start: Int
  /// Its length in twelfths.
  let twelfths: Int
  /// Its chords, which share it evenly.
  let chords: [RomanChord]
  /// The first chord of the next bar.
  let next: RomanChord
  /// The place in the section, and how many bars that has.
  let place: Int
  let count: Int
  let section: FormPlan.Section
  /// Loudness that the section adds to every velocity.
  let dynamics: Int

  /// Whether the piece ends with this bar.
  var isLast: Bool { section.isLast && place == count - 1 }

  /// The chords and when each begins and ends, in twelfths of the bar.
  var spans: [(chord: RomanChord, start: Int, end: Int)] {
    chords.enumerated().map { index, chord in
      (chord, twelfths * index / chords.count, twelfths * (index + 1) / chords.count)
    }
  }
}
