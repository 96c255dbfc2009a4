/// Words that a user says how to say: lines of a word and its phonemes, as `Nguyen W IH1 N`.
public struct UserWords: Sendable {
  private var words: [String: [Phoneme]] = [:]

  /// No words.
  public init() {}

  /// Larger files are refused.
  private static let sizeLimit = 1 << 20

  /// Reads a file of words; a line that begins with # and what follows a # behind white space are remarks.
  ///
  /// Throws an error of kind `request` that names the file, the line and what is wrong with it.
  public init(path: String) throws(UniMoEError) {
    let file = try SharedBytes(mapping: path)
    guard file.count <= Self.sizeLimit else {
      throw UniMoEError(
        .request, path, expected: "at most \(Self.sizeLimit) bytes of words", found: "\(file.count)")
    }
    guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw UniMoEError(.request, path, expected: "UTF-8 text", found: "other bytes")
    }
    try self.init(text: text, path: path)
  }

  /// Reads the lines of a text that is called `path` in errors.
  public init(text: String, path: String) throws(UniMoEError) {
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let parts = line.split(whereSeparator: \.isWhitespace)
      let count = parts.firstIndex { $0.hasPrefix("#") } ?? parts.count
      if count == 0 { continue }
      let word = CleanText.plain(String(parts[0]).lowercased())
      func fail(_ expected: String, _ found: String) -> UniMoEError {
        UniMoEError(.request, path, field: "line \(index + 1)", expected: expected, found: found)
      }
      guard !word.isEmpty, word.allSatisfy({ $0.isLetter || $0 == "'" }) else {
        throw fail("a word of letters and its phonemes", quoted(String(parts[0])))
      }
      do throws(Phoneme.UnknownPhoneme) {
        words[word] = try Phoneme.list(parts[1..<count].joined(separator: " "))
      } catch {
        throw fail("phonemes of CMUdict such as HH AH0 L OW1", quoted(error.name))
      }
      if count == 1 { throw fail("phonemes behind \(quoted(String(parts[0])))", "none") }
    }
  }

  /// Whether there is no word.
  public var isEmpty: Bool { words.isEmpty }

  /// The phonemes of a word in lower case; of its possessive and plural too, if it is one of a listed word.
  func phonemes(of word: String) -> [Phoneme]? {
    if words.isEmpty { return nil }
    if let phonemes = words[word] { return phonemes }
    return word.hasSuffix("'s") ? words[String(word.dropLast(2))].map(WordForms.withS) : nil
  }
}
