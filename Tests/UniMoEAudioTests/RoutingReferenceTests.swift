import Testing

@testable import UniMoEAudio

/// One MoE block against `routing.safetensors`, with the products of a step and of a prefill.
@Suite struct RoutingReferenceTests {
  struct Parameters: Decodable {
    let layer: Int
    let variants: [String: String]
  }

  static func variants() throws -> [String] {
    try ReferenceFixtures.json(Parameters.self, "routing.json").variants.keys.sorted()
  }

  @Test(arguments: try variants(), [DecoderPass.Kind.step, .prefill])
  func routingAndOutputAreTheReferences(variant: String, kind: DecoderPass.Kind) throws {
    let layer = try ReferenceFixtures.json(Parameters.self, "routing.json").layer
    let arrays = try ReferenceFixtures.arrays("routing")
    let checkpoint = try Checkpoint(directory: ReferenceFixtures.model)
    let configuration = checkpoint.configuration
    var router = Router(configuration)
    if variant.hasPrefix("topk") {
      router = Router(
        dynamicExperts: router.dynamicExperts, sharedExperts: router.sharedExperts, topP: 0,
        topK: try #require(Int(variant.dropFirst(4))), jitter: router.jitter)
    }
    let model = try LanguageModel(checkpoint, router: router)
    let input = try arrays.floats("input")
    let rows = input.count / configuration.hiddenSize
    let padding = variant == "masked" ? try arrays.integers("attention_mask").map { $0 == 0 } : nil

    let pass = try DecoderPass(kind, configuration, rows: rows, positions: rows)
    let cache = try KeyValueCache(configuration, capacity: rows)
    pass.slots = (0..<rows).map { DecoderPass.Slot(cache: cache, position: $0) }
    pass.normed.withRows { $0[0].update(from: input, count: input.count) }
    let record = RoutingRecord()
    let weights = model.weights.layers[layer]
    model.route(pass, weights, layer, record, padding: padding)
    try model.addExperts(pass, weights, Cancellation())

    #expect(largestDifference(record.logits, try arrays.floats("\(variant).router_logits")) <= 1e-4)
    #expect(record.capacities == (try arrays.integers("\(variant).dynamic_top_k")))
    #expect(record.isChosen == (try arrays.integers("\(variant).expert_mask").map { $0 != 0 }))
    #expect(largestDifference(record.weights, try arrays.floats("\(variant).global_weight")) <= 1e-5)
    let output = pass.hidden.values(rows: rows)
    #expect(largestDifference(output, try arrays.floats("\(variant).output")) <= 2e-4)
  }

  @Test(arguments: [DecoderPass.Kind.step, .prefill])
  func singleExpertsAreTheReferences(kind: DecoderPass.Kind) throws {
    let layer = try ReferenceFixtures.json(Parameters.self, "routing.json").layer
    let arrays = try ReferenceFixtures.arrays("routing")
    let checkpoint = try Checkpoint(directory: ReferenceFixtures.model)
    let configuration = checkpoint.configuration
    let model = try LanguageModel(checkpoint)
    let input = try arrays.floats("input")
    let rows = input.count / configuration.hiddenSize
    let experts = configuration.routedExperts + configuration.nullExperts + configuration.sharedExperts
    let columns = ["expert0": 0, "shared0": configuration.routedExperts + configuration.nullExperts]
    for (name, column) in columns {
      let pass = try DecoderPass(kind, configuration, rows: rows, positions: rows)
      pass.normed.withRows { $0[0].update(from: input, count: input.count) }
      var isChosen = [Bool](repeating: false, count: rows * experts)
      for row in 0..<rows {
        isChosen[row * experts + column] = true
        pass.routerWeights.withRows { $0[row][column] = 1 }
      }
      pass.experts.assign(
        rows: rows, weights: pass.routerWeights, isChosen: isChosen, input: pass.normed, output: pass.hidden)
      try model.addExperts(pass, model.weights.layers[layer], Cancellation())
      let output = pass.hidden.values(rows: rows)
      #expect(largestDifference(output, try arrays.floats("\(name).output")) <= 1e-4)
    }
  }
}

/// Keeps the routing of every row that a pass computes, rows in order, layer after layer.
final class RoutingRecord: DecoderObserver {
  var logits: [Float] = []
  var weights: [Float] = []
  var isChosen: [Bool] = []
  var capacities: [Int32] = []

  func layer(_ layer: Int, row: Int, routed routing: Routing) {
    logits += routing.logits
    weights += routing.weights
    isChosen += routing.isChosen
    capacities.append(Int32(routing.capacity))
  }
}
