/// Decides how much sound must be ready before the first sample may be played, so that playing never overtakes
/// generation.
///
/// With speed `v` (seconds of sound per second of work) and `r` seconds still to come, playing what is ready lasts
/// longer than the rest takes if `ready >= r (1/v - 1)`; a margin covers the bursts in which the codec gives its
/// samples and the unevenness of a busy machine.
struct StartGate: Sendable {
  /// Seconds of sound that are always waited for: two of the largest bursts of the codec.
  static let margin = 0.7
  /// The share by which the speed may fall after the gate has opened.
  static let caution = 1.2
  /// Seconds of sound before a measured speed counts.
  static let measuredAfter = 0.15

  /// A fixed number of seconds instead of the rule above.
  let fixed: Double?
  /// The speed that was expected at the start, from earlier requests; `nil` before the first.
  let predictedSpeed: Double?

  /// The seconds of sound that have to be ready.
  ///
  /// - Parameters:
  ///   - produced: Seconds produced so far.
  ///   - elapsed: Seconds of work since the first step.
  ///   - expected: Seconds that the request gives at the most.
  func required(produced: Double, elapsed: Double, expected: Double) -> Double {
    if let fixed { return min(fixed, expected) }
    let remaining = max(0, expected - produced)
    guard let speed = speed(produced: produced, elapsed: elapsed) else { return expected }
    return min(expected, Self.margin + Self.caution * remaining * max(0, 1 / speed - 1 / Self.caution))
  }

  /// Whether playing may begin.
  func isOpen(produced: Double, elapsed: Double, expected: Double) -> Bool {
    produced >= required(produced: produced, elapsed: elapsed, expected: expected)
  }

  private func speed(produced: Double, elapsed: Double) -> Double? {
    guard produced >= Self.measuredAfter, elapsed > 0 else { return predictedSpeed }
    return produced / elapsed
  }
}
