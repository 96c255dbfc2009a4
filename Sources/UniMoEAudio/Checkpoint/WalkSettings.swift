/// How long the walk through a text stays in each state (docs/plan-channels.md, "The walk").
public struct WalkSettings: Equatable, Sendable {
  /// The range of speaking rates.
  public static let speedRange: ClosedRange<Double> = 0.7...1.5

  /// Middle of the thresholds below which what is left of a state's survival ends it. Range: above 0, below 1.
  public var centre = 0.5
  /// Width of the thresholds' range: 1 draws durations as spread as the model has them, less makes them steadier.
  /// Range: 0...1.
  public var spread = 0.2
  /// Whether the chance of staying is that among the codes that may come; a little slower and clearer.
  public var isRenormalised = true
  /// Speaking rate: above 1 is faster. Pitch stays. Range: `speedRange`.
  public var speed = 1.0
  /// Divides the logits. Range: finite, above 0.
  public var temperature = 1.0
  /// The most code frames that a phoneme lasts.
  public var longestPhoneme = 30
  /// The most code frames that a pause lasts.
  public var longestPause = 60

  /// Creates settings with the defaults.
  public init() {}

  /// Throws an error that names the first value out of range.
  public func validate() throws(UniMoEError) {
    func require(_ isValid: Bool, _ field: String, _ expected: String, _ found: Any) throws(UniMoEError) {
      if !isValid { throw UniMoEError(.request, "request", field: field, expected: expected, found: "\(found)") }
    }
    let speeds = Self.speedRange
    try require(speeds.contains(speed), "speed", "\(speeds.lowerBound) to \(speeds.upperBound)", speed)
    try require(centre > 0 && centre < 1, "walk centre", "a number between 0 and 1", centre)
    try require(spread >= 0 && spread <= 1, "walk spread", "a number from 0 to 1", spread)
    try require(temperature > 0 && temperature.isFinite, "walk temperature", "a number above 0", temperature)
    try require(longestPhoneme >= 1, "longest phoneme", "at least 1 code frame", longestPhoneme)
    try require(longestPause >= 1, "longest pause", "at least 1 code frame", longestPause)
  }
}
