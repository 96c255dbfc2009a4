/// Name and shape of a tensor that a checkpoint has to have.
package struct TensorEntry: Sendable {
  /// What its numbers are.
  package enum Kind: Sendable { case matrix, bias, norm }

  /// The name in the files.
  package let name: String
  /// Its sizes, outermost first.
  package let shape: [Int]
  /// What its numbers are.
  package let kind: Kind

  static func matrix(_ name: String, _ rows: Int, _ columns: Int) -> TensorEntry {
    TensorEntry(name: name, shape: [rows, columns], kind: .matrix)
  }

  static func bias(_ name: String, _ count: Int) -> TensorEntry {
    TensorEntry(name: name, shape: [count], kind: .bias)
  }

  static func norm(_ name: String, _ count: Int) -> TensorEntry {
    TensorEntry(name: name, shape: [count], kind: .norm)
  }
}

/// The tensors outside the layers that generation reads (reference semantics, section f): the one place that knows their
/// names and shapes.
struct OuterTensors {
  let tokenEmbedding: TensorEntry
  let codeEmbeddings: [TensorEntry]
  let finalNorm: TensorEntry
  let codeHead: TensorEntry
  /// One per plan channel; none without a plan.
  let planEmbeddings: [TensorEntry]
  /// All heads of the plan below each other.
  let planHead: TensorEntry?

  init(_ sizes: ModelConfiguration) {
    let hidden = sizes.hiddenSize
    tokenEmbedding = .matrix("model.embed_tokens.weight", sizes.vocabularySize, hidden)
    codeEmbeddings = (0..<sizes.codebooks).map {
      .matrix("codec_embed_tokens.\($0).weight", sizes.codeVocabulary, hidden)
    }
    finalNorm = .norm("model.norm.weight", hidden)
    codeHead = .matrix("codec_head.weight", sizes.codebooks * sizes.codeVocabulary, hidden)
    let plan = sizes.plan?.tensors(hiddenSize: hidden) ?? []
    let channels = sizes.plan?.channels.count ?? 0
    planEmbeddings = Array(plan.prefix(channels))
    planHead = plan.dropFirst(channels).first
  }

  /// All of them.
  var all: [TensorEntry] {
    [tokenEmbedding] + codeEmbeddings + [finalNorm, codeHead] + planEmbeddings + [planHead].compactMap { $0 }
  }
}

extension PlanConfiguration {
  /// The channels' embedding tables, then all heads below each other, if there are any.
  func tensors(hiddenSize: Int) -> [TensorEntry] {
    channels.map { .matrix(Self.table($0), $0.rows, hiddenSize) }
      + (headRows == 0 ? [] : [.matrix(Self.head, headRows, hiddenSize)])
  }
}

/// The tensors of one layer.
struct LayerTensors {
  let attentionNorm: TensorEntry
  let query: TensorEntry
  let queryBias: TensorEntry
  let key: TensorEntry
  let keyBias: TensorEntry
  let value: TensorEntry
  let valueBias: TensorEntry
  let output: TensorEntry
  let expertNorm: TensorEntry
  let router: TensorEntry
  let routed: [ExpertTensors]
  let shared: [ExpertTensors]

  init(_ sizes: ModelConfiguration, layer: Int) {
    let prefix = "model.layers.\(layer)."
    let attention = prefix + "self_attn."
    let hidden = sizes.hiddenSize
    let queryWidth = sizes.heads * sizes.headDimension
    let keyWidth = sizes.kvHeads * sizes.headDimension
    attentionNorm = .norm(prefix + "input_layernorm.weight", hidden)
    query = .matrix(attention + "q_proj.weight", queryWidth, hidden)
    queryBias = .bias(attention + "q_proj.bias", queryWidth)
    key = .matrix(attention + "k_proj.weight", keyWidth, hidden)
    keyBias = .bias(attention + "k_proj.bias", keyWidth)
    value = .matrix(attention + "v_proj.weight", keyWidth, hidden)
    valueBias = .bias(attention + "v_proj.bias", keyWidth)
    output = .matrix(attention + "o_proj.weight", hidden, queryWidth)
    expertNorm = .norm(prefix + "post_attention_layernorm.weight", hidden)
    router = .matrix(
      prefix + "mlp.gate.weight", sizes.routedExperts + sizes.nullExperts + sizes.sharedExperts, hidden)
    routed = (0..<sizes.routedExperts).map {
      ExpertTensors(
        prefix + "mlp.dynamic_real_moe.deepspeed_moe.experts.deepspeed_experts.\($0).", width: sizes.routedWidth,
        hidden: hidden)
    }
    shared = (0..<sizes.sharedExperts).map {
      ExpertTensors(prefix + "mlp.fixed_real_moe.\($0).", width: sizes.sharedWidth, hidden: hidden)
    }
  }

  /// All of them.
  var all: [TensorEntry] {
    [attentionNorm, query, queryBias, key, keyBias, value, valueBias, output, expertNorm, router]
      + (routed + shared).flatMap(\.all)
  }
}

/// The tensors of one expert.
struct ExpertTensors {
  let gate: TensorEntry
  let up: TensorEntry
  let down: TensorEntry

  init(_ prefix: String, width: Int, hidden: Int) {
    gate = .matrix(prefix + "gate_proj.weight", width, hidden)
    up = .matrix(prefix + "up_proj.weight", width, hidden)
    down = .matrix(prefix + "down_proj.weight", hidden, width)
  }

  /// All of them.
  var all: [TensorEntry] { [gate, up, down] }
}

extension ModelConfiguration {
  /// Every tensor that generation reads, layer after layer.
  package var tensors: [TensorEntry] {
    OuterTensors(self).all + (0..<layers).flatMap { LayerTensors(self, layer: $0).all }
  }
}
