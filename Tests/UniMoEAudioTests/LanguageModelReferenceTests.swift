import Testing

@testable import UniMoEAudio

/// Prefill and teacher-forced steps against `lm_*.safetensors`.
@Suite struct LanguageModelReferenceTests {
  struct Parameters: Decodable {
    struct File: Decodable { let file: String }
    let files: [File]
  }

  static func files() throws -> [String] {
    try ReferenceFixtures.json(Parameters.self, "lm.json").files.map { String($0.file.dropLast(".safetensors".count)) }
  }

  @Test(arguments: try files())
  func prefillAndStepsAreTheReferences(file: String) throws {
    let arrays = try ReferenceFixtures.arrays(file)
    let model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model))
    let run = try PrefillRun(model, arrays)
    // A fixture may hold the results without the states of the layers.
    if arrays.has("hidden_states.0") { try run.expectLayersMatch(arrays) }
    try run.expectLogitsMatch(arrays)
    if arrays.has("decode.frames") { try run.expectStepsMatch(arrays) }
  }

  @Test func sumOfCodeEmbeddingsIsTheReferences() throws {
    let model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model))
    for file in try Self.files() {
      let arrays = try ReferenceFixtures.arrays(file)
      guard arrays.has("codec_embeds") else { continue }
      let codes = try arrays.integers("codec_input_ids")
      let codebooks = model.configuration.codebooks
      var embeddings: [Float] = []
      for frame in stride(from: 0, to: codes.count, by: codebooks) {
        var row = [Float](repeating: 0, count: model.configuration.hiddenSize)
        row.withUnsafeMutableBufferPointer {
          model.embed(codeFrame: codes[frame..<frame + codebooks], into: $0.baseAddress!)
        }
        embeddings += row
      }
      #expect(largestDifference(embeddings, try arrays.floats("codec_embeds")) <= 1e-4)
    }
  }
}

/// A prefill of all rows of a fixture in one pass, unpadded, with everything it let be seen.
private final class PrefillRun: DecoderObserver {
  let model: LanguageModel
  let pass: DecoderPass
  let caches: [KeyValueCache]
  let routing = RoutingRecord()
  var inputs: [[Float]] = []
  var attended: [[Float]] = []
  var mixed: [[Float]] = []
  /// Where each valid position lies in the fixture's padded arrays.
  let paddedIndices: [Int]
  let lengths: [Int]

  init(_ model: LanguageModel, _ arrays: FixtureArrays) throws {
    self.model = model
    let shape = try arrays.shape("input_ids")
    let ids = try arrays.integers("input_ids")
    let mask = try arrays.integers("attention_mask")
    let positions = try arrays.integers("position_ids")
    paddedIndices = mask.indices.filter { mask[$0] != 0 }
    lengths = (0..<shape[0]).map { row in mask[row * shape[1]..<(row + 1) * shape[1]].reduce(0) { $0 + Int($1) } }
    let steps = arrays.has("decode.frames") ? try arrays.shape("decode.frames")[0] : 0
    caches = try lengths.map { try KeyValueCache(model.configuration, capacity: $0 + steps) }
    pass = try DecoderPass(.prefill, model.configuration, rows: paddedIndices.count, positions: shape[1])
    let codes = arrays.has("codec_input_ids") ? try arrays.integers("codec_input_ids") : []
    let codebooks = model.configuration.codebooks
    var codeFrame = 0
    for (row, index) in paddedIndices.enumerated() {
      let place = DecoderPass.Slot(cache: caches[index / shape[1]], position: Int(positions[index]))
      pass.slots.append(place)
      if ids[index] == model.configuration.placeholder {
        pass.hidden.withRows {
          model.embed(codeFrame: codes[codeFrame * codebooks..<(codeFrame + 1) * codebooks], into: $0[row])
        }
        codeFrame += 1
      } else {
        pass.hidden.withRows { model.embed(token: ids[index], into: $0[row]) }
      }
    }
    try model.run(pass, observer: self, cancellation: Cancellation())
  }

  func layer(_ layer: Int, received input: UnsafeBufferPointer<Float>) { inputs.append(Array(input)) }
  func layer(_ layer: Int, attended output: UnsafeBufferPointer<Float>) { attended.append(Array(output)) }
  func layer(_ layer: Int, mixed output: UnsafeBufferPointer<Float>) { mixed.append(Array(output)) }
  func layer(_ layer: Int, row: Int, routed routing: Routing) {
    self.routing.layer(layer, row: row, routed: routing)
  }

  /// The valid positions of a padded array `[rows, positions, width]`.
  func valid<Element>(_ array: [Element], of indexCount: Int) -> [Element] {
    let width = array.count / indexCount
    return paddedIndices.flatMap { array[$0 * width..<($0 + 1) * width] }
  }

  func expectLayersMatch(_ arrays: FixtureArrays) throws {
    let padded = try arrays.shape("input_ids").reduce(1, *)
    let rows = paddedIndices.count
    let experts = model.router.experts
    for layer in 0..<model.configuration.layers {
      let hidden = valid(try arrays.floats("hidden_states.\(layer)"), of: padded)
      #expect(largestDifference(inputs[layer], hidden) <= 1e-4, "layer \(layer)")
      let part = layer * rows * experts..<(layer + 1) * rows * experts
      let logits = valid(try arrays.floats("router.\(layer).logits"), of: padded)
      #expect(largestDifference(Array(routing.logits[part]), logits) <= 1e-4)
      let weights = valid(try arrays.floats("router.\(layer).global_weight"), of: padded)
      #expect(largestDifference(Array(routing.weights[part]), weights) <= 1e-5)
      let mask = valid(try arrays.integers("router.\(layer).expert_mask"), of: padded).map { $0 != 0 }
      #expect(Array(routing.isChosen[part]) == mask)
      let capacities = valid(try arrays.integers("router.\(layer).top_k"), of: padded)
      #expect(Array(routing.capacities[layer * rows..<(layer + 1) * rows]) == capacities)
      if arrays.has("layer\(layer).attn_output") {
        let attention = valid(try arrays.floats("layer\(layer).attn_output"), of: padded)
        #expect(largestDifference(attended[layer], attention) <= 1e-4)
        let experts = valid(try arrays.floats("layer\(layer).mlp_output"), of: padded)
        #expect(largestDifference(mixed[layer], experts) <= 1e-4)
      }
      try expectCacheMatches(arrays, layer)
    }
  }

  private func expectCacheMatches(_ arrays: FixtureArrays, _ layer: Int) throws {
    guard arrays.has("layer\(layer).key_cache") else { return }
    let shape = try arrays.shape("layer\(layer).key_cache")  // [rows, kvHeads, positions, headDimension]
    let keys = try arrays.floats("layer\(layer).key_cache")
    let values = try arrays.floats("layer\(layer).value_cache")
    for row in 0..<shape[0] {
      let count = lengths[row] * shape[3]
      for head in 0..<shape[1] {
        let end = ((row * shape[1] + head) * shape[2] + shape[2]) * shape[3]
        let ours = caches[row].contents(layer: layer, head: head, count: count)
        #expect(largestDifference(ours.keys, Array(keys[end - count..<end])) <= 1e-4)
        #expect(largestDifference(ours.values, Array(values[end - count..<end])) <= 1e-4)
      }
    }
  }

  /// A step's pass that holds the last position of every row.
  private func stepPass() throws -> DecoderPass {
    let positions = caches.map(\.capacity).max() ?? 0
    return try DecoderPass(.step, model.configuration, rows: caches.count, positions: positions)
  }

  func expectLogitsMatch(_ arrays: FixtureArrays) throws {
    let last = try stepPass()
    var end = 0
    for (row, length) in lengths.enumerated() {
      end += length
      last.slots.append(pass.slots[end - 1])
      Activations.withRows(last.hidden, pass.hidden) { last, all in
        last[row].update(from: all[end - 1], count: model.configuration.hiddenSize)
      }
    }
    model.computeCodeLogits(last)
    let logits = last.codeLogits.values(rows: lengths.count)
    #expect(largestDifference(logits, try arrays.floats("codec_logits_last")) <= 2e-3)

    guard arrays.has("last_hidden_state") else { return }
    model.normalize(pass, model.weights.finalNorm)
    let hidden = valid(
      try arrays.floats("last_hidden_state"), of: try arrays.shape("input_ids").reduce(1, *))
    #expect(largestDifference(pass.normed.values(rows: pass.slots.count), hidden) <= 1e-4)
  }

  func expectStepsMatch(_ arrays: FixtureArrays) throws {
    let frames = try arrays.integers("decode.frames")
    let positions = try arrays.integers("decode.position_ids")
    let hidden = arrays.has("decode.hidden") ? try arrays.floats("decode.hidden") : nil
    let codebooks = model.configuration.codebooks
    let step = try stepPass()
    let rows = caches.count
    for index in 0..<frames.count / codebooks {
      step.slots = (0..<rows).map { DecoderPass.Slot(cache: caches[$0], position: lengths[$0] + index) }
      #expect(step.slots.map { Int32($0.position) } == Array(positions[index * rows..<(index + 1) * rows]))
      for row in 0..<rows {
        step.hidden.withRows {
          model.embed(codeFrame: frames[index * codebooks..<(index + 1) * codebooks], into: $0[row])
        }
      }
      try model.run(step, cancellation: Cancellation())
      model.computeCodeLogits(step)
      let width = rows * model.configuration.hiddenSize
      guard let hidden else { continue }
      let expected = Array(hidden[index * width..<(index + 1) * width])
      #expect(largestDifference(step.normed.values(rows: rows), expected) <= 1e-4, "step \(index)")
    }
    let logits = step.codeLogits.values(rows: rows)
    #expect(largestDifference(logits, try arrays.floats("decode.codec_logits_last")) <= 2e-3)
  }
}
