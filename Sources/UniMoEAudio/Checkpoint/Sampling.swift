/// How codes are drawn from the decoder's logits (reference semantics, section c).
public struct Sampling: Equatable, Sendable {
  /// Guidance scale `g`: logits are `c + g (c - u)` of the conditional and the unconditional stream; 0 leaves the
  /// unconditional stream out. Range: finite, at least 0.
  public var guidanceScale: Float
  /// Whether codes are drawn at random; otherwise the likeliest code is taken and nothing below applies.
  public var isRandom: Bool
  /// Divides the logits; 0 takes the likeliest code. Range: finite, at least 0.
  public var temperature: Float
  /// Keeps the k likeliest codes; `nil` keeps all. Range: at least 1.
  public var topK: Int?
  /// Keeps the likeliest codes until their probabilities exceed this sum. Range: 0...1, 1 keeps all.
  public var topP: Float
  /// Multiplies the end-of-sequence logit of the first codebook. Range: finite, at least 0.
  public var endFactor: Float

  /// Creates a sampling rule.
  public init(
    guidanceScale: Float, isRandom: Bool = true, temperature: Float = 1, topK: Int? = 45, topP: Float = 1,
    endFactor: Float = 1
  ) {
    self.guidanceScale = guidanceScale
    self.isRandom = isRandom
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.endFactor = endFactor
  }

  /// Throws an error that names the first value out of range.
  public func validate() throws(UniMoEError) {
    func require(_ isValid: Bool, _ field: String, _ expected: String, _ found: Any) throws(UniMoEError) {
      if !isValid { throw UniMoEError(.request, "sampling", field: field, expected: expected, found: "\(found)") }
    }
    try require(guidanceScale.isFinite && guidanceScale >= 0, "guidance scale", "a number of at least 0", guidanceScale)
    try require(temperature.isFinite && temperature >= 0, "temperature", "a number of at least 0", temperature)
    try require((topK ?? 1) >= 1, "top-k", "at least 1", topK ?? 0)
    try require(topP >= 0 && topP <= 1, "top-p", "a number from 0 to 1", topP)
    try require(endFactor.isFinite && endFactor >= 0, "end factor", "a number of at least 0", endFactor)
  }
}
