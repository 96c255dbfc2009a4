import Testing

@testable import UniMoEAudio

@Suite struct TorchFileTests {
  private func tensor(_ bytes: [UInt8]) throws -> Tensor {
    let folder = try TemporaryFolder()
    return try #require(try TorchCodec(path: folder.write(bytes, as: "weights.pth")).tensors["a"])
  }

  @Test func aContiguousTensorIsAView() throws {
    let tensor = try tensor(torchFile(Pickle.state(Pickle.tensor())))
    #expect(tensor.shape == [2, 3])
    #expect(try tensor.floats() == [0, 1, 2, 3, 4, 5])
    #expect(tensor.bytes.isMapped)
  }

  @Test func aStridedTensorIsCopiedInOrder() throws {
    let transposed = Pickle.tensor(shape: [3, 2], strides: [1, 3])
    #expect(try tensor(torchFile(Pickle.state(transposed))).floats() == [0, 3, 1, 4, 2, 5])
    let spread = Pickle.tensor(offset: 1, shape: [3], strides: [2])
    #expect(try tensor(torchFile(Pickle.state(spread))).floats() == [1, 3, 5])
  }

  @Test func theStrideOfASingleElementMeansNothing() throws {
    let column = Pickle.tensor(offset: 1, shape: [2, 1, 2], strides: [3, .max, 1])
    #expect(try tensor(torchFile(Pickle.state(column))).floats() == [1, 2, 4, 5])
  }

  @Test func aSliceIsAViewAtItsOffset() throws {
    let slice = Pickle.tensor(offset: 2, shape: [1, 3], strides: [99, 1])
    #expect(try tensor(torchFile(Pickle.state(slice))).floats() == [2, 3, 4])
  }

  @Test func zip64AndCommentsAreRead() throws {
    let numbers = (0..<6).flatMap { little(Float($0).bitPattern) }
    var zip = StoredZip([("any root/data.pkl", Pickle.state(Pickle.tensor())), ("any root/data/0", numbers)])
    zip.isZip64 = true
    zip.comment = "a comment"
    #expect(try tensor(zip.bytes).floats() == [0, 1, 2, 3, 4, 5])
  }

  @Test func aListThatHoldsItselfIsHarmless() throws {
    let cycle = Pickle.list + Array("q".utf8) + [7] + Array("h".utf8) + [7] + Array("a".utf8)
    let pickle =
      Pickle.start
      + Pickle.dictionary(("metadata", cycle), ("state_dict", Pickle.dictionary(("a", Pickle.tensor())))) + Pickle.stop
    #expect(try tensor(torchFile(pickle)).shape == [2, 3])
  }

  @Test func deeplyNestedTuplesAreHarmless() throws {
    let nest = Array(")".utf8) + [UInt8](repeating: 0x85, count: 200_000)
    let pickle =
      Pickle.start
      + Pickle.dictionary(("metadata", nest), ("state_dict", Pickle.dictionary(("a", Pickle.tensor())))) + Pickle.stop
    #expect(try tensor(torchFile(pickle)).shape == [2, 3])
  }
}
