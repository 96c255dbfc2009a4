/// The sizes of a model that its users see.
public struct ModelShape: Equatable, Sendable {
  /// Decoder layers.
  public let layers: Int
  /// Codes per code frame.
  public let codebooks: Int
  /// Routed experts per layer.
  public let routedExperts: Int
  /// Null experts per layer.
  public let nullExperts: Int
  /// Shared experts per layer.
  public let sharedExperts: Int
}
