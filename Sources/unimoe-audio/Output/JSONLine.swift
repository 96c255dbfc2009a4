import FoundationEssentials

/// A result for machines: one line of JSON with keys in snake case.
enum JSONLine {
  /// The line for a value, without its end.
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw CommandFailure(.software, "result: cannot be written as JSON: \(error)")
    }
  }

  /// Prints the line for a value.
  static func print(_ value: some Encodable) throws {
    try StandardStreams.write(text(value) + "\n")
  }
}
