/// A model directory: configuration, generation defaults and the decoder's tensors, every shape compared with the
/// configuration.
///
/// `lm_head` and the vision tower are never looked at, so they may be absent and their pages are never read.
struct Checkpoint: Sendable {
  /// The directory as the caller named it.
  let directory: String
  /// Sizes and ids.
  let configuration: ModelConfiguration
  /// How the model wants to be used.
  let defaults: GenerationDefaults
  /// All tensors. The decoder's are named `model.…`, whichever of the two prefixes the files use.
  let tensors: TensorStore

  /// The directory with the codec's files.
  var codecDirectory: String { "\(directory)/codec" }

  /// The name of the file of words and their phonemes.
  static let lexiconName = "lexicon.bin"

  /// The path of a model directory's lexicon; `nil` if it has none.
  static func lexiconPath(in directory: String) -> String? {
    let path = "\(directory)/\(lexiconName)"
    return fileExists(path) ? path : nil
  }

  /// Opens a directory; reads no weights.
  ///
  /// Throws for a file that is missing or broken, and for the first tensor, in the order of the layers, that is missing
  /// or has another shape or type than the configuration says.
  init(directory: String) throws(UniMoEError) {
    self.directory = directory
    configuration = try ModelConfiguration(directory: directory)
    defaults = try GenerationDefaults(directory: directory)
    tensors = try TensorStore(indexedIn: directory).renamingDecoderPrefix()
    try tensors.check(OuterTensors(configuration).all)
    // Layer by layer, so that a configuration cannot ask for a list of names that is longer than the model.
    for layer in 0..<configuration.layers { try tensors.check(LayerTensors(configuration, layer: layer).all) }
  }
}

extension TensorStore {
  /// Throws for the first tensor that is missing, or has another shape or a type that weights are not read from.
  func check(_ expected: [TensorEntry]) throws(UniMoEError) {
    for entry in expected {
      let tensor = try tensor(entry)
      if tensor.elementType.kernelType == nil {
        throw UniMoEError(
          .model, tensor.path, field: readable(tensor.name), expected: "F32, F16 or BF16 numbers",
          found: tensor.elementType.rawValue)
      }
    }
  }

  /// The same tensors, with `language_model.…` renamed to `model.…`.
  fileprivate func renamingDecoderPrefix() throws(UniMoEError) -> TensorStore {
    var renamed: [String: Tensor] = [:]
    for name in names.sorted() {
      let isOther = name.hasPrefix("language_model.")
      let common = isOther ? "model." + name.dropFirst("language_model.".count) : name
      if isOther && self[common] != nil {
        throw UniMoEError(.model, path, field: readable(name), "stored twice, also as \(common)")
      }
      renamed[common] = self[name]
    }
    return TensorStore(path: path, tensors: renamed, metadata: metadata)
  }
}
