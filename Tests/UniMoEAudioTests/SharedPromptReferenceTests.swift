import Testing

@testable import UniMoEAudio

/// What both streams of a request begin with is computed once; each cache must be as if its stream were alone.
@Suite struct SharedPromptReferenceTests {
  let model: LanguageModel

  init() throws { model = try LanguageModel(Checkpoint(directory: ReferenceFixtures.model)) }

  @Test(arguments: [0, 1, 23, 40])
  func streamsWithACommonBeginningAreAsIfAlone(shared: Int) throws {
    let beginning = (0..<shared).map { id($0 * 31) }
    let rows = [beginning + [id(5), id(9), id(2)], beginning + [id(7)]]
    let together = try prefilled(conditional: rows[0], unconditional: rows[1], guidance: 1)
    for (index, cache) in [together.conditional, try #require(together.unconditional)].enumerated() {
      let alone = try prefilled(conditional: rows[index], unconditional: [], guidance: 0).conditional
      #expect(cache.count == rows[index].count)
      #expect(contents(cache, positions: rows[index].count) == contents(alone, positions: rows[index].count))
    }
  }

  @Test func twoEqualStreamsFillBothCaches() throws {
    let ids = (0..<12).map { id($0 * 17) }
    let stream = try prefilled(conditional: ids, unconditional: ids, guidance: 1)
    let other = try #require(stream.unconditional)
    #expect(other.count == ids.count)
    #expect(contents(stream.conditional, positions: 12) == contents(other, positions: 12))
    #expect(contents(other, positions: 12).contains { $0 != 0 })
  }

  /// Any token but the placeholder.
  private func id(_ number: Int) -> Int32 {
    let id = Int32(number % model.configuration.vocabularySize)
    return id == model.configuration.placeholder ? 0 : id
  }

  private func prefilled(conditional: [Int32], unconditional: [Int32], guidance: Float) throws -> RequestStream {
    let stream = try RequestStream(
      model.configuration,
      prompt: PromptRows(conditional: conditional, unconditional: unconditional, voiceFrames: []),
      sampling: Sampling(guidanceScale: guidance), minimumCodeFrames: nil, maximumTokens: 4, uniform: { _, _ in 0 })
    try StepBatch(model, [stream]).prefill(stream, cancellation: Cancellation())
    return stream
  }

  /// Keys and values of all layers and heads.
  private func contents(_ cache: KeyValueCache, positions: Int) -> [Float] {
    let count = positions * model.configuration.headDimension
    return (0..<model.configuration.layers).flatMap { layer in
      (0..<model.configuration.kvHeads).flatMap { head in
        let (keys, values) = cache.contents(layer: layer, head: head, count: count)
        return keys + values
      }
    }
  }
}
