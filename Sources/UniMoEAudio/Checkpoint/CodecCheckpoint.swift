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

extension CodecConfiguration {
  /// Names and shapes of all tensors (reference semantics, section "DAC codec").
  package var tensors: [TensorEntry] {
    encoderTensors + quantizerTensors + decoderTensors
  }

  private var encoderTensors: [TensorEntry] {
    if !analysis.isEmpty {
      let banks: [TensorEntry] = analysis.enumerated().map { index, spectra in
        .matrix("encoder.analysis.\(index).bank", spectra.bands, spectra.bins)
      }
      return banks + [.bias("encoder.mean", latentWidth), .norm("encoder.scale", latentWidth)]
    }
    var width = encoderWidth
    var tensors = Self.convolution("encoder.block.0", outputs: width, inputs: 1, taps: 7)
    for (stage, rate) in encoderRates.enumerated() {
      let prefix = "encoder.block.\(stage + 1).block."
      for unit in 0..<3 { tensors += Self.residualUnit("\(prefix)\(unit).block.", width: width) }
      tensors.append(.alpha("\(prefix)3.alpha", width))
      tensors += Self.convolution("\(prefix)4", outputs: 2 * width, inputs: width, taps: 2 * rate)
      width *= 2
    }
    let last = encoderRates.count + 1
    tensors.append(.alpha("encoder.block.\(last).alpha", width))
    return tensors + Self.convolution("encoder.block.\(last + 1)", outputs: latentWidth, inputs: width, taps: 3)
  }

  private var quantizerTensors: [TensorEntry] {
    (0..<codebooks).flatMap { index in
      let prefix = "quantizer.quantizers.\(index)."
      return [.matrix("\(prefix)codebook.weight", codebookSize, codebookDimension)]
        + Self.convolution("\(prefix)in_proj", outputs: codebookDimension, inputs: latentWidth, taps: 1)
        + Self.convolution("\(prefix)out_proj", outputs: latentWidth, inputs: codebookDimension, taps: 1)
    }
  }

  private var decoderTensors: [TensorEntry] {
    var width = decoderWidth
    var tensors = Self.convolution("decoder.model.0", outputs: width, inputs: latentWidth, taps: 7)
    for (stage, rate) in decoderRates.enumerated() {
      let prefix = "decoder.model.\(stage + 1).block."
      tensors.append(.alpha("\(prefix)0.alpha", width))
      tensors += Self.transposedConvolution("\(prefix)1", outputs: width / 2, inputs: width, taps: 2 * rate)
      width /= 2
      for unit in 2..<5 { tensors += Self.residualUnit("\(prefix)\(unit).block.", width: width) }
    }
    let last = decoderRates.count + 1
    tensors.append(.alpha("decoder.model.\(last).alpha", width))
    return tensors + Self.convolution("decoder.model.\(last + 1)", outputs: 1, inputs: width, taps: 7)
  }

  private static func residualUnit(_ prefix: String, width: Int) -> [TensorEntry] {
    [.alpha("\(prefix)0.alpha", width)] + convolution("\(prefix)1", outputs: width, inputs: width, taps: 7)
      + [.alpha("\(prefix)2.alpha", width)] + convolution("\(prefix)3", outputs: width, inputs: width, taps: 1)
  }

  private static func convolution(
    _ name: String, outputs: Int, inputs: Int, taps: Int
  ) -> [TensorEntry] {
    [
      .bias("\(name).bias", outputs), .gain("\(name).weight_g", outputs),
      .kernel("\(name).weight_v", [outputs, inputs, taps]),
    ]
  }

  /// The first dimension of a transposed convolution is its inputs.
  private static func transposedConvolution(
    _ name: String, outputs: Int, inputs: Int, taps: Int
  ) -> [TensorEntry] {
    [
      .bias("\(name).bias", outputs), .gain("\(name).weight_g", inputs),
      .kernel("\(name).weight_v", [inputs, outputs, taps]),
    ]
  }
}

extension TensorEntry {
  /// The lengths that a weight-normalised kernel's rows are given.
  fileprivate static func gain(_ name: String, _ count: Int) -> TensorEntry {
    TensorEntry(name: name, shape: [count, 1, 1], kind: .norm)
  }

  /// The directions of a weight-normalised kernel's rows.
  fileprivate static func kernel(_ name: String, _ shape: [Int]) -> TensorEntry {
    TensorEntry(name: name, shape: shape, kind: .matrix)
  }

  /// A snake's frequencies.
  fileprivate static func alpha(_ name: String, _ count: Int) -> TensorEntry {
    TensorEntry(name: name, shape: [1, count, 1], kind: .norm)
  }
}
