/// Norms and biases, widened to float32 at load: a few kilobytes per layer.
typealias Vector = [Float]

/// One SiLU-gated feed-forward network: `down(silu(gate x) * up x)`, no biases.
struct FeedForwardWeights: Sendable {
  let gate: Matrix  // [width, hidden]
  let up: Matrix  // [width, hidden]
  let down: Matrix  // [hidden, width]
}

/// The weights of one decoder layer.
struct DecoderLayerWeights: Sendable {
  let attentionNorm: Vector  // [hidden]
  let query: Matrix  // [heads * headDimension, hidden]
  let queryBias: Vector
  let key: Matrix  // [kvHeads * headDimension, hidden]
  let keyBias: Vector
  let value: Matrix  // [kvHeads * headDimension, hidden]
  let valueBias: Vector
  let output: Matrix  // [hidden, heads * headDimension]
  let expertNorm: Vector  // [hidden]
  let router: Matrix  // [routed + null + shared, hidden]
  let routed: [FeedForwardWeights]
  let shared: [FeedForwardWeights]
}

/// All weights that generation reads, as they lie in the checkpoint (reference semantics, section f).
struct DecoderWeights: Sendable {
  let tokenEmbedding: Matrix  // [vocabulary, hidden]
  let codeEmbeddings: [Matrix]  // per codebook [codeVocabulary, hidden]
  let layers: [DecoderLayerWeights]
  let finalNorm: Vector  // [hidden]
  let codeHead: Matrix  // [codebooks * codeVocabulary, hidden]
  let planEmbeddings: [Matrix]  // per plan channel [its rows, hidden]; none without a plan
  let planHead: Matrix?  // [rows of all heads, hidden]

  /// Takes the weights from a checkpoint; every shape is checked against the configuration.
  init(_ checkpoint: Checkpoint) throws(UniMoEError) {
    let configuration = checkpoint.configuration
    let tensors = checkpoint.tensors
    let entries = OuterTensors(configuration)
    tokenEmbedding = try tensors.matrix(entries.tokenEmbedding)
    codeEmbeddings = try entries.codeEmbeddings.map { (entry) throws(UniMoEError) in try tensors.matrix(entry) }
    layers = try (0..<configuration.layers).map { (layer) throws(UniMoEError) in
      try DecoderLayerWeights(tensors, LayerTensors(configuration, layer: layer))
    }
    finalNorm = try tensors.vector(entries.finalNorm)
    codeHead = try tensors.matrix(entries.codeHead)
    planEmbeddings = try entries.planEmbeddings.map { (entry) throws(UniMoEError) in try tensors.matrix(entry) }
    planHead = try entries.planHead.map { (entry) throws(UniMoEError) in try tensors.matrix(entry) }
  }
}

extension DecoderLayerWeights {
  /// Takes one layer's weights.
  init(_ tensors: TensorStore, _ entries: LayerTensors) throws(UniMoEError) {
    attentionNorm = try tensors.vector(entries.attentionNorm)
    query = try tensors.matrix(entries.query)
    queryBias = try tensors.vector(entries.queryBias)
    key = try tensors.matrix(entries.key)
    keyBias = try tensors.vector(entries.keyBias)
    value = try tensors.matrix(entries.value)
    valueBias = try tensors.vector(entries.valueBias)
    output = try tensors.matrix(entries.output)
    expertNorm = try tensors.vector(entries.expertNorm)
    router = try tensors.matrix(entries.router)
    routed = try entries.routed.map { (entries) throws(UniMoEError) in try FeedForwardWeights(tensors, entries) }
    shared = try entries.shared.map { (entries) throws(UniMoEError) in try FeedForwardWeights(tensors, entries) }
  }
}

extension FeedForwardWeights {
  /// Takes one expert's weights.
  init(_ tensors: TensorStore, _ entries: ExpertTensors) throws(UniMoEError) {
    gate = try tensors.matrix(entries.gate)
    up = try tensors.matrix(entries.up)
    down = try tensors.matrix(entries.down)
  }
}
