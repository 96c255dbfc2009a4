/// Which experts each code frame of a request used (the conditional stream's decoder steps).
public struct RouteTrace: Equatable, Sendable {
  /// How many decoder layers were recorded.
  public let layers: Int
  /// Routed experts per layer; expert columns are routed, then null, then shared.
  public let routedExperts: Int
  /// Null experts per layer.
  public let nullExperts: Int
  /// Shared experts per layer.
  public let sharedExperts: Int
  /// How many decoder steps were recorded.
  public private(set) var steps = 0
  /// Weight of each expert, 0 where it was not chosen: `[steps, layers, experts]`.
  public private(set) var weights: [Float] = []
  /// Whether each expert was chosen: `[steps, layers, experts]`.
  public private(set) var isChosen: [Bool] = []

  /// Experts per layer of all kinds.
  public var experts: Int { routedExperts + nullExperts + sharedExperts }

  /// Creates an empty trace.
  public init(layers: Int, routedExperts: Int, nullExperts: Int, sharedExperts: Int) {
    self.layers = layers
    self.routedExperts = routedExperts
    self.nullExperts = nullExperts
    self.sharedExperts = sharedExperts
  }

  /// Appends one step.
  ///
  /// - Precondition: both arrays have `layers * experts` elements.
  mutating func append(weights: [Float], isChosen: [Bool]) {
    precondition(weights.count == layers * experts && isChosen.count == layers * experts)
    self.weights += weights
    self.isChosen += isChosen
    steps += 1
  }
}
