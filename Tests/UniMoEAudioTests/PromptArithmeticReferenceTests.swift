import CKernels
import Testing

@testable import UniMoEAudio

/// Prompts whose products round activations to bfloat16: what stays the same, and how far off the results are.
@Suite struct PromptArithmeticReferenceTests {
  private static let isRounding = umk_rounding_kernels_of(umk_current_path()) != nil

  /// After a prompt of random tokens, the logits of the first step and the caches' contents.
  private struct Outcome {
    var logits: [Float]
    var caches: [Float]
  }

  private static let ids: [Int32] = {
    var generator = SplitMix(state: 5)
    return (0..<70).map { _ in Int32.random(in: 0..<200, using: &generator) }
  }()

  /// Runs the prompt through the layers `pieceRows` rows at a time, then a step.
  private func outcome(
    _ arithmetic: PromptArithmetic, router: Router? = nil, pieceRows: Int = 512, mates: Int = 0
  ) throws -> Outcome {
    let model = try LanguageModel(
      Checkpoint(directory: ReferenceFixtures.model), router: router, promptArithmetic: arithmetic)
    let (ids, configuration) = (Self.ids, model.configuration)
    let caches = try (0...mates).map { _ in try KeyValueCache(configuration, capacity: ids.count + 1) }
    let pass = try DecoderPass(
      .prefill, configuration, rows: pieceRows * (mates + 1), positions: ids.count, arithmetic: arithmetic)
    for begin in stride(from: 0, to: ids.count, by: pieceRows) {
      pass.slots = []
      for (stream, cache) in caches.enumerated() {
        for position in begin..<min(ids.count, begin + pieceRows) {
          let id = stream == 0 ? ids[position] : Int32((position * 7 + stream) % 200)
          pass.hidden.withRows { model.embed(token: id, into: $0[pass.slots.count]) }
          pass.slots.append(DecoderPass.Slot(cache: cache, position: position))
        }
      }
      try model.run(pass, fillsCacheOnly: true, cancellation: Cancellation())
    }
    let step = try DecoderPass(.step, configuration, rows: 1, positions: ids.count + 1)
    let frame = Array(repeating: configuration.bos, count: configuration.codebooks)
    step.hidden.withRows { model.embed(codeFrame: frame, into: $0[0]) }
    step.slots = [DecoderPass.Slot(cache: caches[0], position: ids.count)]
    try model.run(step, cancellation: Cancellation())
    model.computeCodeLogits(step)
    return Outcome(
      logits: step.codeLogits.values(rows: 1), caches: contents(caches[0], configuration, ids.count))
  }

  private func contents(_ cache: KeyValueCache, _ configuration: ModelConfiguration, _ positions: Int) -> [Float] {
    let count = positions * configuration.headDimension
    return (0..<configuration.layers).flatMap { layer in
      (0..<configuration.kvHeads).flatMap { head in
        let (keys, values) = cache.contents(layer: layer, head: head, count: count)
        return keys + values
      }
    }
  }

  /// With a router that takes all experts, so that no near tie falls the other way: a choice of other experts changes
  /// logits by as much as they are large, in every arithmetic.
  @Test func resultsOfARoundedPromptAreNearTheExactOnes() throws {
    let configuration = try ModelConfiguration(directory: ReferenceFixtures.model)
    let experts = configuration.routedExperts + configuration.nullExperts
    let router = Router(
      dynamicExperts: experts, sharedExperts: configuration.sharedExperts, topP: 0, topK: experts, jitter: .infinity)
    let exact = try outcome(.exact, router: router)
    let rounded = try outcome(.bfloat16, router: router)
    func expectNear(_ a: [Float], _ b: [Float], _ share: Float) {
      let size = b.reduce(0) { max($0, abs($1)) }
      let difference = largestDifference(a, b)
      #expect(difference <= share * size, "\(difference / size)")
      #expect((difference > 0) == Self.isRounding)
    }
    // Keys and values of the first layer saw one product; the logits all of them.
    let first = exact.caches.count / configuration.layers
    expectNear(Array(rounded.caches[..<first]), Array(exact.caches[..<first]), 0.004)
    expectNear(rounded.logits, exact.logits, 0.02)
  }

  @Test func piecesAndBatchMatesChangeNoBit() throws {
    let whole = try outcome(.bfloat16)
    for pieceRows in [1, 13] {
      let parts = try outcome(.bfloat16, pieceRows: pieceRows)
      #expect(parts.caches == whole.caches)
      #expect(parts.logits == whole.logits)
    }
    let crowded = try outcome(.bfloat16, mates: 2)
    #expect(crowded.caches == whole.caches)
    #expect(crowded.logits == whole.logits)
  }
}
