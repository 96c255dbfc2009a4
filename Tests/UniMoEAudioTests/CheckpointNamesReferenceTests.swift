import Foundation
import Testing

@testable import UniMoEAudio

/// Names and shapes that the engine asks for against those of the published checkpoint, `tensor-names.txt`.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: ReferenceFixtures.path("tensor-names.txt"))))
struct CheckpointNamesReferenceTests {
  /// Shapes by name, of the language model and of the codec.
  private let model: [String: [Int]]
  private let codec: [String: [Int]]

  init() throws {
    let text = try String(contentsOfFile: ReferenceFixtures.path("tensor-names.txt"), encoding: .utf8)
    let parts = text.components(separatedBy: "\n## DAC")
    // "{L}=0..35" says which numbers stand for "{L}".
    let ranges = text.matches(of: /(\{[A-Z]\}) ?= ?(\d+)\.\.(\d+)/).compactMap { match in
      Int(match.2).flatMap { low in Int(match.3).map { (name: String(match.1), indices: low...$0) } }
    }
    model = Self.shapes(in: parts[0], ranges)
    codec = Self.shapes(in: parts.count > 1 ? parts[1] : "", ranges)
  }

  /// Lines of a name and a shape, names repeated for every index.
  private static func shapes(
    in text: String, _ ranges: [(name: String, indices: ClosedRange<Int>)]
  ) -> [String: [Int]] {
    var shapes: [String: [Int]] = [:]
    for match in text.matches(of: /\n  ([^ \n]+) +\[([0-9, ]+)\]/) {
      var names = [String(match.1)]
      for range in ranges {
        names = names.flatMap { name in
          name.contains(range.name)
            ? range.indices.map { name.replacingOccurrences(of: range.name, with: "\($0)") } : [name]
        }
      }
      for name in names { shapes[name] = match.2.split(separator: ", ").compactMap { Int($0) } }
    }
    return shapes
  }

  /// How many numbers stand for an index: `prefix.N.suffix`.
  private static func count(_ shapes: [String: [Int]], _ prefix: String, _ suffix: String) -> Int {
    (0...).first { shapes["\(prefix).\($0).\(suffix)"] == nil } ?? 0
  }

  @Test func theLanguageModelAsksForThePublishedTensors() throws {
    func size(_ name: String, _ axis: Int) throws -> Int { try #require(model[name], "\(name)")[axis] }
    let layer = "model.layers.0."
    let experts = layer + "mlp.dynamic_real_moe.deepspeed_moe.experts.deepspeed_experts"
    let routed = Self.count(model, experts, "up_proj.weight")
    let shared = Self.count(model, layer + "mlp.fixed_real_moe", "up_proj.weight")
    let codebooks = Self.count(model, "codec_embed_tokens", "weight")
    let hidden = try size("model.norm.weight", 0)
    // The heads do not show in the shapes: one head of keys as wide as all of them asks for the same tensors.
    let head = try size(layer + "self_attn.k_proj.bias", 0)
    let vocabulary = try size("codec_embed_tokens.0.weight", 0)
    let json = """
      {"text_config": {"hidden_size": \(hidden), "num_hidden_layers": \(Self.count(model, "model.layers", "mlp.gate.weight")),
      "num_attention_heads": \(hidden / head), "num_key_value_heads": 1, "rope_scaling": {"mrope_section": [\(head / 2), 0, 0]},
      "rope_theta": 1000000, "rms_norm_eps": 0.000001, "vocab_size": \(try size("model.embed_tokens.weight", 0)),
      "max_position_embeddings": 4096, "mlp_dynamic_expert_num": \(routed),
      "mlp_dynamic_null_expert_num": \(try size(layer + "mlp.gate.weight", 0) - routed - shared),
      "mlp_fixed_expert_num": \(shared), "dynamic_intermediate_size": \(try size("\(experts).0.up_proj.weight", 0)),
      "shared_intermediate_size": \(try size(layer + "mlp.fixed_real_moe.0.up_proj.weight", 0)),
      "mlp_dynamic_top_p": 0.7, "mlp_dynamic_top_k": 0, "router_jitter_noise": 0.01},
      "codec_channels": \(codebooks), "codec_vocab_size": \(vocabulary), "codec_bos_value": \(vocabulary - 1),
      "codec_eos_value": \(vocabulary - 3), "codec_pad_value": \(vocabulary - 2), "codec_placeholder_value": 1,
      "codec_delay_pattern": [\((0..<codebooks).map(String.init).joined(separator: ","))]}
      """
    let configuration = try Array(json.utf8).withUnsafeBytes { try ModelConfiguration(json: $0, path: "config.json") }
    let asked = configuration.tensors
    let unused = model.filter { $0.key.hasPrefix("visual.") || $0.key == "lm_head.weight" }
    #expect(!unused.isEmpty)
    expectSame(asked, model.filter { unused[$0.key] == nil })
  }

  @Test func theCodecAsksForThePublishedTensors() throws {
    func size(_ name: String, _ axis: Int) throws -> Int { try #require(codec[name], "\(name)")[axis] }
    func rates(_ prefix: String, _ module: Int) -> [Int] {
      (1...).lazy.map { codec["\(prefix).\($0).block.\(module).weight_v"] }.prefix { $0 != nil }.compactMap { $0 }
        .map { $0[2] / 2 }
    }
    let book = "quantizer.quantizers.0.codebook.weight"
    let file = CodecConfigurationFile(
      sample_rate: JSONInteger(16000), encoder_dim: JSONInteger(try size("encoder.block.0.bias", 0)),
      encoder_rates: rates("encoder.block", 4).map { JSONInteger($0) },
      latent_dim: JSONInteger(try size("decoder.model.0.weight_v", 1)),
      decoder_dim: JSONInteger(try size("decoder.model.0.bias", 0)),
      decoder_rates: rates("decoder.model", 1).map { JSONInteger($0) },
      n_codebooks: JSONInteger(Self.count(codec, "quantizer.quantizers", "codebook.weight")),
      codebook_size: JSONInteger(try size(book, 0)), codebook_dim: JSONInteger(try size(book, 1)))
    expectSame(try CodecConfiguration(file, path: "config.json", prefix: "").tensors, codec)
  }

  private func expectSame(_ asked: [TensorEntry], _ published: [String: [Int]]) {
    #expect(Set(asked.map(\.name)) == Set(published.keys))
    for entry in asked { #expect(entry.shape == published[entry.name], "\(entry.name)") }
  }
}
