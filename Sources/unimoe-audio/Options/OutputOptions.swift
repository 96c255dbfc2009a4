import ArgumentParser

/// Where sound goes and in what form.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file, .wav or .flac; - writes WAV to standard output. By default the first free name.",
      valueName: "file"), completion: .file(extensions: ["wav", "flac"]))
  var output: String?

  @Flag(help: "Play the sound while it is made instead of writing a file.")
  var play = false

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("Sample rate in Hz; by default the model's own.", valueName: "hertz"))
  var rate: Int?

  @Option(
    help: ArgumentHelp("Draw a spectrogram of the sound into this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var spectrogram: String?

  @Option(
    help: ArgumentHelp("Write the audio codes to this JSON file, piece by piece.", valueName: "file"),
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
    let picture = try spectrogram.map { path in
      guard path.lowercased().hasSuffix(".png") else {
        throw CommandFailure(.usage, "--spectrogram: expected a name that ends in .png, found \(path)")
      }
      let file = try OutputFile(path, option: "--spectrogram")
      guard !file.isStream else {
        throw CommandFailure(.usage, "--spectrogram: expected a file, found a pipe or a device: \(path)")
      }
      return file
    }
    if play, let output {
      throw CommandFailure(.usage, "--play: expected no --output beside it, found \(output)")
    }
    let file =
      try output.map { try OutputFile($0) }
      ?? (play ? OutputFile(.find()) : OutputFile(firstFree: name, extension: "wav"))
    try checkName(of: file)
    let codes = try codes.map { try OutputFile($0, option: "--codes") }
    for other in [file, codes].compactMap({ $0 }) where other.isStandardOutput && printsJSON {
      throw CommandFailure(
        .usage, "--json: expected \(other.option) to name a file, found standard output, where the JSON goes")
    }
    return SoundOutput(file: file, rate: rate, spectrogram: picture, codes: codes)
  }

  private func checkName(of file: OutputFile) throws {
    let name = file.path.lowercased()
    if file.isStream || name.hasSuffix(".wav") || name.hasSuffix(".flac") { return }
    throw CommandFailure(.usage, "--output: expected a name that ends in .wav or .flac, found \(file.path)")
  }
}
