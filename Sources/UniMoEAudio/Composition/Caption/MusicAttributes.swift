/// What a caption asks of a piece of music; what it does not say is left open.
public struct MusicAttributes: Equatable, Sendable {
  /// What the lead plays.
  public enum Style: String, Sendable, CaseIterable {
    case melody
    case chords
    case arpeggio
    case bassLine = "bass line"
    case drums
  }

  /// How the tempo changes within the piece.
  public enum TempoChange: String, Sendable, CaseIterable {
    case faster
    case slower
  }

  /// Beats a minute, as a number or as the middle of what a word means: 20 to 300.
  public var bpm: Int?
  /// What a word for the tempo allows.
  public var tempi: ClosedRange<Int>?
  /// How the tempo changes.
  public var tempoChange: TempoChange?
  /// The pitch class of the tonic, C being 0.
  public var tonic: Int?
  /// Major or minor, by its name or by the mood.
  public var mode: MusicalKey.Mode?
  /// The scale, where one of the old modes is named.
  public var scale: MusicalKey.Scale?
  /// The time signature.
  public var meter: Meter?
  /// The genre.
  public var genre: String?
  /// The style within the genre.
  public var style: String?
  /// Seconds of music.
  public var seconds: Double?
  /// Bars of music.
  public var bars: Int?
  /// Names of instruments, `drums` and `bass` among them, in the order in which they are named.
  public var instruments: [String] = []
  /// Names of those that are not wanted.
  public var without: [String] = []
  /// Whether one instrument plays alone.
  public var isSolo = false
  /// What the lead plays.
  public var leadStyle: Style?
  /// Whether eighth notes are swung.
  public var isSwung: Bool?
  /// The form, by one of `Genre.Form`'s names.
  public var form: String?
  /// Words for the mood, as they were understood.
  public var moods: [String] = []
  /// What was not understood.
  public var rest = ""

  /// Attributes that say nothing.
  public init() {}
}
