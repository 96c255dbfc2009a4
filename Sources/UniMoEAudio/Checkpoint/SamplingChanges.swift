/// What a request changes of a model's sampling rule; `nil` leaves a value as the model has it.
public struct SamplingChanges: Equatable, Sendable {
  /// Guidance scale.
  public var guidanceScale: Float?
  /// Whether codes are drawn at random.
  public var isRandom: Bool?
  /// Temperature.
  public var temperature: Float?
  /// Keeps the k likeliest codes; 0 keeps all.
  public var topK: Int?
  /// Keeps the likeliest codes until their probabilities exceed this sum.
  public var topP: Float?
  /// Factor on the end-of-sequence logit.
  public var endFactor: Float?

  /// Creates changes.
  public init(
    guidanceScale: Float? = nil, isRandom: Bool? = nil, temperature: Float? = nil, topK: Int? = nil,
    topP: Float? = nil, endFactor: Float? = nil
  ) {
    self.guidanceScale = guidanceScale
    self.isRandom = isRandom
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.endFactor = endFactor
  }

  /// The rule with the changes made.
  public func applied(to sampling: Sampling) -> Sampling {
    Sampling(
      guidanceScale: guidanceScale ?? sampling.guidanceScale, isRandom: isRandom ?? sampling.isRandom,
      temperature: temperature ?? sampling.temperature, topK: topK.map { $0 == 0 ? nil : $0 } ?? sampling.topK,
      topP: topP ?? sampling.topP, endFactor: endFactor ?? sampling.endFactor)
  }
}
