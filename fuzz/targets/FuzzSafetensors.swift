extension FuzzTarget {
  /// A safetensors file.
  static let safetensors = FuzzTarget(name: "safetensors") { bytes throws(UniMoEError) in
    try TensorStore(safetensors: bytes, path: "x.safetensors", owner: FuzzInput()).readAll()
  }
}
