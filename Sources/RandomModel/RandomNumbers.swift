import UniMoEAudio

/// A stream of random numbers as they lie in a weight file: SplitMix64 (Steele, Lea, Flood 2014), two numbers a draw.
struct RandomNumbers {
  /// What is drawn.
  enum Fill {
    /// Always the same.
    case constant(Float)
    /// Evenly distributed around 0 with this standard deviation.
    case uniform(deviation: Float)
  }

  private var state: UInt64
  private let fill: Fill

  /// Starts the stream of a seed and a key; streams of different keys do not meet.
  init(seed: UInt64, key: UInt64, fill: Fill) {
    state = Self.mix(seed &+ Self.mix(key &+ 0x9e37_79b9_7f4a_7c15))
    self.fill = fill
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The next bytes: numbers of a type, f32 or bf16.
  ///
  /// - Precondition: `count` is a multiple of the type's size.
  mutating func bytes(_ count: Int, as type: ElementType) -> [UInt8] {
    precondition(type == .f32 || type == .bf16, "weights are f32 or bf16")
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      if type == .f32 {
        write(count / 4, as: UInt32.self, to: raw) { $0.bitPattern }
      } else {
        write(count / 2, as: UInt16.self, to: raw) { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) }
      }
      initialized = count
    }
  }

  private mutating func write<Stored: FixedWidthInteger>(
    _ count: Int, as type: Stored.Type, to raw: UnsafeMutableRawBufferPointer, store: (Float) -> Stored
  ) {
    let size = MemoryLayout<Stored>.size
    switch fill {
    case .constant(let value):
      for index in 0..<count { raw.storeBytes(of: store(value), toByteOffset: index * size, as: type) }
    case .uniform(let deviation):
      // 24 random bits each; the factor maps them to a range of ±deviation·√3.
      let factor = deviation * Float(3).squareRoot() / Float(1 << 23)
      for index in stride(from: 0, to: count, by: 2) {
        state &+= 0x9e37_79b9_7f4a_7c15
        let bits = Self.mix(state)
        let first = Float(Int32(truncatingIfNeeded: bits & 0xff_ffff) - (1 << 23)) * factor
        raw.storeBytes(of: store(first), toByteOffset: index * size, as: type)
        if index + 1 < count {
          let second = Float(Int32(truncatingIfNeeded: (bits >> 40) & 0xff_ffff) - (1 << 23)) * factor
          raw.storeBytes(of: store(second), toByteOffset: (index + 1) * size, as: type)
        }
      }
    }
  }
}
