extension FuzzTarget {
  /// A model's `config.json`.
  static let modelConfiguration = FuzzTarget(name: "model-config") { bytes throws(UniMoEError) in
    let configuration = try ModelConfiguration(json: bytes, path: "config.json")
    precondition(configuration.heads * configuration.headDimension == configuration.hiddenSize)
    for (_, shape) in configuration.outerTensors + configuration.tensors(ofLayer: configuration.layers - 1) {
      precondition(TensorStore.byteCount(of: shape, type: .f32) != nil)
    }
  }
}
