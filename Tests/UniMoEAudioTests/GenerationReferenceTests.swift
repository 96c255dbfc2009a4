import Testing

@testable import UniMoEAudio

/// Whole generations of the language model against `generate_*.safetensors`, code for code.
@Suite struct GenerationReferenceTests {
  struct Scenario: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    let cfg_scale: Float
    let max_tokens: Int
    let min_tokens: Int?
    let eos_prob_mul_factor: Float
    let do_sample: Bool
    let temperature: Float
    let top_k: Int?
    let top_p: Float
    let lengths: [Int]
    let eos_emitted_by_model: [Bool]
    var testDescription: String { name }
  }
  struct Parameters: Decodable { let scenarios: [Scenario] }

  static func scenarios() throws -> [Scenario] {
    try ReferenceFixtures.json(Parameters.self, "generate.json").scenarios
  }

  @Test(arguments: try scenarios())
  func codesAreTheReferences(scenario: Scenario) throws {
    let arrays = try ReferenceFixtures.arrays(String(scenario.file.dropLast(".safetensors".count)))
    let model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model))
    let run = try GenerationRun(model, scenario, arrays)
    try run.finish()
    for (index, stream) in run.streams.enumerated() {
      let expected = Codes(
        codebooks: model.configuration.codebooks, values: try arrays.integers("codebook.\(index)"))
      let length = try #require(stream.sequence.length)
      #expect(length == scenario.lengths[index])
      #expect(stream.sequence.completeCodeFrames == length)
      #expect(stream.sequence.codes(0..<length) == expected)
      #expect(stream.sequence.endedByModel == scenario.eos_emitted_by_model[index])
      try run.expectFramesMatch(arrays, index)
      try run.expectDrawsMatch(arrays, index)
      try run.expectGeneratedCodesMatch(arrays, index, length: length)
    }
    try run.expectLogitsMatch(arrays)
    try run.expectCapacitiesMatch(arrays)
  }
}

/// One scenario, run to its end with everything recorded.
private final class GenerationRun: DecoderObserver {
  let model: LanguageModel
  let streams: [RequestStream]
  private let batch: StepBatch
  /// Per request and step, the logits `[codebooks, codeVocabulary]`.
  private var logits: [[[Float]]]
  /// Per request and step, what was drawn.
  private var drawn: [[[Int32]]]
  /// Per step, the capacities `[layers][rows]` of the rows that ran.
  private var capacities: [[[Int]]] = []
  /// Per step, which requests ran.
  private var active: [[Int]] = []

  init(_ model: LanguageModel, _ scenario: GenerationReferenceTests.Scenario, _ arrays: FixtureArrays) throws {
    self.model = model
    let shape = try arrays.shape("input_ids")
    let ids = try arrays.integers("input_ids")
    let mask = try arrays.integers("attention_mask")
    func valid(_ row: Int) -> [Int32] {
      (row * shape[1]..<(row + 1) * shape[1]).filter { mask[$0] != 0 }.map { ids[$0] }
    }
    let voice = arrays.has("codec_input_ids") ? try arrays.integers("codec_input_ids") : []
    let uniforms = arrays.has("uniforms") ? try arrays.floats("uniforms") : []
    let codebooks = model.configuration.codebooks
    let requests = shape[0] / 2
    let sampling = Sampling(
      guidanceScale: scenario.cfg_scale, isRandom: scenario.do_sample, temperature: scenario.temperature,
      topK: scenario.top_k, topP: scenario.top_p, endFactor: scenario.eos_prob_mul_factor)
    streams = try (0..<requests).map { request in
      // Both rows of every request carry the same voice frames.
      let prompt = PromptRows(
        conditional: valid(2 * request + 1), unconditional: valid(2 * request),
        voiceFrames: Array(voice.prefix(voice.count / shape[0])))
      return try RequestStream(
        model.configuration, prompt: prompt, sampling: sampling, minimumCodeFrames: scenario.min_tokens,
        maximumTokens: scenario.max_tokens
      ) { step, codebook in Double(uniforms[(step * requests + request) * codebooks + codebook]) }
    }
    logits = Array(repeating: [], count: requests)
    drawn = Array(repeating: [], count: requests)
    batch = try StepBatch(model, streams)
    batch.observer = self
    batch.logitsLook = { [unowned self] stream, values in
      self.logits[self.streams.firstIndex { $0 === stream } ?? 0].append(Array(values))
    }
  }

  func finish() throws {
    for stream in streams { try batch.prefill(stream, cancellation: Cancellation()) }
    while true {
      let running = streams.indices.filter { !streams[$0].sequence.isFinished }
      if running.isEmpty { break }
      active.append(running)
      capacities.append(Array(repeating: [], count: model.configuration.layers))
      try batch.step(running.map { streams[$0] }, cancellation: Cancellation())
      for request in running { drawn[request].append(streams[request].drawn) }
    }
  }

  func layer(_ layer: Int, row: Int, routed routing: Routing) {
    capacities[capacities.count - 1][layer].append(routing.capacity)
  }

  /// Every frame that was written, forced values included.
  func expectFramesMatch(_ arrays: FixtureArrays, _ index: Int) throws {
    let shape = try arrays.shape("delayed_tokens")
    let tokens = try arrays.integers("delayed_tokens")
    let frames = streams[index].sequence.frames
    let start = index * shape[1] * shape[2]
    #expect(frames == Array(tokens[start..<start + frames.count]))
  }

  /// What every step drew while the request ran, before forced values.
  func expectDrawsMatch(_ arrays: FixtureArrays, _ index: Int) throws {
    let shape = try arrays.shape("pred")  // [steps, requests, codebooks]
    let expected = try arrays.integers("pred")
    for (step, codes) in drawn[index].enumerated() {
      let start = (step * shape[1] + index) * shape[2]
      #expect(codes == Array(expected[start..<start + shape[2]]), "step \(step)")
    }
  }

  /// The frames that hold the request's codes, in delay order, PAD behind them.
  func expectGeneratedCodesMatch(_ arrays: FixtureArrays, _ index: Int, length: Int) throws {
    let shape = try arrays.shape("generated_codes")  // [requests, frames, codebooks]
    let expected = try arrays.integers("generated_codes")
    #expect(try arrays.integers("lengths")[index] == Int32(length))
    let count = (length + model.configuration.maximumDelay) * shape[2]
    let start = index * shape[1] * shape[2]
    #expect(
      Array(streams[index].sequence.frames.dropFirst(shape[2]).prefix(count)) == Array(expected[start..<start + count]))
    #expect(expected[start + count..<start + shape[1] * shape[2]].allSatisfy { $0 == model.configuration.pad })
  }

  /// The five largest logits of every step while a request ran, in value and code.
  func expectLogitsMatch(_ arrays: FixtureArrays) throws {
    let shape = try arrays.shape("top5_logits")  // [steps, requests, codebooks, 5]
    let values = try arrays.floats("top5_logits")
    let codes = try arrays.integers("top5_codes")
    let vocabulary = model.configuration.codeVocabulary
    if arrays.has("post_logits.step0") {
      let first = logits.flatMap { $0[0] }
      #expect(largestDifference(first, try arrays.floats("post_logits.step0")) <= 2e-3)
    }
    for request in streams.indices {
      for step in logits[request].indices {
        for codebook in 0..<shape[2] {
          let row = Array(logits[request][step][codebook * vocabulary..<(codebook + 1) * vocabulary])
          let place = ((step * shape[1] + request) * shape[2] + codebook) * shape[3]
          let ours = (place..<place + shape[3]).map { row[Int(codes[$0])] }
          #expect(largestDifference(ours, Array(values[place..<place + shape[3]])) <= 2e-3)
          #expect(row.indices.max { row[$0] < row[$1] }.map { row[$0] } == ours[0])
        }
      }
    }
  }

  /// How many experts each row of each step asked for, in every layer.
  func expectCapacitiesMatch(_ arrays: FixtureArrays) throws {
    let shape = try arrays.shape("step_top_k")  // [steps, rows, layers]
    let expected = try arrays.integers("step_top_k")
    for step in capacities.indices {
      for layer in 0..<shape[2] {
        let rows = active[step].flatMap { request in
          streams[request].unconditional == nil ? [2 * request + 1] : [2 * request, 2 * request + 1]
        }
        let ours = rows.map { Int(expected[(step * shape[1] + $0) * shape[2] + layer]) }
        #expect(capacities[step][layer] == ours)
      }
    }
  }
}
