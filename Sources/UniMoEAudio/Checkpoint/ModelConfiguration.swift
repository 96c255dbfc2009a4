/// The decoder and audio part of a checkpoint's `config.json`, validated: every size is positive and so bounded that no
/// product of sizes overflows.
package struct ModelConfiguration: Equatable, Sendable {
  /// Width of the residual stream.
  let hiddenSize: Int
  /// Decoder layers.
  let layers: Int
  /// Query heads.
  let heads: Int
  /// Key and value heads; divides `heads`.
  let kvHeads: Int
  /// Rotary frequencies of the time, height and width axis; their sum is half the head dimension.
  let mropeSection: [Int]
  /// Base of the rotary frequencies.
  let ropeTheta: Double
  /// Added to the mean square before its root.
  let rmsNormEpsilon: Float
  /// Rows of the token embedding; `text_config`'s, since the top-level value is stale.
  let vocabularySize: Int
  /// Longest sequence that the model was made for.
  let maximumPositions: Int

  /// Routed experts per layer.
  let routedExperts: Int
  /// Null experts per layer.
  let nullExperts: Int
  /// Shared experts per layer.
  let sharedExperts: Int
  /// Inner width of a routed expert.
  let routedWidth: Int
  /// Inner width of a shared expert.
  let sharedWidth: Int
  /// Routed and null experts are taken until their probabilities reach this sum; 0 takes `topK` instead.
  let topP: Float
  /// How many routed and null experts are taken where `topP` is 0.
  let topK: Int
  /// The sparse mixer's threshold of relative distance, halved.
  let jitter: Float

  /// Codebooks of a code frame.
  let codebooks: Int
  /// Codes of a codebook, the special ones included.
  let codeVocabulary: Int
  /// The code that begins a codebook.
  let bos: Int32
  /// The code that ends a codebook.
  let eos: Int32
  /// The code after the end.
  let pad: Int32
  /// The token whose positions take voice code frames.
  let placeholder: Int32
  /// Steps by which each codebook lags.
  let delays: [Int]
  /// What stands beside the codebooks; `nil` in a model without a plan.
  let plan: PlanConfiguration?

  /// Width of one head.
  var headDimension: Int { hiddenSize / heads }
  /// The longest delay.
  var maximumDelay: Int { delays.max() ?? 0 }

  /// Reads `config.json` of a checkpoint directory.
  init(directory: String) throws(UniMoEError) {
    let path = "\(directory)/config.json"
    try self.init(JSONText.decode(ConfigurationFile.self, from: path), path: path)
  }

  /// Reads a `config.json` that lies in memory.
  package init(json bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    try self.init(JSONText(bytes, path: path).decode(ConfigurationFile.self), path: path)
  }

  private init(_ file: ConfigurationFile, path: String) throws(UniMoEError) {
    let check = RangeCheck(path: path)
    let text = file.text_config
    hiddenSize = try check.integer(text.hidden_size, in: 1...65536, "text_config.hidden_size")
    layers = try check.integer(text.num_hidden_layers, in: 1...1024, "text_config.num_hidden_layers")
    heads = try check.integer(text.num_attention_heads, in: 1...1024, "text_config.num_attention_heads")
    kvHeads = try check.integer(text.num_key_value_heads, in: 1...heads, "text_config.num_key_value_heads")
    mropeSection = text.rope_scaling.mrope_section.map(\.value)
    ropeTheta = try check.number(text.rope_theta, in: 1...1e12, "text_config.rope_theta")
    rmsNormEpsilon = Float(try check.number(text.rms_norm_eps, in: 0...1, "text_config.rms_norm_eps"))
    vocabularySize = try check.integer(text.vocab_size, in: 1...4_194_304, "text_config.vocab_size")
    maximumPositions = try check.integer(
      text.max_position_embeddings, in: 1...16_777_216, "text_config.max_position_embeddings")

    routedExperts = try check.integer(text.mlp_dynamic_expert_num, in: 1...1024, "text_config.mlp_dynamic_expert_num")
    nullExperts = try check.integer(
      text.mlp_dynamic_null_expert_num, in: 0...1024, "text_config.mlp_dynamic_null_expert_num")
    sharedExperts = try check.integer(text.mlp_fixed_expert_num, in: 0...1024, "text_config.mlp_fixed_expert_num")
    routedWidth = try check.integer(
      text.dynamic_intermediate_size, in: 1...262144, "text_config.dynamic_intermediate_size")
    sharedWidth = try check.integer(
      text.shared_intermediate_size, in: 1...262144, "text_config.shared_intermediate_size")
    topP = Float(try check.number(text.mlp_dynamic_top_p, in: 0...1, "text_config.mlp_dynamic_top_p"))
    topK = try check.whole(
      text.mlp_dynamic_top_k, in: (topP == 0 ? 1 : 0)...(routedExperts + nullExperts), "text_config.mlp_dynamic_top_k")
    jitter = Float(try check.number(text.router_jitter_noise, in: 0...1, "text_config.router_jitter_noise"))

    codebooks = try check.integer(file.codec_channels, in: 1...256, "codec_channels")
    codeVocabulary = try check.integer(file.codec_vocab_size, in: 4...1_048_576, "codec_vocab_size")
    let codes = 0...(codeVocabulary - 1)
    bos = Int32(try check.integer(file.codec_bos_value, in: codes, "codec_bos_value"))
    eos = Int32(try check.integer(file.codec_eos_value, in: codes, "codec_eos_value"))
    pad = Int32(try check.integer(file.codec_pad_value, in: codes, "codec_pad_value"))
    placeholder = Int32(
      try check.integer(file.codec_placeholder_value, in: 0...(vocabularySize - 1), "codec_placeholder_value"))
    delays = file.codec_delay_pattern.map(\.value)
    plan = try file.plan.map { (plan) throws(UniMoEError) in
      try PlanConfiguration(plan, check, smallestDelay: max(0, file.codec_delay_pattern.map(\.value).min() ?? 0))
    }
    try checkRelations(check)
  }

  private func checkRelations(_ check: RangeCheck) throws(UniMoEError) {
    try check.require(
      heads % kvHeads == 0, "text_config.num_key_value_heads", "a divisor of \(heads) heads", "\(kvHeads)")
    try check.require(
      hiddenSize % (2 * heads) == 0, "text_config.hidden_size",
      "an even head dimension for \(heads) heads", "\(hiddenSize)")
    try check.require(
      mropeSection.count == 3, "text_config.rope_scaling.mrope_section", "3 numbers", "\(mropeSection.count)")
    for size in mropeSection {
      _ = try check.integer(size, in: 0...(headDimension / 2), "text_config.rope_scaling.mrope_section")
    }
    let sum = mropeSection.reduce(0, +)
    try check.require(
      sum == headDimension / 2, "text_config.rope_scaling.mrope_section",
      "a sum of \(headDimension / 2), half the head dimension", "\(sum)")
    try check.require(
      delays.count == codebooks, "codec_delay_pattern", "\(codebooks) numbers, one per codebook", "\(delays.count)")
    for delay in delays { _ = try check.integer(delay, in: 0...4096, "codec_delay_pattern") }
    try check.require(Set([bos, eos, pad]).count == 3, "codec_pad_value", "three different special codes", "\(pad)")
  }
}

/// `config.json` as it is written; fields that inference does not need are left out.
private struct ConfigurationFile: Decodable {
  struct Text: Decodable {
    struct RopeScaling: Decodable { let mrope_section: [JSONInteger] }
    let hidden_size: JSONInteger
    let num_hidden_layers: JSONInteger
    let num_attention_heads: JSONInteger
    let num_key_value_heads: JSONInteger
    let rope_scaling: RopeScaling
    let rope_theta: Double
    let rms_norm_eps: Double
    let vocab_size: JSONInteger
    let max_position_embeddings: JSONInteger
    let mlp_dynamic_expert_num: JSONInteger
    let mlp_dynamic_null_expert_num: JSONInteger
    let mlp_fixed_expert_num: JSONInteger
    let dynamic_intermediate_size: JSONInteger
    let shared_intermediate_size: JSONInteger
    let mlp_dynamic_top_p: Double
    let mlp_dynamic_top_k: Double
    let router_jitter_noise: Double
  }

  let text_config: Text
  let codec_channels: JSONInteger
  let codec_vocab_size: JSONInteger
  let codec_bos_value: JSONInteger
  let codec_eos_value: JSONInteger
  let codec_pad_value: JSONInteger
  let codec_placeholder_value: JSONInteger
  let codec_delay_pattern: [JSONInteger]
  let plan: PlanFile?
}
