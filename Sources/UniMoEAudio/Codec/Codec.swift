/// The neural audio codec: a descript-audio-codec with the sizes that its checkpoint names.
///
/// Mono PCM at `sampleRate` to codes `[codeFrames, codebooks]` and back. Thread: any; several may use one codec at once.
/// Source: Kumar et al., arXiv 2306.06546.
public final class Codec: Sendable {
  /// PCM samples per second.
  public var sampleRate: Int { configuration.sampleRate }
  /// PCM samples per code frame.
  public var hopLength: Int { configuration.hopLength }
  /// Codebooks, hence codes per code frame.
  public var codebooks: Int { configuration.codebooks }
  /// Entries of every codebook; codes are below this.
  public var codebookSize: Int { configuration.codebookSize }

  let configuration: CodecConfiguration
  let encoder: [StageWeights]
  let decoder: [StageWeights]
  let quantizer: Quantizer

  /// The longest hop that is accepted: four seconds at 16 kHz, far beyond any codec.
  private static let hopLimit = 1 << 16

  /// Opens a codec's directory: `config.json` with `model.safetensors`, or the original torch file.
  ///
  /// Throws `model` for a file that is missing or broken, and for the first tensor that is missing or has another shape
  /// than the configuration says; `cancelled` within 100 ms after the flag was raised.
  public convenience init(
    directory: String, cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    let checkpoint = try CodecCheckpoint(directory: directory)
    try self.init(checkpoint.configuration, checkpoint.tensors, cancellation: cancellation)
  }

  /// Prepares a codec from tensors that were opened already.
  init(
    _ configuration: CodecConfiguration, _ tensors: TensorStore, cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    guard configuration.hopLength <= Self.hopLimit else {
      throw UniMoEError(
        .model, tensors.path, field: "encoder_rates", expected: "a product of at most \(Self.hopLimit)",
        found: "\(configuration.hopLength)")
    }
    try AddressSpace.check(copied: tensors.byteCount)
    let weights = CodecWeights(tensors: tensors, cancellation: cancellation)
    self.configuration = configuration
    encoder = try weights.encoder(configuration)
    quantizer = try weights.quantizer(configuration)
    decoder = try weights.decoder(configuration)
  }
}

extension Codec {
  /// The codes of a signal, padded with silence to whole code frames.
  ///
  /// Throws `audio` if a sample is not a finite number, and `cancelled` within some milliseconds after the flag was
  /// raised.
  public func encode(_ samples: [Float], cancellation: Cancellation = Cancellation()) throws(UniMoEError) -> Codes {
    if let index = samples.firstIndex(where: { !$0.isFinite }) {
      throw UniMoEError(
        .audio, "signal", field: "sample \(index)", expected: "a finite number", found: "\(samples[index])")
    }
    let encoder = StreamingEncoder(self)
    try samples.withUnsafeBufferPointer { (samples) throws(UniMoEError) in
      try encoder.push(samples, cancellation: cancellation)
    }
    return try encoder.finish(cancellation: cancellation)
  }

  /// The signal of codes; its length is `decodedLength(codeFrames:)`.
  ///
  /// Throws `request` if a code is not one of its codebook or the codebooks are of another number, `model` if the weights
  /// give samples that are not finite numbers, and `cancelled` within some milliseconds after the flag was raised.
  public func decode(_ codes: Codes, cancellation: Cancellation = Cancellation()) throws(UniMoEError) -> [Float] {
    let decoder = makeStreamingDecoder()
    var samples: [Float] = []
    samples.reserveCapacity(decodedLength(codeFrames: codes.frameCount))
    try decoder.push(codes, cancellation: cancellation) { (piece) throws(UniMoEError) in samples += piece }
    try decoder.finish(cancellation: cancellation) { (piece) throws(UniMoEError) in samples += piece }
    return samples
  }

  /// A decoder for codes that arrive piece by piece.
  public func makeStreamingDecoder() -> StreamingDecoder { StreamingDecoder(self) }

  /// Samples that so many code frames become: nearly `codeFrames * hopLength`, as stages with an odd rate lose a row.
  public func decodedLength(codeFrames: Int) -> Int {
    decoder.reduce(codeFrames) { rows, stage in
      if case .convolution(_, let convolution, _) = stage { convolution.outputRows(for: rows) } else { rows }
    }
  }

  /// Throws unless codes fit this codec.
  func check(_ codes: Codes) throws(UniMoEError) {
    guard codes.codebooks == codebooks else {
      throw UniMoEError(.request, "codes", expected: "\(codebooks) codebooks", found: "\(codes.codebooks)")
    }
    let bound = UInt32(codebookSize)
    if let index = codes.values.firstIndex(where: { UInt32(bitPattern: $0) >= bound }) {
      throw UniMoEError(
        .request, "codes", field: "code frame \(index / codebooks), codebook \(index % codebooks)",
        expected: "a code from 0 to \(codebookSize - 1)", found: "\(codes.values[index])")
    }
  }
}
