/// Counter-based random numbers (Philox 4x32 with 10 rounds; Salmon et al., "Parallel random numbers: as easy as 1, 2,
/// 3", SC11): each number is a function of its key and counter alone, so that a draw depends neither on threads nor on
/// what else is drawn.
struct CounterRandom: Sendable {
  private let key: (UInt32, UInt32)

  /// Random numbers of a seed.
  init(seed: UInt64) { key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)) }

  /// A number in 0..<1 with 53 random bits, for one code frame and codebook.
  func uniform(codeFrame: Int, codebook: Int) -> Double {
    let block = Self.block(
      counter: (UInt32(truncatingIfNeeded: codeFrame), UInt32(truncatingIfNeeded: codebook), 0, 0), key: key)
    return Self.uniform(block.0, block.1)
  }

  /// Two numbers in 0..<1 with 53 random bits each, for one code frame and plan channel.
  func planUniforms(codeFrame: Int, channel: Int) -> (first: Double, second: Double) {
    let block = Self.block(
      counter: (UInt32(truncatingIfNeeded: codeFrame), UInt32(truncatingIfNeeded: channel), 1, 0), key: key)
    return (Self.uniform(block.0, block.1), Self.uniform(block.2, block.3))
  }

  private static func uniform(_ high: UInt32, _ low: UInt32) -> Double {
    Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
  }

  /// One block of the generator.
  static func block(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var counter = counter
    var key = key
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(counter.0)
      let second = UInt64(0xCD9E_8D57) * UInt64(counter.2)
      counter = (
        UInt32(truncatingIfNeeded: second >> 32) ^ counter.1 ^ key.0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ counter.3 ^ key.1, UInt32(truncatingIfNeeded: first)
      )
      key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
    }
    return counter
  }
}
