/// Sizes of the DAC codec, validated; the words are those of descript-audio-codec's constructor.
package struct CodecConfiguration: Equatable, Sendable {
  /// PCM samples per second.
  let sampleRate: Int
  /// Channels after the encoder's first convolution; doubled by every stage.
  let encoderWidth: Int
  /// Strides of the encoder's stages.
  let encoderRates: [Int]
  /// What the encoder computes instead of its network; empty where it has one.
  let analysis: [Spectra]
  /// Channels between encoder, quantizer and decoder.
  let latentWidth: Int
  /// Channels after the decoder's first convolution; halved by every stage.
  let decoderWidth: Int
  /// Strides of the decoder's stages.
  let decoderRates: [Int]
  /// Codebooks of the residual quantizer.
  let codebooks: Int
  /// Entries of a codebook.
  let codebookSize: Int
  /// Numbers of an entry.
  let codebookDimension: Int

  /// Windows of one length.
  struct Spectra: Equatable, Sendable {
    /// Samples of a window, shaped after Hann; even. Windows are centred on equal parts of a code frame.
    let window: Int
    /// Samples of the Fourier transform, the window among zeros; even.
    let transform: Int
    /// Windows per code frame.
    let perFrame: Int
    /// Sums of magnitudes that are taken of a window.
    let bands: Int
    /// Lowest frequencies of the transform that the bands look at.
    let bins: Int

    /// Numbers that a code frame gets.
    var width: Int { bands * perFrame }
  }

  /// PCM samples per code frame.
  var hopLength: Int { encoderRates.reduce(1, *) }

  /// Reads `config.json` of a codec directory.
  init(directory: String) throws(UniMoEError) {
    let path = "\(directory)/config.json"
    try self.init(JSONText.decode(CodecConfigurationFile.self, from: path), path: path, prefix: "")
  }

  /// Reads a `config.json` that lies in memory.
  package init(json bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    try self.init(JSONText(bytes, path: path).decode(CodecConfigurationFile.self), path: path, prefix: "")
  }

  /// Validates what a file said; `prefix` goes before the field names in errors.
  init(_ file: CodecConfigurationFile, path: String, prefix: String) throws(UniMoEError) {
    let check = RangeCheck(path: path)
    sampleRate = try check.integer(file.sample_rate, in: 1000...384_000, prefix + "sample_rate")
    encoderRates = file.encoder_rates.map(\.value)
    decoderRates = file.decoder_rates.map(\.value)
    for (rates, field) in [(encoderRates, "encoder_rates"), (decoderRates, "decoder_rates")] {
      try check.require((1...8).contains(rates.count), prefix + field, "1 to 8 strides", "\(rates.count)")
      for rate in rates { _ = try check.integer(rate, in: 1...64, prefix + field) }
    }
    encoderWidth = try check.integer(file.encoder_dim, in: 1...4096, prefix + "encoder_dim")
    let hop = encoderRates.reduce(1, *)
    analysis = try (file.analysis ?? []).enumerated().map { (index, entry) throws(UniMoEError) in
      try entry.spectra(hopLength: hop, check, "\(prefix)analysis[\(index)].")
    }
    let encoded = analysis.isEmpty ? encoderWidth << encoderRates.count : analysis.reduce(0) { $0 + $1.width }
    latentWidth = try check.integer(file.latent_dim?.value ?? encoded, in: 1...65536, prefix + "latent_dim")
    try check.require(
      analysis.isEmpty || latentWidth == encoded, prefix + "latent_dim", "\(encoded), as the analysis gives",
      "\(latentWidth)")
    decoderWidth = try check.integer(file.decoder_dim, in: 1...65536, prefix + "decoder_dim")
    codebooks = try check.integer(file.n_codebooks, in: 1...256, prefix + "n_codebooks")
    codebookSize = try check.integer(file.codebook_size, in: 1...1_048_576, prefix + "codebook_size")
    codebookDimension = try check.integer(file.codebook_dim, in: 1...65536, prefix + "codebook_dim")

    // Odd widths are rounded down, as the reference does.
    try check.require(
      decoderWidth >> decoderRates.count > 0, prefix + "decoder_dim",
      "at least \(1 << decoderRates.count), halved by every stage", "\(decoderWidth)")
    try check.require(
      hopLength <= 65536, prefix + "encoder_rates", "a product of at most 65536", "\(hopLength)")
    let decoderHop = decoderRates.reduce(1, *)
    try check.require(
      decoderHop == hopLength, prefix + "decoder_rates", "a product of \(hopLength), the encoder's", "\(decoderHop)")
  }
}

/// Constructor arguments of the codec as written in `config.json` or in the metadata of a torch file.
struct CodecConfigurationFile: Decodable {
  let sample_rate: JSONInteger
  let encoder_dim: JSONInteger
  let encoder_rates: [JSONInteger]
  /// Absent or null: what the encoder's stages give.
  let latent_dim: JSONInteger?
  let decoder_dim: JSONInteger
  let decoder_rates: [JSONInteger]
  let n_codebooks: JSONInteger
  let codebook_size: JSONInteger
  let codebook_dim: JSONInteger
  /// Absent or empty: the encoder is the network.
  var analysis: [SpectraFile]?

  /// An analysis of the encoder that is computed.
  struct SpectraFile: Decodable {
    let window: JSONInteger
    let transform: JSONInteger
    let per_frame: JSONInteger
    let bands: JSONInteger
    let bins: JSONInteger

    /// Validates what the file said; `prefix` goes before the field names in errors.
    func spectra(
      hopLength: Int, _ check: RangeCheck, _ prefix: String
    ) throws(UniMoEError) -> CodecConfiguration.Spectra {
      let spectra = CodecConfiguration.Spectra(
        window: try check.integer(window, in: 2...65536, prefix + "window"),
        transform: try check.integer(transform, in: 2...65536, prefix + "transform"),
        perFrame: try check.integer(per_frame, in: 1...64, prefix + "per_frame"),
        bands: try check.integer(bands, in: 1...4096, prefix + "bands"),
        bins: try check.integer(bins, in: 1...32769, prefix + "bins"))
      try check.require(
        spectra.window % 2 == 0 && spectra.window <= spectra.transform, prefix + "window",
        "an even number of at most \(spectra.transform)", "\(spectra.window)")
      try check.require(
        spectra.transform % 2 == 0 && spectra.bins <= spectra.transform / 2 + 1, prefix + "bins",
        "at most half of an even transform and one, \(spectra.transform / 2 + 1)", "\(spectra.bins)")
      try check.require(
        hopLength % (2 * spectra.perFrame) == 0, prefix + "per_frame",
        "a divisor of half a code frame, \(hopLength) / 2", "\(spectra.perFrame)")
      return spectra
    }
  }
}
