import Synchronization

/// How long the process callback took, as a histogram with eight buckets to the octave: within 13 %.
public struct CycleCosts: Sendable {
  static let bucketCount = 256
  private static let firstOctave = 6

  /// Cycles counted.
  public let cycles: Int
  private let counts: [Int]

  init(_ costs: UnsafeMutablePointer<Atomic<Int>>) {
    counts = (0..<Self.bucketCount).map { costs[$0].load(ordering: .relaxed) }
    cycles = counts.reduce(0, +)
  }

  /// The bucket of a duration. Audio thread.
  @_noLocks @_noAllocation
  static func bucket(nanoseconds: Int) -> Int {
    guard nanoseconds >= 1 << firstOctave else { return 0 }
    let octave = Int.bitWidth &- 1 &- nanoseconds.leadingZeroBitCount
    let bucket = (octave &- firstOctave) &* 8 &+ (nanoseconds &>> (octave &- 3)) & 7
    return bucket < bucketCount ? bucket : bucketCount &- 1
  }

  /// Microseconds that the given share (`0...1`) of all cycles did not exceed: the upper edge of a bucket. 0 if no
  /// cycle was counted.
  public func microseconds(share: Double) -> Double {
    guard cycles > 0 else { return 0 }
    var below = 0
    for (bucket, count) in counts.enumerated() {
      below += count
      if Double(below) >= share * Double(cycles) {
        let octave = bucket / 8 + Self.firstOctave
        return Double((bucket % 8 + 9) << (octave - 3)) / 1000
      }
    }
    return 0
  }
}
