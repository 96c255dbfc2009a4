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

  /// A fixed number of seconds instead of the rule above.
  let fixed: Double?

  /// The seconds of sound that have to be ready before playing may begin.
  ///
  /// - Parameters:
  ///   - produced: Seconds produced so far.
  ///   - expected: Seconds that the request gives at the most.
  ///   - speed: The speed of the rest; `nil` if nothing is known.
  func required(produced: Double, expected: Double, speed: Double?) -> Double {
    if let fixed { return min(fixed, expected) }
    guard let speed else { return expected }
    return min(expected, Self.cushion(remaining: expected - produced, speed: speed))
  }

  /// The seconds of sound that carry a stream to its end while the rest is made at a speed.
  static func cushion(remaining: Double, speed: Double) -> Double {
    margin + max(0, remaining) * max(0, caution / speed - 1)
  }
}
