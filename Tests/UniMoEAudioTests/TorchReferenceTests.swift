import Testing

@testable import UniMoEAudio

@Suite struct TorchReferenceTests {
  @Test func torchFileAndSafetensorsGiveTheSameTensors() throws {
    let torch = try TorchCodec(path: "\(ReferenceFixtures.codec)/weights.pth").tensors
    let safetensors = try TensorStore(safetensors: "\(ReferenceFixtures.codec)/model.safetensors")
    #expect(torch.names.sorted() == safetensors.names.sorted())
    for name in safetensors.names {
      let (a, b) = (try #require(torch[name]), try #require(safetensors[name]))
      #expect(a.shape == b.shape && a.elementType == b.elementType && a.bytes.isEqual(to: b.bytes), "\(name)")
    }
  }

  @Test func torchMetadataGivesTheConfiguration() throws {
    let torch = try TorchCodec(path: "\(ReferenceFixtures.codec)/weights.pth").configuration()
    #expect(try torch == CodecConfiguration(directory: ReferenceFixtures.codec))
  }

  @Test func codecDirectoryOpensWithEveryShapeAsConfigured() throws {
    let codec = try CodecCheckpoint(directory: ReferenceFixtures.codec)
    #expect(codec.configuration.tensors.count == codec.tensors.names.count)
  }
}
