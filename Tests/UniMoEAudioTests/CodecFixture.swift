import Foundation

@testable import UniMoEAudio

/// The codec of the reference fixtures and what its tests share.
enum CodecFixture {
  /// Opens the codec.
  static func open() throws -> Codec { try Codec(directory: ReferenceFixtures.codec) }

  /// Codes of a fixture array `[codebooks, codeFrames]` in time order.
  static func codes(_ arrays: FixtureArrays, _ name: String) throws -> Codes {
    let shape = try arrays.shape(name)
    return Codes(
      codebooks: shape[0], values: transposed(try arrays.integers(name), rows: shape[0], columns: shape[1]))
  }

  /// `[rows, columns]` as `[columns, rows]`.
  static func transposed<Number>(_ values: [Number], rows: Int, columns: Int) -> [Number] {
    (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }

  /// Reproducible codes.
  static func randomCodes(_ codec: Codec, frames: Int, seed: UInt64) -> Codes {
    var generator = SplitMix(state: seed)
    return Codes(
      codebooks: codec.codebooks,
      values: (0..<frames * codec.codebooks).map { _ in
        Int32.random(in: 0..<Int32(codec.codebookSize), using: &generator)
      })
  }

  /// Signal to noise ratio in dB.
  static func ratio(_ signal: [Float], of expected: [Float]) -> Double {
    guard signal.count == expected.count else { return -.infinity }
    var (power, noise) = (0.0, 0.0)
    for (value, right) in zip(signal, expected) {
      power += Double(right) * Double(right)
      noise += (Double(value) - Double(right)) * (Double(value) - Double(right))
    }
    return noise == 0 ? .infinity : 10 * log10(power / noise)
  }
}

/// A small generator of reproducible numbers (Steele et al., SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Collects what the codec's modules put out, `[rows, width]` by module path.
final class TapRecorder {
  private(set) var outputs: [String: (rows: [Float], width: Int)] = [:]
  private var order: [String] = []

  func record(_ module: String, _ rows: UnsafePointer<Float>, _ count: Int, _ width: Int) {
    if outputs[module] == nil {
      outputs[module] = ([], width)
      order.append(module)
    }
    outputs[module]?.rows += UnsafeBufferPointer(start: rows, count: count * width)
  }

  /// The output of a module: its own, or that of the last module inside it; `[width, rows]` as fixtures have it.
  func output(_ module: String) -> [Float]? {
    let name = order.last { $0 == module || $0.hasPrefix(module + ".") }
    guard let name, let output = outputs[name], output.width > 0 else { return nil }
    return CodecFixture.transposed(output.rows, rows: output.rows.count / output.width, columns: output.width)
  }
}
