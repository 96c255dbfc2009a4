import Foundation
import RandomModel
import Testing

@testable import UniMoEAudio

@Suite struct CheckpointRandomReferenceTests {
  private func description(layers: Int? = nil) -> RandomCheckpoint {
    var description = RandomCheckpoint(configurationPath: "\(ReferenceFixtures.model)/config.json")
    description.codecConfigurationPath = "\(ReferenceFixtures.codec)/config.json"
    description.tokenizerDirectory = ReferenceFixtures.model
    description.layers = layers
    description.shardBytes = 1 << 20
    return description
  }

  @Test func aRandomCheckpointOpensWithTheShapesOfItsConfiguration() throws {
    let folder = try TemporaryFolder()
    try description().write(to: folder.path("model"))
    let checkpoint = try Checkpoint(directory: folder.path("model"))
    #expect(try checkpoint.configuration == ModelConfiguration(directory: ReferenceFixtures.model))
    let weights = try #require(checkpoint.tensors["model.layers.0.self_attn.q_proj.weight"])
    #expect(weights.elementType == .bf16)
    let values = try weights.floats()
    let deviation = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
    #expect(abs(deviation - 0.02) < 0.001)
    let codec = try CodecCheckpoint(directory: checkpoint.codecDirectory)
    #expect(try codec.configuration == CodecConfiguration(directory: ReferenceFixtures.codec))
  }

  @Test func layersAreCutAndNumbersKept() throws {
    let folder = try TemporaryFolder()
    try description(layers: 1).write(to: folder.path("short"))
    try description(layers: 1).write(to: folder.path("again"))
    let short = try Checkpoint(directory: folder.path("short"))
    #expect(short.configuration.layers == 1)
    for name in short.tensors.names {
      let again = try #require(Checkpoint(directory: folder.path("again")).tensors[name])
      #expect(short.tensors[name]?.bytes.isEqual(to: again.bytes) == true)
    }
  }

  @Test func aCancelledCheckpointLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: UniMoEError.cancelled) {
      try description().write(to: folder.path("model"), cancellation: cancellation)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aDirectoryThatExistsIsNotTouched() throws {
    let folder = try TemporaryFolder()
    #expect(throws: UniMoEError(.system, folder.path, "cannot be created: File exists")) {
      try description().write(to: folder.path)
    }
  }
}
