/// A melody over its chords, in degrees of the scale: what returns when a section does.
struct Theme: Equatable, Sendable {
  /// One note of a melody within its bar.
  struct Note: Equatable, Sendable {
    /// Twelfths of a quarter note since the bar began.
    var start: Int
    /// How long, in twelfths.
    var length: Int
    /// The degree of the scale, 0 being the tonic in the lead's middle octave.
    var degree: Int
    /// Semitones by which it is bent.
    var bend = 0
  }

  /// One bar.
  struct Bar: Equatable, Sendable {
    var chords: [RomanChord]
    var notes: [Note] = []

    /// The chord at a place, of those that share a bar of `twelfths` evenly.
    func chord(at start: Int, of twelfths: Int) -> RomanChord? {
      chords.isEmpty ? nil : chords[min(chords.count - 1, max(0, start) * chords.count / twelfths)]
    }
  }

  var bars: [Bar]
}
