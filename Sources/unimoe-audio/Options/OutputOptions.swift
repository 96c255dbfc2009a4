import ArgumentParser

/// Where sound goes and in what form.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file, .wav or .flac; - writes WAV to standard output. Without it a free name is taken.",
      valueName: "file"), completion: .file(extensions: ["wav", "flac"]))
  var output: String?

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("Playback rate in Hz; without it the model's own.", valueName: "hertz"))
  var rate: Int?

  @Option(
    help: ArgumentHelp("Draw what was made into this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var spectrogram: String?

  @Option(
    help: ArgumentHelp("Write the codes into this JSON file, piece by piece.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var codes: String?

  /// Rates that are written.
  static let rates = 1000...384_000

  /// Checks the options and that the files can be written. `name` is used where no output is named.
  func prepare(name: String, printsJSON: Bool) throws -> SoundOutput {
    if let rate, !Self.rates.contains(rate) {
      throw CommandFailure(
        .usage, "--rate: expected \(Self.rates.lowerBound) to \(Self.rates.upperBound) Hz, found \(rate)")
    }
    if output == "-", printsJSON {
      throw CommandFailure(.usage, "--json: expected an output file, found standard output, which carries the sound")
    }
    let picture = try spectrogram.map { path in
      guard path.lowercased().hasSuffix(".png") else {
        throw CommandFailure(.usage, "--spectrogram: expected a name that ends in .png, found \(path)")
      }
      return try OutputFile(path, option: "--spectrogram")
    }
    let file = try output.map { try OutputFile($0) } ?? OutputFile.free(named: name, extension: "wav")
    try checkName(of: file)
    let codes = try codes.map { try OutputFile($0, option: "--codes") }
    return SoundOutput(file: file, rate: rate, spectrogram: picture, codes: codes)
  }

  private func checkName(of file: OutputFile) throws {
    let name = file.path.lowercased()
    if file.isStandardOutput || file.isSpecialFile || name.hasSuffix(".wav") || name.hasSuffix(".flac") { return }
    throw CommandFailure(.usage, "--output: expected a name that ends in .wav or .flac, found \(file.path)")
  }
}
