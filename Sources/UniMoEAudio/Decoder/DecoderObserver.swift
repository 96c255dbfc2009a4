/// Looks into a forward pass. Nothing is computed or copied for it when nobody looks.
///
/// Rows are those of the pass, in the order of its slots. Pointers are valid during the call. Calls come on the
/// thread that runs the pass.
protocol DecoderObserver: AnyObject {
  /// The input of a layer, `[rows, hidden]`; layer 0 sees the embeddings.
  func layer(_ layer: Int, received input: UnsafeBufferPointer<Float>)
  /// What attention adds to the residual stream, `[rows, hidden]`.
  func layer(_ layer: Int, attended output: UnsafeBufferPointer<Float>)
  /// The routing of one row.
  func layer(_ layer: Int, row: Int, routed routing: Routing)
  /// What the experts add to the residual stream, `[rows, hidden]`.
  func layer(_ layer: Int, mixed output: UnsafeBufferPointer<Float>)
}

/// The routing of one row in one layer, experts in the order routed, null, shared.
struct Routing {
  /// Router logits, `[experts]`.
  let logits: UnsafeBufferPointer<Float>
  /// The weight of each expert, `[experts]`, 0 where not chosen.
  let weights: UnsafeBufferPointer<Float>
  /// Whether each expert was chosen, `[experts]`.
  let isChosen: UnsafeBufferPointer<Bool>
  /// How many routed and null experts the rule asked for.
  let capacity: Int
}

extension DecoderObserver {
  func layer(_ layer: Int, received input: UnsafeBufferPointer<Float>) {}
  func layer(_ layer: Int, attended output: UnsafeBufferPointer<Float>) {}
  func layer(_ layer: Int, row: Int, routed routing: Routing) {}
  func layer(_ layer: Int, mixed output: UnsafeBufferPointer<Float>) {}
}
