import ArgumentParser
import Glibc
import Posix
import UniMoEAudio

/// A command that takes a text.
protocol TakesText {
  /// Where the text comes from.
  var text: TextInput { get }
}

/// Where the text comes from: the command line, a file or standard input.
struct TextInput: ParsableArguments {
  @Argument(help: ArgumentHelp("The text, quoted or as several words; - reads standard input.", valueName: "text"))
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Read the text from a file.", valueName: "file"), completion: .file())
  var file: String?

  /// The most bytes of text that are taken: a book.
  static let byteLimit = 8 << 20

  /// Reads the text; never empty.
  func read() throws -> String {
    let (name, bytes) = try source()
    let text = try Self.decode(bytes, name: name)
    let trimmed = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    guard trimmed.contains(where: { !$0.isWhitespace }) else {
      throw CommandFailure(.badData, "\(name): expected at least one word, found nothing")
    }
    return String(trimmed)
  }

  /// Reads the bytes as they are, and says where they came from.
  func source() throws -> (name: String, bytes: [UInt8]) {
    if let file {
      guard words.isEmpty else {
        throw CommandFailure(.usage, "text: expected words or --file, found both")
      }
      return try bytes(of: file)
    }
    if words == ["-"] || words.isEmpty && !StandardStreams.inputIsTerminal { return try bytes(of: "-") }
    guard !words.isEmpty else {
      throw CommandFailure(.usage, "text: expected words, --file or text on standard input, found none of them")
    }
    return ("text", Array(words.joined(separator: " ").utf8))
  }

  private func bytes(of path: String) throws -> (name: String, bytes: [UInt8]) {
    let name = path == "-" ? "standard input" : path
    return (name, try InputBytes.read(path, named: name, limit: Self.byteLimit, of: "text"))
  }

  /// The path that the text is read from, `-` for standard input; `nil` for words of the command line.
  var path: String? {
    if let file { return file }
    return words == ["-"] || words.isEmpty ? "-" : nil
  }

  /// The files that a command with this text reads from.
  func inputs(and model: ModelSummary, voiceFile: String? = nil) -> InputFiles {
    var inputs = InputFiles()
    inputs.add(modelDirectory: model.directory)
    inputs.add(voiceFile, as: "the voice that speaks")
    inputs.add(path, as: "the text that is read")
    return inputs
  }

  /// UTF-8 text, or a failure that names the first byte that is not.
  static func decode(_ bytes: [UInt8], name: String) throws -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &rest) { offset += scalar.count }
    let digits = String(bytes[offset], radix: 16, uppercase: true)
    throw CommandFailure(
      .badData,
      "\(name): expected UTF-8 text, found byte 0x\(digits.count == 1 ? "0" : "")\(digits) at offset \(offset)")
  }
}
