extension FuzzTarget {
  /// A torch file: zip and pickle.
  static let torch = FuzzTarget(name: "torch") { bytes throws(UniMoEError) in
    let file = try TorchFile(bytes, path: "x.pth", owner: FuzzInput())
    try file.tensors.readAll()
    _ = try file.codecConfiguration()
  }
}
