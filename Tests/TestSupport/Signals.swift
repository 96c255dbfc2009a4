import Glibc

/// Values in -1...1 that depend on the seed alone.
package func pseudoRandom(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
}

/// The text of the error that a body throws; `nil` if it throws none.
package func errorText(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// A sine of one amplitude.
package func sine(_ frequency: Double, seconds: Double, rate: Int, amplitude: Double = 0.5) -> [Float] {
  (0..<Int(seconds * Double(rate))).map { index in
    Float(amplitude * sin(2 * Double.pi * frequency * Double(index) / Double(rate)))
  }
}
