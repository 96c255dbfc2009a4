/// The codec's directory: `config.json` with `model.safetensors`, or the original torch file (`weights.pth`, or the one
/// file with that extension), which carries its own configuration.
struct CodecCheckpoint: Sendable {
  /// The directory as the caller named it.
  let directory: String
  /// Sizes, strides and rate.
  let configuration: CodecConfiguration
  /// All tensors, under descript-audio-codec's names; every shape was compared with the configuration.
  let tensors: TensorStore

  /// Opens a directory; reads no weights.
  init(directory: String) throws(UniMoEError) {
    if fileExists("\(directory)/model.safetensors") {
      try self.init(
        directory: directory, configuration: CodecConfiguration(directory: directory),
        tensors: TensorStore(safetensors: "\(directory)/model.safetensors"))
    } else {
      let file = try TorchCodec(path: Self.torchFile(in: directory))
      try self.init(directory: directory, configuration: file.configuration(), tensors: file.tensors)
    }
  }

  private init(directory: String, configuration: CodecConfiguration, tensors: TensorStore) throws(UniMoEError) {
    self.directory = directory
    self.configuration = configuration
    self.tensors = tensors
    try tensors.check(configuration.tensors.filter { !Self.isNamedOtherwise($0.name, in: tensors) })
  }

  /// Whether a weight-normalised kernel has a plain `weight` instead, or torch's newer names.
  private static func isNamedOtherwise(_ name: String, in tensors: TensorStore) -> Bool {
    for suffix in ["weight_g", "weight_v"] where name.hasSuffix(".\(suffix)") && tensors[name] == nil {
      let module = name.dropLast(suffix.count)
      return tensors["\(module)weight"] != nil || tensors["\(module)parametrizations.weight.original1"] != nil
    }
    return false
  }

  private static func torchFile(in directory: String) throws(UniMoEError) -> String {
    if fileExists("\(directory)/weights.pth") { return "\(directory)/weights.pth" }
    let names = try fileNames(in: directory).filter { $0.hasSuffix(".pth") }
    guard names.count == 1, let name = names.first else {
      throw UniMoEError(
        .model, directory, expected: "model.safetensors, weights.pth or one other .pth file",
        found: "\(names.count) .pth files")
    }
    return "\(directory)/\(name)"
  }
}
