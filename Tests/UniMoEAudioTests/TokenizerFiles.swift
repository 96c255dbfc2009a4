@testable import UniMoEAudio

/// The files of a small tokenizer, to be broken in one place: the 256 bytes, `ab` (256), `abc` (257) and
/// `<|endoftext|>` (258).
struct TokenizerFiles {
  var vocabulary = Self.smallVocabulary
  var merges = "#version: 0.2\na b\nab c\n"
  var added: String? = #"{"<|endoftext|>": 258}"#
  var configuration: String?

  static let smallVocabulary: String = {
    let spellings = (UInt8.min...UInt8.max).map { ByteAlphabet.spelling(of: [$0]) } + ["ab", "abc"]
    return "{" + spellings.enumerated().map { "\(jsonString($1)): \($0)" }.joined(separator: ", ") + "}"
  }()

  func open() throws(UniMoEError) -> Tokenizer {
    let files = [vocabulary, merges, added, configuration].map { $0.map { Array($0.utf8) } ?? [] }
    return try Self.open(files[0], files[1], added == nil ? nil : files[2], configuration == nil ? nil : files[3])
  }

  /// Opens a tokenizer from bytes that need not be text.
  static func open(
    _ vocabulary: [UInt8], _ merges: [UInt8], _ added: [UInt8]?, _ configuration: [UInt8]?
  ) throws(UniMoEError) -> Tokenizer {
    try Tokenizer(
      vocabulary: SharedBytes(copying: vocabulary), merges: SharedBytes(copying: merges),
      addedTokens: added.map { SharedBytes(copying: $0) },
      configuration: configuration.map { SharedBytes(copying: $0) }, directory: "dir")
  }
}

/// A string as JSON writes it.
func jsonString(_ text: String) -> String {
  "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
}
