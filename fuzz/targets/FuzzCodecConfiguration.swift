extension FuzzTarget {
  /// A codec's `config.json`.
  static let codecConfiguration = FuzzTarget(name: "codec-config") { bytes throws(UniMoEError) in
    let configuration = try CodecConfiguration(json: bytes, path: "config.json")
    precondition(configuration.hopLength > 0)
    for entry in configuration.tensors { precondition(ElementType.f32.byteCount(of: entry.shape) != nil) }
  }
}
