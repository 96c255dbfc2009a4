/// Turns PCM into codes piece by piece, so that memory does not grow with the signal.
///
/// Thread: one at a time.
final class StreamingEncoder {
  /// Looks at every module's output; for tests.
  var tap: ModuleTap? {
    get { pipeline.tap }
    set { pipeline.tap = newValue }
  }
  private let codec: Codec
  private let pipeline: ConvolutionPipeline
  private var codes: [Int32] = []
  private var pushedSamples = 0

  /// Samples that go through the first stage at a time.
  private static let blockSamples = 8192

  /// Creates an encoder at the start of a signal.
  init(_ codec: Codec) {
    self.codec = codec
    pipeline = ConvolutionPipeline(codec.encoder.map { $0.makeStage() }, longestPush: Self.blockSamples)
  }

  /// Encodes more samples.
  ///
  /// Throws when cancelled; the encoder is of no use then.
  func push(_ samples: UnsafeBufferPointer<Float>, cancellation: Cancellation) throws(UniMoEError) {
    for first in stride(from: 0, to: samples.count, by: Self.blockSamples) {
      let count = min(Self.blockSamples, samples.count - first)
      if let source = samples.baseAddress {
        pipeline.input.reserve(count) { $0.update(from: source + first, count: count) }
      }
      pipeline.input.commit(count)
      pushedSamples += count
      try advance(ending: false, cancellation)
    }
  }

  /// Pads the signal with silence to whole code frames and returns its codes.
  func finish(cancellation: Cancellation) throws(UniMoEError) -> Codes {
    let hop = codec.hopLength
    var missing = (hop - pushedSamples % hop) % hop
    while missing > 0 {
      let count = min(missing, Self.blockSamples)
      pipeline.input.appendZeros(count)
      missing -= count
      try advance(ending: false, cancellation)
    }
    if pushedSamples > 0 { try advance(ending: true, cancellation) }
    return Codes(codebooks: codec.codebooks, values: codes)
  }

  private func advance(ending: Bool, _ cancellation: Cancellation) throws(UniMoEError) {
    let quantizer = codec.quantizer
    var found: [Int32] = []
    try pipeline.advance(ending: ending, cancellation: cancellation) { (rows, count) throws(UniMoEError) in
      let latents = FloatBuffer(bounded: count * quantizer.latentWidth)
      let width = quantizer.codebooks.count * quantizer.dimension
      // No memory where nobody looks.
      let projections = FloatBuffer(bounded: tap == nil ? 0 : count * width)
      try latents.withPointer { (latents) throws(UniMoEError) in
        latents.update(from: rows, count: count * quantizer.latentWidth)
        try projections.withPointer { (projections) throws(UniMoEError) in
          found += quantizer.encode(
            latents, frames: count, projections: tap == nil ? nil : projections, cancellation: cancellation)
          try cancellation.check()
          tap?("quantizer.latents", projections, count, width)
        }
      }
    }
    codes += found
  }
}
