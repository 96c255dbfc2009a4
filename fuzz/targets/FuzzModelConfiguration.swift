extension FuzzTarget {
  /// A model's `config.json`.
  static let modelConfiguration = FuzzTarget(name: "model-config") { bytes throws(UniMoEError) in
    let configuration = try ModelConfiguration(json: bytes, path: "config.json")
    precondition(configuration.heads * configuration.headDimension == configuration.hiddenSize)
    let entries = OuterTensors(configuration).all + LayerTensors(configuration, layer: configuration.layers - 1).all
    for entry in entries { precondition(ElementType.f32.byteCount(of: entry.shape) != nil) }
  }
}
