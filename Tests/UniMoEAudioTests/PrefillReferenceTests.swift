import Testing

@testable import UniMoEAudio

@Suite struct PrefillReferenceTests {
  /// A stream of prompts of some tokens; the unconditional one begins like the other, goes on otherwise, and is shorter.
  private func stream(_ model: LanguageModel, positions: Int) throws -> RequestStream {
    var generator = SplitMix(state: 3)
    let ids = (0..<positions).map { _ in
      let id = Int32.random(in: 0..<Int32(model.configuration.vocabularySize - 1), using: &generator)
      return id == model.configuration.placeholder ? id + 1 : id
    }
    return try RequestStream(
      model.configuration,
      prompt: PromptRows(conditional: ids, unconditional: Array(ids[..<40] + ids[50...]), voiceFrames: []),
      sampling: Sampling(guidanceScale: 1), minimumCodeFrames: nil, maximumTokens: 0, uniform: { _, _ in 0.5 })
  }

  @Test func aPromptInPiecesFillsTheSameCaches() throws {
    let model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model))
    let configuration = model.configuration
    let stream = try stream(model, positions: StepBatch.prefillRows * 9 / 8)
    try StepBatch(model, [stream]).prefill(stream, cancellation: Cancellation())
    for (cache, ids) in stream.rows {
      let whole = try KeyValueCache(configuration, capacity: ids.count)
      let pass = try DecoderPass(.prefill, configuration, rows: ids.count, positions: ids.count)
      for (position, id) in ids.enumerated() {
        pass.hidden.withRows { model.embed(token: id, into: $0[position]) }
        pass.slots.append(DecoderPass.Slot(cache: whole, position: position))
      }
      try model.run(pass, fillsCacheOnly: true, cancellation: Cancellation())
      #expect(cache.count == ids.count)
      let count = ids.count * configuration.headDimension
      for layer in 0..<configuration.layers {
        for head in 0..<configuration.kvHeads {
          #expect(
            cache.contents(layer: layer, head: head, count: count)
              == whole.contents(layer: layer, head: head, count: count))
        }
      }
    }
  }

  /// Raises the flag in the middle of a pass.
  private final class Stopper: DecoderObserver {
    let cancellation = Cancellation()
    private(set) var layersAfterwards = 0

    func layer(_ layer: Int, attended output: UnsafeBufferPointer<Float>) { cancellation.cancel() }
    func layer(_ layer: Int, mixed output: UnsafeBufferPointer<Float>) { layersAfterwards += 1 }
  }

  @Test(arguments: [DecoderPass.Kind.step, .prefill])
  func aFlagRaisedInsideALayerEndsThePassBeforeTheNext(kind: DecoderPass.Kind) throws {
    let model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model))
    let pass = try DecoderPass(kind, model.configuration, rows: 1, positions: 1)
    pass.hidden.withRows { model.embed(token: 0, into: $0[0]) }
    let cache = try KeyValueCache(model.configuration, capacity: 1)
    pass.slots = [DecoderPass.Slot(cache: cache, position: 0)]
    let stopper = Stopper()
    #expect(throws: UniMoEError.cancelled) {
      try model.run(pass, observer: stopper, cancellation: stopper.cancellation)
    }
    #expect(stopper.layersAfterwards == 0)
    #expect(cache.count == 0)
  }
}
