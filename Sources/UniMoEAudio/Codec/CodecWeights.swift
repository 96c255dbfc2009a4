/// Reads the codec's modules from its tensors, every shape checked against what the configuration says.
///
/// Names are those of descript-audio-codec's state dictionary.
struct CodecWeights {
  /// The codec's tensors.
  let tensors: TensorStore
  /// Looked at before every module is read, and before it is made ready.
  var cancellation = Cancellation()

  /// A convolution's kernel, weight normalisation folded: `g * v / ||v||`, the norm taken over all dimensions but the
  /// first (Salimans and Kingma, arXiv 1602.07868).
  ///
  /// Accepts `weight_g` and `weight_v`, torch's newer `parametrizations.weight.original0` and `original1`, or a plain
  /// `weight`. A row that is zero stays zero.
  func kernel(_ module: String, shape: [Int]) throws(UniMoEError) -> [Float] {
    try cancellation.check()
    if tensors["\(module).weight"] != nil { return try tensors.tensor("\(module).weight", shape: shape).floats() }
    var (gain, direction) = ("\(module).weight_g", "\(module).weight_v")
    if tensors[direction] == nil, tensors["\(module).parametrizations.weight.original1"] != nil {
      gain = "\(module).parametrizations.weight.original0"
      direction = "\(module).parametrizations.weight.original1"
    }
    let gains = try tensors.tensor(gain, shape: [shape[0], 1, 1]).floats()
    var kernel = try tensors.tensor(direction, shape: shape).floats()
    let rowCount = kernel.count / shape[0]
    kernel.withUnsafeMutableBufferPointer { kernel in
      guard let start = kernel.baseAddress else { return }
      WorkerPool.shared.run(shape[0]) { row in
        if cancellation.isCancelled { return }
        Self.scale(UnsafeMutableBufferPointer(start: start + row * rowCount, count: rowCount), to: gains[row])
      }
    }
    try cancellation.check()
    return kernel
  }

  /// Gives a vector the length `length`, if it has one.
  private static func scale(_ values: UnsafeMutableBufferPointer<Float>, to length: Float) {
    var square = 0.0
    for value in values { square += Double(value) * Double(value) }
    let scale = square > 0 ? Double(length) / square.squareRoot() : 0
    for index in values.indices { values[index] = Float(Double(values[index]) * scale) }
  }

  /// A plain convolution.
  func convolution(
    _ module: String, inputs: Int, outputs: Int, taps: Int, stride: Int = 1, dilation: Int = 1, padding: Int = 0
  ) throws(UniMoEError) -> Convolution {
    Convolution(
      name: module, weight: try kernel(module, shape: [outputs, inputs, taps]),
      bias: try tensors.vector("\(module).bias", count: outputs), inputs: inputs, taps: taps, stride: stride,
      dilation: dilation, padding: padding)
  }

  /// A transposed convolution that makes `rate` rows of one.
  func transposed(_ module: String, inputs: Int, outputs: Int, rate: Int) throws(UniMoEError) -> Convolution {
    Convolution(
      name: module, transposed: try kernel(module, shape: [inputs, outputs, 2 * rate]),
      bias: try tensors.vector("\(module).bias", count: outputs), inputs: inputs, rate: rate)
  }

  /// An activation.
  func snake(_ module: String, channels: Int) throws(UniMoEError) -> Snake {
    Snake(name: module, alpha: try tensors.tensor("\(module).alpha", shape: [1, channels, 1]).floats())
  }

  /// A residual unit.
  func residual(_ module: String, width: Int, dilation: Int) throws(UniMoEError) -> ResidualStage.Weights {
    ResidualStage.Weights(
      name: module,
      outerSnake: try snake("\(module).block.0", channels: width),
      dilated: try convolution(
        "\(module).block.1", inputs: width, outputs: width, taps: 7, dilation: dilation, padding: 3 * dilation),
      innerSnake: try snake("\(module).block.2", channels: width),
      pointwise: try convolution("\(module).block.3", inputs: width, outputs: width, taps: 1))
  }
}

/// The weights of one pipeline stage.
enum StageWeights: Sendable {
  case convolution(Snake?, Convolution, tanhName: String?)
  case residual(ResidualStage.Weights)
  case analysis(SpectralAnalysis)

  /// A stage with these weights, at the start of a signal.
  func makeStage() -> any PipelineStage {
    switch self {
    case .convolution(let snake, let convolution, let tanhName):
      ConvolutionStage(snake: snake, convolution, tanhName: tanhName)
    case .residual(let weights): ResidualStage(weights)
    case .analysis(let analysis): SpectralStage(analysis)
    }
  }
}

extension CodecWeights {
  /// Dilations of the three residual units of every block.
  private static let dilations = [1, 3, 9]

  /// The encoder: PCM `[samples, 1]` to latents `[code frames, latent width]`.
  func encoder(_ sizes: CodecConfiguration) throws(UniMoEError) -> [StageWeights] {
    if !sizes.analysis.isEmpty { return [.analysis(try analysis(sizes))] }
    var width = sizes.encoderWidth
    var stages: [StageWeights] = [
      .convolution(
        nil, try convolution("encoder.block.0", inputs: 1, outputs: width, taps: 7, padding: 3), tanhName: nil)
    ]
    for (index, rate) in sizes.encoderRates.enumerated() {
      let block = "encoder.block.\(index + 1).block"
      for (unit, dilation) in Self.dilations.enumerated() {
        stages.append(.residual(try residual("\(block).\(unit)", width: width, dilation: dilation)))
      }
      let down = try convolution(
        "\(block).4", inputs: width, outputs: 2 * width, taps: 2 * rate, stride: rate, padding: (rate + 1) / 2)
      stages.append(.convolution(try snake("\(block).3", channels: width), down, tanhName: nil))
      width *= 2
    }
    let end = sizes.encoderRates.count + 1
    let last = try convolution(
      "encoder.block.\(end + 1)", inputs: width, outputs: sizes.latentWidth, taps: 3, padding: 1)
    stages.append(.convolution(try snake("encoder.block.\(end)", channels: width), last, tanhName: nil))
    return stages
  }

  /// The encoder of a codec whose latents are computed.
  private func analysis(_ sizes: CodecConfiguration) throws(UniMoEError) -> SpectralAnalysis {
    var parts: [SpectralAnalysis.Part] = []
    for (index, spectra) in sizes.analysis.enumerated() {
      let bank = try tensors.tensor("encoder.analysis.\(index).bank", shape: [spectra.bands, spectra.bins]).floats()
      parts.append(SpectralAnalysis.Part(spectra: spectra, bank: bank))
    }
    return SpectralAnalysis(
      parts: parts, hopLength: sizes.hopLength, mean: try tensors.vector("encoder.mean", count: sizes.latentWidth),
      scale: try tensors.vector("encoder.scale", count: sizes.latentWidth))
  }

  /// The decoder: latents `[code frames, latent width]` to PCM `[samples, 1]`.
  func decoder(_ sizes: CodecConfiguration) throws(UniMoEError) -> [StageWeights] {
    var width = sizes.decoderWidth
    let first = try convolution("decoder.model.0", inputs: sizes.latentWidth, outputs: width, taps: 7, padding: 3)
    var stages: [StageWeights] = [.convolution(nil, first, tanhName: nil)]
    for (index, rate) in sizes.decoderRates.enumerated() {
      let block = "decoder.model.\(index + 1).block"
      // Widths that do not halve evenly are rounded down at every stage from the first width, as the reference does.
      let halved = sizes.decoderWidth >> (index + 1)
      let up = try transposed("\(block).1", inputs: width, outputs: halved, rate: rate)
      stages.append(.convolution(try snake("\(block).0", channels: width), up, tanhName: nil))
      width = halved
      for (unit, dilation) in Self.dilations.enumerated() {
        stages.append(.residual(try residual("\(block).\(unit + 2)", width: width, dilation: dilation)))
      }
    }
    let end = sizes.decoderRates.count + 1
    let last = try convolution("decoder.model.\(end + 1)", inputs: width, outputs: 1, taps: 7, padding: 3)
    stages.append(
      .convolution(try snake("decoder.model.\(end)", channels: width), last, tanhName: "decoder.model.\(end + 2)"))
    return stages
  }

  /// The residual vector quantizer.
  func quantizer(_ sizes: CodecConfiguration) throws(UniMoEError) -> Quantizer {
    var codebooks: [Quantizer.Codebook] = []
    for index in 0..<sizes.codebooks {
      let module = "quantizer.quantizers.\(index)"
      let shape = [sizes.latentWidth, sizes.codebookDimension, 1]
      codebooks.append(
        Quantizer.Codebook(
          entries: try tensors.tensor(
            "\(module).codebook.weight", shape: [sizes.codebookSize, sizes.codebookDimension]
          ).floats(),
          size: sizes.codebookSize,
          inward: try convolution(
            "\(module).in_proj", inputs: sizes.latentWidth, outputs: sizes.codebookDimension, taps: 1),
          outwardKernel: try kernel("\(module).out_proj", shape: shape),
          outwardBias: try tensors.vector("\(module).out_proj.bias", count: sizes.latentWidth)))
    }
    return Quantizer(codebooks, dimension: sizes.codebookDimension, latentWidth: sizes.latentWidth)
  }
}
