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

  /// A convolution.
  func convolution(_ layout: CodecLayout.Convolution) throws(UniMoEError) -> Convolution {
    let weights = try kernel(layout.name, shape: layout.shape)
    let bias = try tensors.vector("\(layout.name).bias", count: layout.outputs)
    if layout.isTransposed {
      return Convolution(name: layout.name, transposed: weights, bias: bias, inputs: layout.inputs, rate: layout.stride)
    }
    return Convolution(
      name: layout.name, weight: weights, bias: bias, inputs: layout.inputs, taps: layout.taps, stride: layout.stride,
      dilation: layout.dilation, padding: layout.padding)
  }

  /// An activation.
  func snake(_ layout: CodecLayout.Snake) throws(UniMoEError) -> Snake {
    let alpha = try tensors.tensor("\(layout.name).alpha", shape: [1, layout.channels, 1]).floats()
    return Snake(name: layout.name, alpha: alpha)
  }

  /// A residual unit.
  func residual(_ layout: CodecLayout.Residual) throws(UniMoEError) -> ResidualStage.Weights {
    ResidualStage.Weights(
      name: layout.name, outerSnake: try snake(layout.outerSnake), dilated: try convolution(layout.dilated),
      innerSnake: try snake(layout.innerSnake), pointwise: try convolution(layout.pointwise))
  }

  /// The weights of stages.
  func stages(_ layout: [CodecLayout.Stage]) throws(UniMoEError) -> [StageWeights] {
    try layout.map { (stage) throws(UniMoEError) in
      switch stage {
      case .convolution(let snake, let convolution, let tanhName):
        .convolution(
          try snake.map { (snake) throws(UniMoEError) in try self.snake(snake) }, try self.convolution(convolution),
          tanhName: tanhName)
      case .residual(let unit): .residual(try residual(unit))
      }
    }
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
  /// The encoder: PCM `[samples, 1]` to latents `[code frames, latent width]`.
  func encoder(_ sizes: CodecConfiguration) throws(UniMoEError) -> [StageWeights] {
    sizes.analysis.isEmpty ? try stages(CodecLayout(sizes).encoder) : [.analysis(try analysis(sizes))]
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
    try stages(CodecLayout(sizes).decoder)
  }

  /// The residual vector quantizer.
  func quantizer(_ sizes: CodecConfiguration) throws(UniMoEError) -> Quantizer {
    let shape = [sizes.codebookSize, sizes.codebookDimension]
    let codebooks = try CodecLayout(sizes).quantizer.map { (layout) throws(UniMoEError) in
      Quantizer.Codebook(
        entries: try tensors.tensor(layout.entries, shape: shape).floats(), size: sizes.codebookSize,
        inward: try convolution(layout.inward),
        outwardKernel: try kernel(layout.outward.name, shape: layout.outward.shape),
        outwardBias: try tensors.vector("\(layout.outward.name).bias", count: sizes.latentWidth))
    }
    return Quantizer(codebooks, dimension: sizes.codebookDimension, latentWidth: sizes.latentWidth)
  }
}
