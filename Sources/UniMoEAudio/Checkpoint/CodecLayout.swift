/// The modules of a codec, under descript-audio-codec's names: what its tensors are called and how large they are, and
/// what is computed with them (reference semantics, section "DAC codec").
struct CodecLayout: Equatable, Sendable {
  /// A weight-normalised convolution.
  struct Convolution: Equatable, Sendable {
    var name: String
    var inputs: Int
    var outputs: Int
    var taps: Int
    var stride = 1
    var dilation = 1
    var padding = 0
    /// Whether it makes `stride` rows of one; its kernel's first dimension is its inputs then.
    var isTransposed = false

    /// The kernel's dimensions.
    var shape: [Int] { isTransposed ? [inputs, outputs, taps] : [outputs, inputs, taps] }
  }

  /// An activation `x + sin(αx)² / α`.
  struct Snake: Equatable, Sendable {
    var name: String
    var channels: Int
  }

  /// Two convolutions with activations, added to their input.
  struct Residual: Equatable, Sendable {
    var name: String
    var outerSnake: Snake
    var dilated: Convolution
    var innerSnake: Snake
    var pointwise: Convolution

    init(_ name: String, width: Int, dilation: Int) {
      self.name = name
      outerSnake = Snake(name: "\(name).block.0", channels: width)
      dilated = Convolution(
        name: "\(name).block.1", inputs: width, outputs: width, taps: 7, dilation: dilation, padding: 3 * dilation)
      innerSnake = Snake(name: "\(name).block.2", channels: width)
      pointwise = Convolution(name: "\(name).block.3", inputs: width, outputs: width, taps: 1)
    }
  }

  /// A step of the encoder or the decoder.
  enum Stage: Equatable, Sendable {
    case convolution(Snake?, Convolution, tanhName: String?)
    case residual(Residual)
  }

  /// One level of the residual vector quantizer.
  struct Codebook: Equatable, Sendable {
    /// The name of the entries' matrix, `[size, dimension]`.
    var entries: String
    /// From latents to entries.
    var inward: Convolution
    /// From entries to latents.
    var outward: Convolution
  }

  /// PCM `[samples, 1]` to latents `[code frames, latent width]`; empty where the latents are computed.
  var encoder: [Stage]
  /// The levels, the coarsest first.
  var quantizer: [Codebook]
  /// Latents `[code frames, latent width]` to PCM `[samples, 1]`.
  var decoder: [Stage]

  /// Dilations of the three residual units of every block.
  private static let dilations = [1, 3, 9]

  /// The modules of a codec with these sizes.
  init(_ sizes: CodecConfiguration) {
    encoder = sizes.analysis.isEmpty ? Self.encoder(sizes) : []
    decoder = Self.decoder(sizes)
    quantizer = (0..<sizes.codebooks).map { index in
      let name = "quantizer.quantizers.\(index)"
      let (latent, own) = (sizes.latentWidth, sizes.codebookDimension)
      return Codebook(
        entries: "\(name).codebook.weight",
        inward: Convolution(name: "\(name).in_proj", inputs: latent, outputs: own, taps: 1),
        outward: Convolution(name: "\(name).out_proj", inputs: own, outputs: latent, taps: 1))
    }
  }

  private static func encoder(_ sizes: CodecConfiguration) -> [Stage] {
    var width = sizes.encoderWidth
    let first = Convolution(name: "encoder.block.0", inputs: 1, outputs: width, taps: 7, padding: 3)
    var stages: [Stage] = [.convolution(nil, first, tanhName: nil)]
    for (index, rate) in sizes.encoderRates.enumerated() {
      let block = "encoder.block.\(index + 1).block"
      for (unit, dilation) in dilations.enumerated() {
        stages.append(.residual(Residual("\(block).\(unit)", width: width, dilation: dilation)))
      }
      let down = Convolution(
        name: "\(block).4", inputs: width, outputs: 2 * width, taps: 2 * rate, stride: rate, padding: (rate + 1) / 2)
      stages.append(.convolution(Snake(name: "\(block).3", channels: width), down, tanhName: nil))
      width *= 2
    }
    let end = sizes.encoderRates.count + 1
    let last = Convolution(
      name: "encoder.block.\(end + 1)", inputs: width, outputs: sizes.latentWidth, taps: 3, padding: 1)
    stages.append(.convolution(Snake(name: "encoder.block.\(end)", channels: width), last, tanhName: nil))
    return stages
  }

  private static func decoder(_ sizes: CodecConfiguration) -> [Stage] {
    var width = sizes.decoderWidth
    let first = Convolution(name: "decoder.model.0", inputs: sizes.latentWidth, outputs: width, taps: 7, padding: 3)
    var stages: [Stage] = [.convolution(nil, first, tanhName: nil)]
    for (index, rate) in sizes.decoderRates.enumerated() {
      let block = "decoder.model.\(index + 1).block"
      // Widths that do not halve evenly are rounded down at every stage from the first width, as the reference does.
      let halved = sizes.decoderWidth >> (index + 1)
      let up = Convolution(
        name: "\(block).1", inputs: width, outputs: halved, taps: 2 * rate, stride: rate, isTransposed: true)
      stages.append(.convolution(Snake(name: "\(block).0", channels: width), up, tanhName: nil))
      width = halved
      for (unit, dilation) in dilations.enumerated() {
        stages.append(.residual(Residual("\(block).\(unit + 2)", width: width, dilation: dilation)))
      }
    }
    let end = sizes.decoderRates.count + 1
    let last = Convolution(name: "decoder.model.\(end + 1)", inputs: width, outputs: 1, taps: 7, padding: 3)
    let snake = Snake(name: "decoder.model.\(end)", channels: width)
    stages.append(.convolution(snake, last, tanhName: "decoder.model.\(end + 2)"))
    return stages
  }
}

extension CodecConfiguration {
  /// Names and shapes of all tensors.
  package var tensors: [TensorEntry] {
    let layout = CodecLayout(self)
    return layout.encoder.flatMap(\.tensors) + analysisTensors
      + layout.quantizer.flatMap { codebook in
        [.matrix(codebook.entries, codebookSize, codebookDimension)] + codebook.inward.tensors
          + codebook.outward.tensors
      } + layout.decoder.flatMap(\.tensors)
  }

  /// What the latents are computed with, where they are.
  private var analysisTensors: [TensorEntry] {
    if analysis.isEmpty { return [] }
    let banks: [TensorEntry] = analysis.enumerated().map { index, spectra in
      .matrix("encoder.analysis.\(index).bank", spectra.bands, spectra.bins)
    }
    return banks + [.bias("encoder.mean", latentWidth), .norm("encoder.scale", latentWidth)]
  }
}

extension CodecLayout.Stage {
  fileprivate var tensors: [TensorEntry] {
    switch self {
    case .convolution(let snake, let convolution, _): (snake.map { [$0.tensor] } ?? []) + convolution.tensors
    case .residual(let unit):
      [unit.outerSnake.tensor] + unit.dilated.tensors + [unit.innerSnake.tensor] + unit.pointwise.tensors
    }
  }
}

extension CodecLayout.Snake {
  /// Its frequencies.
  fileprivate var tensor: TensorEntry { TensorEntry(name: "\(name).alpha", shape: [1, channels, 1], kind: .norm) }
}

extension CodecLayout.Convolution {
  /// The addend, the lengths that the kernel's rows are given, and their directions.
  fileprivate var tensors: [TensorEntry] {
    [
      .bias("\(name).bias", outputs), TensorEntry(name: "\(name).weight_g", shape: [shape[0], 1, 1], kind: .norm),
      TensorEntry(name: "\(name).weight_v", shape: shape, kind: .matrix),
    ]
  }
}
