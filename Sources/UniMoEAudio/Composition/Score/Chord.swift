/// A chord: what sounds on which root.
public struct Chord: Hashable, Sendable {
  /// A kind of chord, by the name that follows its root.
  public enum Quality: String, Sendable, CaseIterable {
    case major = ""
    case minor = "m"
    case diminished = "dim"
    case augmented = "aug"
    case power = "5"
    case suspended = "sus4"
    case suspendedSecond = "sus2"
    case sixth = "6"
    case minorSixth = "m6"
    case seventh = "7"
    case majorSeventh = "maj7"
    case minorSeventh = "m7"
    case halfDiminished = "m7b5"
    case diminishedSeventh = "dim7"
    case suspendedSeventh = "7sus4"
    case added = "add9"
    case ninth = "9"
    case majorNinth = "maj9"
    case minorNinth = "m9"

    /// Semitones of its tones above the root, root first.
    public var intervals: [Int] {
      switch self {
      case .major: [0, 4, 7]
      case .minor: [0, 3, 7]
      case .diminished: [0, 3, 6]
      case .augmented: [0, 4, 8]
      case .power: [0, 7]
      case .suspended: [0, 5, 7]
      case .suspendedSecond: [0, 2, 7]
      case .sixth: [0, 4, 7, 9]
      case .minorSixth: [0, 3, 7, 9]
      case .seventh: [0, 4, 7, 10]
      case .majorSeventh: [0, 4, 7, 11]
      case .minorSeventh: [0, 3, 7, 10]
      case .halfDiminished: [0, 3, 6, 10]
      case .diminishedSeventh: [0, 3, 6, 9]
      case .suspendedSeventh: [0, 5, 7, 10]
      case .added: [0, 4, 7, 14]
      case .ninth: [0, 4, 7, 10, 14]
      case .majorNinth: [0, 4, 7, 11, 14]
      case .minorNinth: [0, 3, 7, 10, 14]
      }
    }

    /// Whether its third is minor.
    public var isMinor: Bool { intervals.contains(3) }
  }

  /// The pitch class of the root.
  public var root: Int
  /// The kind.
  public var quality: Quality

  /// Creates a chord.
  public init(root: Int, quality: Quality) { (self.root, self.quality) = (root, quality) }

  /// As lead sheets write it: "Ebm7".
  public var symbol: String {
    ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"][root] + quality.rawValue
  }
}
