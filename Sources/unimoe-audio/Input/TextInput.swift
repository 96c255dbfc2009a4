import ArgumentParser
import Glibc
import Posix

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
      return try file == "-"
        ? ("standard input", readAll(STDIN_FILENO, name: "standard input")) : (file, readFile(file))
    }
    if words == ["-"] || words.isEmpty && !StandardStreams.inputIsTerminal {
      return try ("standard input", readAll(STDIN_FILENO, name: "standard input"))
    }
    guard !words.isEmpty else {
      throw CommandFailure(.usage, "text: expected words, --file or text on standard input, found none of them")
    }
    return ("text", Array(words.joined(separator: " ").utf8))
  }

  private func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure(.noInput, "\(path): cannot read: \(SystemError.last)")
    }
    defer { close(descriptor) }
    return try readAll(descriptor, name: path)
  }

  private func readAll(_ descriptor: Int32, name: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw CommandFailure(.noInput, "\(name): cannot read: \(SystemError.last)")
      }
      bytes += chunk[..<count]
      guard bytes.count <= Self.byteLimit else {
        throw CommandFailure(.badData, "\(name): expected at most \(Self.byteLimit) bytes of text, found more")
      }
    }
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
