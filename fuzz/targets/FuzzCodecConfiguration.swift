extension FuzzTarget {
  /// A codec's `config.json`.
  static let codecConfiguration = FuzzTarget(name: "codec-config") { bytes throws(UniMoEError) in
    let configuration = try CodecConfiguration(json: bytes, path: "config.json")
    precondition(configuration.hopLength > 0)
    for (_, shape) in configuration.tensors { precondition(TensorStore.byteCount(of: shape, type: .f32) != nil) }
  }
}
