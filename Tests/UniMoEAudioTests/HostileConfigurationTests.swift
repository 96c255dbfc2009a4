import Foundation
import Testing

@testable import UniMoEAudio

/// One value of a valid configuration replaced, and the error that this must give.
struct HostileValue: CustomTestStringConvertible, Sendable {
  let keys: [String]
  /// The value as JSON text; empty removes the key.
  let value: String
  let expected: String

  init(_ path: String, _ value: String, _ expected: String) {
    keys = path.split(separator: ".").map(String.init)
    self.value = value
    self.expected = expected
  }

  var testDescription: String { "\(keys.joined(separator: ".")) = \(value)" }

  /// The bytes of a configuration with the value replaced.
  func applied(to json: String) throws -> [UInt8] {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8), options: [])
    return Array(try JSONSerialization.data(withJSONObject: replacing(in: object, keys[...])))
  }

  private func replacing(in object: Any, _ keys: ArraySlice<String>) throws -> Any {
    guard let key = keys.first else {
      return try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    }
    var dictionary = object as? [String: Any] ?? [:]
    let isRemoved = keys.count == 1 && value.isEmpty
    dictionary[key] = isRemoved ? nil : try replacing(in: dictionary[key] ?? [:], keys.dropFirst())
    return dictionary
  }
}

@Suite struct HostileConfigurationTests {
  static let model = """
    {"text_config": {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
    "rope_scaling": {"mrope_section": [2, 3, 3]}, "rope_theta": 1000000, "rms_norm_eps": 0.000001, "vocab_size": 1033,
    "max_position_embeddings": 4096, "mlp_dynamic_expert_num": 4, "mlp_dynamic_null_expert_num": 1,
    "mlp_fixed_expert_num": 2, "dynamic_intermediate_size": 48, "shared_intermediate_size": 24,
    "mlp_dynamic_top_p": 0.7, "mlp_dynamic_top_k": 0, "router_jitter_noise": 0.01},
    "codec_channels": 3, "codec_vocab_size": 1027, "codec_bos_value": 1026, "codec_eos_value": 1024,
    "codec_pad_value": 1025, "codec_placeholder_value": 1022, "codec_delay_pattern": [0, 8, 9], "vocab_size": 9}
    """

  @Test func theConfigurationThatTheseTestsBreakIsValid() throws {
    let configuration = try model(Self.model.utf8)
    #expect(configuration.vocabularySize == 1033 && configuration.headDimension == 16)
  }

  private func model(_ bytes: some Sequence<UInt8>) throws -> ModelConfiguration {
    try Array(bytes).withUnsafeBytes { try ModelConfiguration(json: $0, path: "config.json") }
  }

  @Test(arguments: modelValues) func aWrongModelValueIsNamedAndExplained(_ value: HostileValue) throws {
    let error = #expect(throws: UniMoEError.self) { try model(value.applied(to: Self.model)) }
    #expect(error?.description == "config.json: \(value.expected)")
  }

  static let modelValues: [HostileValue] = [
    HostileValue("text_config", "", "text_config: missing"),
    HostileValue("text_config", "[]", "text_config: expected an object, found an array"),
    HostileValue("text_config.hidden_size", "", "text_config.hidden_size: missing"),
    HostileValue("text_config.hidden_size", "\"64\"", "text_config.hidden_size: expected an integer, found a string"),
    HostileValue("text_config.hidden_size", "null", "text_config.hidden_size: expected an integer, found null"),
    HostileValue(
      "text_config.hidden_size", "0", "text_config.hidden_size: expected an integer from 1 to 65536, found 0"),
    HostileValue(
      "text_config.hidden_size", "-64", "text_config.hidden_size: expected an integer from 1 to 65536, found -64"),
    HostileValue(
      "text_config.hidden_size", "9223372036854775807",
      "text_config.hidden_size: expected an integer from 1 to 65536, found 9223372036854775807"),
    HostileValue("text_config.hidden_size", "64.5", "text_config.hidden_size: expected an integer, found 64.5"),
    HostileValue("text_config.hidden_size", "1e40", "text_config.hidden_size: expected an integer, found 1e+40"),
    HostileValue(
      "text_config.hidden_size", "60", "text_config.hidden_size: expected an even head dimension for 4 heads, found 60"),
    HostileValue(
      "text_config.num_hidden_layers", "1000000",
      "text_config.num_hidden_layers: expected an integer from 1 to 1024, found 1000000"),
    HostileValue(
      "text_config.num_attention_heads", "0",
      "text_config.num_attention_heads: expected an integer from 1 to 1024, found 0"),
    HostileValue(
      "text_config.num_key_value_heads", "0",
      "text_config.num_key_value_heads: expected an integer from 1 to 4, found 0"),
    HostileValue(
      "text_config.num_key_value_heads", "3", "text_config.num_key_value_heads: expected a divisor of 4 heads, found 3"),
    HostileValue(
      "text_config.num_key_value_heads", "8",
      "text_config.num_key_value_heads: expected an integer from 1 to 4, found 8"),
    HostileValue("text_config.rope_scaling", "null", "text_config.rope_scaling: expected an object, found null"),
    HostileValue(
      "text_config.rope_scaling.mrope_section", "[2,3]",
      "text_config.rope_scaling.mrope_section: expected 3 numbers, found 2"),
    HostileValue(
      "text_config.rope_scaling.mrope_section", "[2,3,4]",
      "text_config.rope_scaling.mrope_section: expected a sum of 8, half the head dimension, found 9"),
    HostileValue(
      "text_config.rope_scaling.mrope_section", "[-1,4,5]",
      "text_config.rope_scaling.mrope_section: expected an integer from 0 to 8, found -1"),
    HostileValue(
      "text_config.rope_scaling.mrope_section", "[9223372036854775807,1,0]",
      "text_config.rope_scaling.mrope_section: expected an integer from 0 to 8, found 9223372036854775807"),
    HostileValue(
      "text_config.rope_theta", "0", "text_config.rope_theta: expected a number from 1.0 to 1000000000000.0, found 0.0"),
    HostileValue(
      "text_config.rms_norm_eps", "-1", "text_config.rms_norm_eps: expected a number from 0.0 to 1.0, found -1.0"),
    HostileValue(
      "text_config.vocab_size", "0", "text_config.vocab_size: expected an integer from 1 to 4194304, found 0"),
    HostileValue(
      "text_config.max_position_embeddings", "0",
      "text_config.max_position_embeddings: expected an integer from 1 to 16777216, found 0"),
    HostileValue(
      "text_config.mlp_dynamic_expert_num", "0",
      "text_config.mlp_dynamic_expert_num: expected an integer from 1 to 1024, found 0"),
    HostileValue(
      "text_config.mlp_dynamic_null_expert_num", "-1",
      "text_config.mlp_dynamic_null_expert_num: expected an integer from 0 to 1024, found -1"),
    HostileValue(
      "text_config.mlp_fixed_expert_num", "-1",
      "text_config.mlp_fixed_expert_num: expected an integer from 0 to 1024, found -1"),
    HostileValue(
      "text_config.dynamic_intermediate_size", "0",
      "text_config.dynamic_intermediate_size: expected an integer from 1 to 262144, found 0"),
    HostileValue(
      "text_config.shared_intermediate_size", "0",
      "text_config.shared_intermediate_size: expected an integer from 1 to 262144, found 0"),
    HostileValue(
      "text_config.mlp_dynamic_top_p", "1.5",
      "text_config.mlp_dynamic_top_p: expected a number from 0.0 to 1.0, found 1.5"),
    HostileValue(
      "text_config.mlp_dynamic_top_p", "0", "text_config.mlp_dynamic_top_k: expected an integer from 1 to 5, found 0"),
    HostileValue(
      "text_config.mlp_dynamic_top_k", "0.5", "text_config.mlp_dynamic_top_k: expected a whole number, found 0.5"),
    HostileValue(
      "text_config.mlp_dynamic_top_k", "6", "text_config.mlp_dynamic_top_k: expected an integer from 0 to 5, found 6"),
    HostileValue(
      "text_config.router_jitter_noise", "-0.5",
      "text_config.router_jitter_noise: expected a number from 0.0 to 1.0, found -0.5"),
    HostileValue("codec_channels", "0", "codec_channels: expected an integer from 1 to 256, found 0"),
    HostileValue("codec_channels", "4", "codec_delay_pattern: expected 4 numbers, one per codebook, found 3"),
    HostileValue("codec_vocab_size", "3", "codec_vocab_size: expected an integer from 4 to 1048576, found 3"),
    HostileValue("codec_bos_value", "1027", "codec_bos_value: expected an integer from 0 to 1026, found 1027"),
    HostileValue("codec_eos_value", "-1", "codec_eos_value: expected an integer from 0 to 1026, found -1"),
    HostileValue("codec_pad_value", "1024", "codec_pad_value: expected three different special codes, found 1024"),
    HostileValue(
      "codec_placeholder_value", "1033", "codec_placeholder_value: expected an integer from 0 to 1032, found 1033"),
    HostileValue(
      "codec_delay_pattern", "[0,-1,2]", "codec_delay_pattern: expected an integer from 0 to 4096, found -1"),
    HostileValue(
      "codec_delay_pattern", "[0,1,100000]", "codec_delay_pattern: expected an integer from 0 to 4096, found 100000"),
  ]

  static let codec = """
    {"sample_rate": 16000, "encoder_dim": 8, "encoder_rates": [2, 4, 5, 8], "latent_dim": 128, "decoder_dim": 64,
    "decoder_rates": [8, 5, 4, 2], "n_codebooks": 3, "codebook_size": 1024, "codebook_dim": 8}
    """

  @Test(arguments: codecValues) func aWrongCodecValueIsNamedAndExplained(_ value: HostileValue) throws {
    let error = #expect(throws: UniMoEError.self) {
      try value.applied(to: Self.codec).withUnsafeBytes { try CodecConfiguration(json: $0, path: "config.json") }
    }
    #expect(error?.description == "config.json: \(value.expected)")
  }

  static let codecValues: [HostileValue] = [
    HostileValue("sample_rate", "0", "sample_rate: expected an integer from 1000 to 384000, found 0"),
    HostileValue("encoder_dim", "0", "encoder_dim: expected an integer from 1 to 4096, found 0"),
    HostileValue("encoder_rates", "[]", "encoder_rates: expected 1 to 8 strides, found 0"),
    HostileValue("encoder_rates", "[2,4,5,0]", "encoder_rates: expected an integer from 1 to 64, found 0"),
    HostileValue("encoder_rates", "[64,64,64]", "encoder_rates: expected a product of at most 65536, found 262144"),
    HostileValue("decoder_rates", "[8,5,4,4]", "decoder_rates: expected a product of 320, the encoder's, found 640"),
    HostileValue("decoder_rates", "[1,1,1,1,1,1,1,1,1]", "decoder_rates: expected 1 to 8 strides, found 9"),
    HostileValue("decoder_dim", "15", "decoder_dim: expected at least 16, halved by every stage, found 15"),
    HostileValue("latent_dim", "-1", "latent_dim: expected an integer from 1 to 65536, found -1"),
    HostileValue("n_codebooks", "257", "n_codebooks: expected an integer from 1 to 256, found 257"),
    HostileValue("codebook_size", "0", "codebook_size: expected an integer from 1 to 1048576, found 0"),
    HostileValue("codebook_dim", "0", "codebook_dim: expected an integer from 1 to 65536, found 0"),
    HostileValue("codebook_dim", "", "codebook_dim: missing"),
  ]

  @Test(arguments: generationValues) func aWrongDefaultIsNamedAndExplained(_ value: HostileValue) throws {
    let error = #expect(throws: UniMoEError.self) {
      try value.applied(to: "{}").withUnsafeBytes { try GenerationDefaults(json: $0, path: "generation_config.json") }
    }
    #expect(error?.description == "generation_config.json: \(value.expected)")
  }

  static let generationValues: [HostileValue] = [
    HostileValue("unimoe_audio", "[]", "unimoe_audio: expected an object, found an array"),
    HostileValue("unimoe_audio.speech", "1", "unimoe_audio.speech: expected an object, found a number"),
    HostileValue(
      "unimoe_audio.speech.cfg_scale", "-1",
      "unimoe_audio.speech.cfg_scale: expected a number from 0.0 to 1000.0, found -1.0"),
    HostileValue(
      "unimoe_audio.music.temperature", "\"hot\"", "unimoe_audio.music.temperature: expected a number, found a string"),
    HostileValue(
      "unimoe_audio.music.top_p", "2", "unimoe_audio.music.top_p: expected a number from 0.0 to 1.0, found 2.0"),
    HostileValue(
      "unimoe_audio.music.cfg_filter_top_k", "0",
      "unimoe_audio.music.cfg_filter_top_k: expected an integer from 1 to 1048576, found 0"),
    HostileValue(
      "unimoe_audio.music.max_tokens", "0",
      "unimoe_audio.music.max_tokens: expected an integer from 1 to 16777216, found 0"),
    HostileValue(
      "unimoe_audio.music.min_tokens", "-1",
      "unimoe_audio.music.min_tokens: expected an integer from 0 to 16777216, found -1"),
    HostileValue(
      "unimoe_audio.music.do_sample", "1", "unimoe_audio.music.do_sample: expected true or false, found a number"),
    HostileValue(
      "unimoe_audio.speech.max_text_characters", "0",
      "unimoe_audio.speech.max_text_characters: expected an integer from 1 to 1048576, found 0"),
    HostileValue(
      "unimoe_audio.speech.max_voice_seconds", "-1",
      "unimoe_audio.speech.max_voice_seconds: expected a number from 0.0 to 3600.0, found -1.0"),
    HostileValue(
      "unimoe_audio.music.max_music_seconds", "3601",
      "unimoe_audio.music.max_music_seconds: expected a number from 0.0 to 3600.0, found 3601.0"),
  ]

  @Test func howMuchAModelCanIsReadWhereItSaysSo() throws {
    let text = """
      {"unimoe_audio":{"speech":{"max_text_characters":75,"max_voice_seconds":3.5},"music":{"max_music_seconds":8}}}
      """
    let defaults = try Array(text.utf8).withUnsafeBytes { try GenerationDefaults(json: $0, path: "") }
    #expect(defaults.limits == ModelLimits(textCharacters: 75, voiceSeconds: 3.5, musicSeconds: 8))
    #expect(GenerationDefaults.reference.limits == ModelLimits())
    #expect(GenerationDefaults.reference.limits.musicSeconds == nil)
  }

  @Test func nullSwitchesARuleOffAndAbsenceKeepsTheDefault() throws {
    let text = "{\"unimoe_audio\":{\"music\":{\"cfg_filter_top_k\":null,\"min_tokens\":null,\"cfg_scale\":3}}}"
    let defaults = try Array(text.utf8).withUnsafeBytes { try GenerationDefaults(json: $0, path: "") }
    #expect(defaults.music.sampling.topK == nil && defaults.music.minimumTokens == nil)
    #expect(defaults.music.sampling.guidanceScale == 3 && defaults.music.sampling.endFactor == 0.6)
    #expect(defaults.speech == GenerationDefaults.reference.speech)
  }
}
