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
    let hidden = configuration.hiddenSize
    let codeVocabulary = configuration.codeVocabulary
    tokenEmbedding = try tensors.matrix(
      "model.embed_tokens.weight", rows: configuration.vocabularySize, columns: hidden)
    var embeddings: [Matrix] = []
    for codebook in 0..<configuration.codebooks {
      embeddings.append(
        try tensors.matrix("codec_embed_tokens.\(codebook).weight", rows: codeVocabulary, columns: hidden))
    }
    codeEmbeddings = embeddings
    var layers: [DecoderLayerWeights] = []
    for layer in 0..<configuration.layers {
      layers.append(try DecoderLayerWeights(tensors, configuration, prefix: "model.layers.\(layer)."))
    }
    self.layers = layers
    finalNorm = try tensors.vector("model.norm.weight", count: hidden)
    codeHead = try tensors.matrix(
      "codec_head.weight", rows: configuration.codebooks * codeVocabulary, columns: hidden)
    var planEmbeddings: [Matrix] = []
    for channel in configuration.plan?.channels ?? [] {
      planEmbeddings.append(
        try tensors.matrix(PlanConfiguration.table(channel), rows: channel.rows, columns: hidden))
    }
    self.planEmbeddings = planEmbeddings
    let planRows = configuration.plan?.headRows ?? 0
    planHead = planRows == 0 ? nil : try tensors.matrix(PlanConfiguration.head, rows: planRows, columns: hidden)
  }
}

extension DecoderLayerWeights {
  /// Takes one layer's weights; `prefix` ends with a dot.
  init(_ tensors: TensorStore, _ configuration: ModelConfiguration, prefix: String) throws(UniMoEError) {
    let hidden = configuration.hiddenSize
    let queryWidth = configuration.heads * configuration.headDimension
    let keyWidth = configuration.kvHeads * configuration.headDimension
    let attention = prefix + "self_attn."
    attentionNorm = try tensors.vector(prefix + "input_layernorm.weight", count: hidden)
    query = try tensors.matrix(attention + "q_proj.weight", rows: queryWidth, columns: hidden)
    queryBias = try tensors.vector(attention + "q_proj.bias", count: queryWidth)
    key = try tensors.matrix(attention + "k_proj.weight", rows: keyWidth, columns: hidden)
    keyBias = try tensors.vector(attention + "k_proj.bias", count: keyWidth)
    value = try tensors.matrix(attention + "v_proj.weight", rows: keyWidth, columns: hidden)
    valueBias = try tensors.vector(attention + "v_proj.bias", count: keyWidth)
    output = try tensors.matrix(attention + "o_proj.weight", rows: hidden, columns: queryWidth)
    expertNorm = try tensors.vector(prefix + "post_attention_layernorm.weight", count: hidden)
    router = try tensors.matrix(
      prefix + "mlp.gate.weight",
      rows: configuration.routedExperts + configuration.nullExperts + configuration.sharedExperts, columns: hidden)
    var routed: [FeedForwardWeights] = []
    for expert in 0..<configuration.routedExperts {
      let name = prefix + "mlp.dynamic_real_moe.deepspeed_moe.experts.deepspeed_experts.\(expert)."
      routed.append(try FeedForwardWeights(tensors, hidden: hidden, width: configuration.routedWidth, prefix: name))
    }
    self.routed = routed
    var shared: [FeedForwardWeights] = []
    for expert in 0..<configuration.sharedExperts {
      let name = prefix + "mlp.fixed_real_moe.\(expert)."
      shared.append(try FeedForwardWeights(tensors, hidden: hidden, width: configuration.sharedWidth, prefix: name))
    }
    self.shared = shared
  }
}

extension FeedForwardWeights {
  /// Takes one expert's weights; `prefix` ends with a dot.
  init(_ tensors: TensorStore, hidden: Int, width: Int, prefix: String) throws(UniMoEError) {
    gate = try tensors.matrix(prefix + "gate_proj.weight", rows: width, columns: hidden)
    up = try tensors.matrix(prefix + "up_proj.weight", rows: width, columns: hidden)
    down = try tensors.matrix(prefix + "down_proj.weight", rows: hidden, columns: width)
  }
}
