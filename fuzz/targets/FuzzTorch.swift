extension FuzzTarget {
  /// A torch file: zip and pickle.
  static let torch = FuzzTarget(name: "torch") { bytes throws(UniMoEError) in
    let codec = try TorchCodec(SharedBytes(copying: bytes), path: "x.pth")
    try codec.tensors.readAll()
    _ = try codec.configuration()
  }
}
