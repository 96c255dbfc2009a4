import Glibc

/// Rotary position embedding: pair `(j, j + headDimension/2)` of a head turns by `position * inverseFrequencies[j]`.
///
/// The reference splits the frequencies over three axes (time, height, width; `mrope_section`). Text and audio have
/// the same position on all three, so one position per row says it all (reference semantics, section 0).
struct Rotary: Sendable {
  /// `theta^(-2j/headDimension)`, `[headDimension / 2]`.
  let inverseFrequencies: [Float]

  /// Computes the frequencies in float32, as the reference does.
  init(theta: Float, headDimension: Int) {
    inverseFrequencies = (0..<headDimension / 2).map { 1 / powf(theta, Float(2 * $0) / Float(headDimension)) }
  }

  /// Writes the cosines and sines of one position, `[headDimension / 2]` each.
  func fill(position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>) {
    for (index, frequency) in inverseFrequencies.enumerated() {
      let angle = Float(position) * frequency
      cosines[index] = cosf(angle)
      sines[index] = sinf(angle)
    }
  }
}
