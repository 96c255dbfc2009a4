import Glibc

/// Resamples voice prompts exactly as the reference's application does: torchaudio's default windowed-sinc resampler.
///
/// Source: torchaudio.functional.resample (sinc_interp_hann, lowpass_filter_width 6, rolloff 0.99).
enum PromptResampler {
  /// Zero crossings of the kernel on each side.
  private static let zeroCrossings = 6.0
  /// Cut-off as a share of the lower rate's Nyquist frequency.
  private static let rolloff = 0.99

  /// Returns mono samples at another rate; their count is `ceil(count * target / source)`.
  ///
  /// One phase of the kernel is in memory at a time, so odd rates cost no more memory than even ones. Throws
  /// `UniMoEError` of kind `audio` for rates outside `AudioFile.sampleRates`, and `cancelled`. Thread: any.
  static func resample(
    _ samples: [Float], from source: Int, to target: Int, cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) -> [Float] {
    for rate in [source, target] where !AudioFile.sampleRates.contains(rate) {
      let range = AudioFile.sampleRates
      throw UniMoEError(
        .audio, "resampler", field: "sample rate", expected: "\(range.lowerBound) to \(range.upperBound) Hz",
        found: "\(rate)")
    }
    if source == target || samples.isEmpty { return samples }
    let divisor = greatestCommonDivisor(source, target)
    let (inputs, outputs) = (source / divisor, target / divisor)
    let count = outputCount(samples.count, from: inputs, to: outputs)
    var result = [Float](repeating: 0, count: count)
    for phase in 0..<min(outputs, count) {
      try cancellation.check()
      let kernel = PhaseKernel(phase: phase, inputs: inputs, outputs: outputs)
      var (position, output) = (kernel.start, phase)
      while output < count {
        result[output] = kernel.product(with: samples, at: position)
        position += inputs
        output += outputs
      }
    }
    return result
  }

  /// `ceil(count * target / source)`.
  static func outputCount(_ count: Int, from source: Int, to target: Int) -> Int {
    let product = count.multipliedFullWidth(by: target)
    let (quotient, remainder) = source.dividingFullWidth(product)
    return remainder == 0 ? quotient : quotient + 1
  }

  static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }

  /// The weights that one phase gives to the input samples around its place; only those inside the window.
  private struct PhaseKernel {
    /// Index of the first weight's sample, for block 0.
    let start: Int
    let weights: [Float]

    init(phase: Int, inputs: Int, outputs: Int) {
      let base = rolloff * Double(min(inputs, outputs))
      let width = Int((zeroCrossings * Double(inputs) / base).rounded(.up))
      let center = Double(phase) / Double(outputs)
      // The reference has weights from -width to width + inputs; outside the window they are zero.
      let reach = zeroCrossings / base
      let first = max(-width, Int(((center - reach) * Double(inputs)).rounded(.down)))
      let last = min(width + inputs - 1, Int(((center + reach) * Double(inputs)).rounded(.up)))
      start = first
      weights = (first...last).map { index in
        let time = (Double(index) / Double(inputs) - center) * base
        if abs(time) >= zeroCrossings { return 0 }
        let window = cos(Double.pi * time / (2 * zeroCrossings))
        let sinc = time == 0 ? 1 : sin(Double.pi * time) / (Double.pi * time)
        return Float(sinc * window * window * base / Double(inputs))
      }
    }

    /// The weighted sum of the samples from `position` on; there is silence before and after them.
    func product(with samples: [Float], at position: Int) -> Float {
      let from = max(0, -position)
      let to = min(weights.count, samples.count - position)
      var sum = 0.0
      for tap in stride(from: from, to: to, by: 1) { sum += Double(weights[tap]) * Double(samples[position + tap]) }
      return Float(sum)
    }
  }
}
