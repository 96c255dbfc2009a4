/// The key of a piece.
public struct MusicalKey: Hashable, Sendable {
  /// Major or minor.
  public enum Mode: String, Sendable, CaseIterable {
    case major
    case minor
  }

  /// A scale: major, natural minor, or one of the old modes. Its third makes it major or minor.
  public enum Scale: String, Sendable, CaseIterable {
    case major
    case minor
    case dorian
    case mixolydian
    case lydian
    case phrygian

    /// Semitones of its seven degrees above the tonic.
    public var steps: [Int] {
      switch self {
      case .major: [0, 2, 4, 5, 7, 9, 11]
      case .minor: [0, 2, 3, 5, 7, 8, 10]
      case .dorian: [0, 2, 3, 5, 7, 9, 10]
      case .mixolydian: [0, 2, 4, 5, 7, 9, 10]
      case .lydian: [0, 2, 4, 6, 7, 9, 11]
      case .phrygian: [0, 1, 3, 5, 7, 8, 10]
      }
    }

    /// Major or minor, by its third.
    public var mode: Mode { steps[2] == 4 ? .major : .minor }
  }

  /// The pitch class of the tonic, C being 0.
  public var tonic: Int
  /// The scale.
  public var scale: Scale

  /// Creates a key.
  public init(tonic: Int, scale: Scale) { (self.tonic, self.scale) = (tonic, scale) }

  /// Major or minor.
  public var mode: Mode { scale.mode }

  /// Names of the tonics, by pitch class.
  public static let tonics = [
    "C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B",
  ]

  /// As one says it: "E flat minor", "D dorian".
  public var name: String { "\(Self.tonics[tonic]) \(scale.rawValue)" }

  /// Sharps of the key signature, negative for flats: that of the major or minor key on its tonic, -5 to 6.
  public var sharps: Int {
    // The relative major's place in the circle of fifths.
    let fifths = (tonic + (mode == .minor ? 3 : 0)) * 7 % 12
    return fifths > 6 ? fifths - 12 : fifths
  }

  /// The key of a MIDI key signature, or nothing where it is out of range.
  init?(sharps: Int, isMinor: Bool) {
    guard (-7...7).contains(sharps) else { return nil }
    let tonic = ((sharps * 7 % 12) + 12 + (isMinor ? 9 : 0)) % 12
    self.init(tonic: tonic, scale: isMinor ? .minor : .major)
  }
}
