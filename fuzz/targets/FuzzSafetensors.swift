extension FuzzTarget {
  /// A safetensors file.
  static let safetensors = FuzzTarget(name: "safetensors") { bytes throws(UniMoEError) in
    try TensorStore(safetensors: SharedBytes(copying: bytes), path: "x.safetensors").readAll()
  }
}
