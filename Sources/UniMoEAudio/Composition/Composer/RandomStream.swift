/// Random integers of a seed and a stream number: counter-based, so that a stream depends on nothing else that is drawn,
/// and in integers throughout, so that a piece is the same on every machine.
struct RandomStream: Equatable, Sendable {
  private let seed: UInt64
  private let stream: UInt32
  private var counter: UInt32 = 0

  init(seed: UInt64, stream: UInt32) { (self.seed, self.stream) = (seed, stream) }

  /// The next 32 random bits.
  mutating func next() -> UInt32 {
    defer { counter &+= 1 }
    // Streams of sampling have counters whose third word is 0.
    return CounterRandom.block(
      counter: (counter, stream, 1, 0),
      key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    ).0
  }

  /// A number in `0..<bound`.
  ///
  /// - Precondition: `bound` is positive and at most 2³².
  mutating func below(_ bound: Int) -> Int { Int((UInt64(next()) * UInt64(bound)) >> 32) }

  /// A number in a range.
  mutating func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// Whether an event of so many per cent happens.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// One of some values.
  ///
  /// - Precondition: there is at least one.
  mutating func choose<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  /// One of some values, by their weights.
  ///
  /// - Precondition: there is at least one, and the weights' sum is positive.
  mutating func choose<Value>(_ values: [(Value, weight: Int)]) -> Value {
    var left = below(values.reduce(0) { $0 + $1.weight })
    for (value, weight) in values {
      left -= weight
      if left < 0 { return value }
    }
    return values[values.count - 1].0
  }
}
