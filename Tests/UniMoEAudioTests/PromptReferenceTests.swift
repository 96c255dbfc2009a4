import Testing

@testable import UniMoEAudio

@Suite struct PromptReferenceTests {
  private struct Scenarios: Decodable {
    struct Scenario: Decodable {
      let file: String
      let task: String
      let caption: [String]
      let prompt_text: String?
      let prompt_codec: [[Int32]]?
    }
    let scenarios: [Scenario]
  }

  private let template: PromptTemplate
  private let configuration: ModelConfiguration
  private let padToken: Int32

  init() throws {
    let tokenizer = try Tokenizer(directory: ReferenceFixtures.model)
    configuration = try ModelConfiguration(directory: ReferenceFixtures.model)
    template = try PromptTemplate(tokenizer, configuration)
    padToken = try #require(tokenizer.padToken)
  }

  @Test func scenariosGiveTheReferencesPrompts() throws {
    let scenarios = try ReferenceFixtures.json(Scenarios.self, "generate.json").scenarios
    #expect(!scenarios.isEmpty)
    for scenario in scenarios {
      let prompts = try scenario.caption.map { text in
        guard scenario.task == "tts" else { return try template.music(caption: text) }
        let codes = Codes(codebooks: configuration.codebooks, values: (scenario.prompt_codec ?? []).flatMap(\.self))
        return try template.speech(
          text: text, voice: Voice(name: "reference", codes: codes, transcript: scenario.prompt_text ?? ""))
      }
      try expect(prompts, equal: String(scenario.file.dropLast(".safetensors".count)))
    }
  }

  private func expect(_ prompts: [PromptRows], equal file: String) throws {
    let arrays = try ReferenceFixtures.arrays(file)
    let rows = prompts.flatMap { [$0.unconditional, $0.conditional] }
    let shape = try arrays.shape("input_ids")
    #expect(shape == [rows.count, rows.map(\.count).max() ?? 0], "\(file)")
    let padding = rows.map { shape[1] - $0.count }
    let ids = zip(rows, padding).flatMap { Array(repeating: padToken, count: $1) + $0 }
    #expect(try arrays.integers("input_ids") == ids, "\(file)")
    let mask: [Int32] = padding.flatMap { Array(repeating: 0, count: $0) + Array(repeating: 1, count: shape[1] - $0) }
    #expect(try arrays.integers("attention_mask") == mask, "\(file)")
    if arrays.has("codec_input_ids") {
      #expect(try arrays.integers("codec_input_ids") == prompts.flatMap { $0.voiceFrames + $0.voiceFrames }, "\(file)")
    } else {
      #expect(prompts.allSatisfy { $0.voiceFrames.isEmpty })
    }
  }
}
