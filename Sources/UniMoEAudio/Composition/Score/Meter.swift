/// A time signature: how many notes of which length make a bar.
public struct Meter: Hashable, Sendable {
  /// Notes in a bar, 1 to 32.
  public let beats: Int
  /// Their length as a fraction of a whole note: 1, 2, 4, 8, 16 or 32.
  public let unit: Int

  /// Creates a time signature, or nothing where the numbers are out of range.
  public init?(beats: Int, unit: Int) {
    guard (1...32).contains(beats), [1, 2, 4, 8, 16, 32].contains(unit) else { return nil }
    (self.beats, self.unit) = (beats, unit)
  }

  private init(_ beats: Int, _ unit: Int) { (self.beats, self.unit) = (beats, unit) }

  /// Four quarter notes.
  public static let common = Meter(4, 4)
  /// Three quarter notes.
  public static let waltz = Meter(3, 4)
  /// Six eighth notes, felt as two beats of three.
  public static let sixEight = Meter(6, 8)

  /// Ticks of a bar.
  public var ticks: Int { beats * 4 * Score.ticksPerQuarter / unit }

  /// Whether the beat that one counts is a dotted quarter note.
  public var isCompound: Bool { unit == 8 && beats > 3 && beats % 3 == 0 }
}
