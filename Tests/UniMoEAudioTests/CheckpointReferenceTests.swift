import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct CheckpointReferenceTests {
  @Test func modelOpensAndItsSizesFitItsTensors() throws {
    let checkpoint = try Checkpoint(directory: ReferenceFixtures.model)
    let configuration = checkpoint.configuration
    let embedding = try #require(checkpoint.tensors["model.embed_tokens.weight"])
    #expect(embedding.shape == [configuration.vocabularySize, configuration.hiddenSize])
    #expect(configuration.delays.count == configuration.codebooks)
    #expect(try checkpoint.tensors.vector("model.norm.weight", count: configuration.hiddenSize).allSatisfy(\.isFinite))
  }

  @Test func codecConfigurationReads() throws {
    let configuration = try CodecConfiguration(directory: ReferenceFixtures.codec)
    let model = try ModelConfiguration(directory: ReferenceFixtures.model)
    #expect(configuration.codebooks == model.codebooks)
    #expect(configuration.hopLength == configuration.encoderRates.reduce(1, *))
  }

  @Test func fixtureArraysRead() throws {
    let arrays = try ReferenceFixtures.arrays("delay")
    #expect(arrays.store.names.isEmpty == false)
  }
}
