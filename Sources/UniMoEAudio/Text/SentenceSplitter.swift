/// Cuts long text into pieces that are spoken one after the other.
///
/// Pieces end where sentences end; short sentences stay together up to `preferredLength`. A sentence longer than
/// `maximumLength` is cut at clause marks, then between words, then anywhere. No character is lost but white space
/// between pieces, and their order stays.
public struct SentenceSplitter: Sendable {
  /// A piece is not made longer than this by adding another sentence, in characters.
  public let preferredLength: Int
  /// No piece is longer than this, in characters.
  public let maximumLength: Int
  /// Whether a full stop can be an abbreviation's; it cannot where these are written out.
  public var hasAbbreviations = true

  /// Creates a splitter. The default length takes about 16 seconds to speak, which the reference model can.
  ///
  /// - Parameters:
  ///   - preferredLength: Characters up to which sentences are joined; 0 keeps every sentence apart.
  ///   - maximumLength: Characters of a piece at the most; at least 1.
  public init(preferredLength: Int = 0, maximumLength: Int = 240) {
    precondition(maximumLength >= 1, "a piece has at least one character")
    self.maximumLength = maximumLength
    self.preferredLength = min(max(0, preferredLength), maximumLength)
  }

  /// The splitter for a model that speaks texts of at most `longest` characters well; `nil` if it does not say. Then short
  /// sentences are spoken together up to 160 characters, about ten seconds of speech.
  public init(longest: Int?) {
    self.init(preferredLength: longest ?? 160, maximumLength: longest ?? 240)
  }

  /// A part of a text that is spoken in one go.
  public struct Piece: Equatable, Sendable {
    /// What is spoken, without white space at its ends.
    public var text: String
    /// Whether an empty line or the end of the text follows.
    public var endsParagraph: Bool
    /// Where it stands in the text that was cut, in Unicode scalars.
    public var range: Range<Int> = 0..<0

    /// The text as it is said to the end: with a full stop where it breaks off within a sentence, since models that learned
    /// whole sentences do not know where to end without one.
    public var closed: String {
      guard let last = text.last, !SentenceSplitter.isWide(last) else { return text }
      if SentenceSplitter.openMarks.contains(last) {
        return String(SentenceSplitter.trimmed(Array(text.dropLast())[...])) + "."
      }
      return last.isLetter || last.isNumber ? text + "." : text
    }
  }

  /// The pieces of a text; empty if it has nothing but white space.
  public func pieces(of text: String) -> [Piece] {
    let text = Array(text)
    let places = Self.places(text)
    var pieces: [Piece] = []
    var length = 0
    for sentence in sentences(text) {
      let endsParagraph = Self.endsParagraph(text, sentence.endIndex)
      for part in shortened(sentence) {
        let ends = endsParagraph && part.endIndex == sentence.endIndex
        let range = places(part.startIndex)..<places(part.endIndex)
        if let last = pieces.last, !last.endsParagraph, length + 1 + part.count <= preferredLength {
          let space = Self.needsNoSpace(last.text.last, part.first) ? "" : " "
          pieces[pieces.count - 1] = Piece(
            text: last.text + space + String(part), endsParagraph: ends,
            range: last.range.lowerBound..<range.upperBound)
          length += space.count + part.count
        } else {
          pieces.append(Piece(text: String(part), endsParagraph: ends, range: range))
          length = part.count
        }
      }
    }
    return pieces
  }

  /// Where characters stand in Unicode scalars.
  private static func places(_ text: [Character]) -> (Int) -> Int {
    if text.allSatisfy({ $0.unicodeScalars.count == 1 }) { return { $0 } }
    var places = [0]
    places.reserveCapacity(text.count + 1)
    for character in text { places.append((places.last ?? 0) + character.unicodeScalars.count) }
    return { places[$0] }
  }

  /// Whether a text has anything that is spoken: a letter or a digit, of any script.
  public static func isSayable(_ text: String) -> Bool { text.contains { $0.isLetter || $0.isNumber } }

  /// The pieces with something to say. The others are silence: the piece before such a one ends as a paragraph does.
  public static func sayable(_ pieces: [Piece]) -> [Piece] {
    var result: [Piece] = []
    for piece in pieces {
      if isSayable(piece.text) {
        result.append(piece)
      } else if !result.isEmpty {
        result[result.count - 1].endsParagraph = true
      }
    }
    return result
  }

  /// What is spoken of a text's pieces: a text that is one piece as it is, the pieces of a longer one closed.
  public static func spoken(_ pieces: [Piece]) -> [String] {
    pieces.count == 1 ? pieces.map(\.text) : pieces.map(\.closed)
  }

  /// The texts of the pieces.
  public func split(_ text: String) -> [String] { pieces(of: text).map(\.text) }

  private static func endsParagraph(_ text: [Character], _ end: Int) -> Bool {
    let gap = text[end...].prefix(while: \.isWhitespace)
    return gap.endIndex == text.endIndex || gap.count(where: \.isNewline) > 1
  }

  // MARK: Sentences

  /// The sentences of a text without white space at their ends.
  private func sentences(_ text: [Character]) -> [ArraySlice<Character>] {
    var result: [ArraySlice<Character>] = []
    var start = 0
    var position = 0
    while position < text.count {
      if let end = sentenceEnd(text, position, start: start) {
        result.append(Self.trimmed(text[start..<end]))
        start = end
        position = end
      } else {
        position += 1
      }
    }
    result.append(Self.trimmed(text[start...]))
    return result.filter { !$0.isEmpty }
  }

  /// Where the sentence ends whose first mark of an end stands at a position; `nil` if none does.
  private func sentenceEnd(_ text: [Character], _ position: Int, start: Int) -> Int? {
    let mark = text[position]
    if mark.isNewline { return lineEnd(text, position) }
    guard Self.marks.contains(mark) || Self.fullWidthMarks.contains(mark) else { return nil }
    var end = position
    while end < text.count, Self.marks.contains(text[end]) || Self.fullWidthMarks.contains(text[end]) { end += 1 }
    let run = text[position..<end]
    while end < text.count, Self.closing.contains(text[end]) { end += 1 }
    if run.contains(where: Self.fullWidthMarks.contains) { return end }
    guard end < text.count else { return end }
    // Without a space after it, a mark belongs to a number, a name or an address.
    guard text[end].isWhitespace else { return nil }
    let next = text[end...].first { !$0.isWhitespace && !Self.opening.contains($0) }
    let isEllipsis = run.count > 1 && run.allSatisfy { $0 == "." } || run.allSatisfy { $0 == "…" }
    if isEllipsis { return next.map { $0.isLowercase } == true ? nil : end }
    if hasAbbreviations, run.count == 1, mark == ".", isAbbreviation(text, position, start: start, next: next) {
      return nil
    }
    // A quotation's mark within a sentence: "Stop!" he said.
    if run.endIndex < end, next?.isLowercase == true { return nil }
    return end
  }

  /// A line end ends a sentence if an empty line follows, or the line does not run on in lower case.
  private func lineEnd(_ text: [Character], _ position: Int) -> Int? {
    let rest = text[(position + 1)...]
    guard let next = rest.firstIndex(where: { !$0.isWhitespace }) else { return text.count }
    let isParagraph = rest[..<next].contains(where: \.isNewline)
    return isParagraph || !(text[next].isLowercase || Self.runsOn(text, position)) ? next : nil
  }

  /// Whether the line before a position breaks off in the middle of a sentence.
  private static func runsOn(_ text: [Character], _ position: Int) -> Bool {
    let line = text[..<position]
    guard let last = line.last(where: { !$0.isWhitespace }) else { return false }
    return last == "," || last == ";" || last == "-" || last == "–" || last == "—"
  }

  /// Whether the full stop at a position belongs to the word before it.
  private func isAbbreviation(_ text: [Character], _ position: Int, start: Int, next: Character?) -> Bool {
    let before = text[start..<position]
    let wordStart = before.lastIndex { $0.isWhitespace || Self.opening.contains($0) }.map { $0 + 1 } ?? start
    let word = String(text[wordStart..<position]).lowercased()
    if next?.isLowercase == true { return true }
    if Self.titles.contains(word) { return true }
    if Self.numbered.contains(word) { return next?.isNumber == true }
    // A single letter is an initial ("J. S. Bach"), "U.S." and "p.m." are not the end unless a capital letter follows.
    let letters = word.split(separator: ".")
    if word.count == 1, word.first?.isLetter == true, word != "i" { return next?.isLetter == true }
    if letters.count > 1, letters.allSatisfy({ $0.count == 1 }) { return next?.isUppercase != true }
    // "1. First" at the start of a sentence is an item's number.
    return before[..<wordStart].allSatisfy(\.isWhitespace) && !word.isEmpty && word.allSatisfy(\.isNumber)
      && word.count <= 3
  }

  // MARK: Sentences that are too long

  /// A sentence in pieces of at most `maximumLength` characters.
  private func shortened(_ sentence: ArraySlice<Character>) -> [ArraySlice<Character>] {
    var pieces: [ArraySlice<Character>] = []
    var rest = sentence
    while rest.count > maximumLength {
      let cut = cut(rest)
      let piece = Self.trimmed(rest[..<cut])
      if !piece.isEmpty { pieces.append(piece) }
      rest = Self.trimmed(rest[cut...])
    }
    if !rest.isEmpty { pieces.append(rest) }
    return pieces
  }

  /// Where a sentence that is too long is cut: after the last clause mark in the second half of what fits, else after
  /// the last word that fits, else where nothing more fits. What is left after the last cut is no orphan of a word or two:
  /// at least a third of a piece.
  private func cut(_ sentence: ArraySlice<Character>) -> Int {
    let limit = sentence.startIndex + maximumLength
    let orphanless = min(limit, sentence.endIndex - maximumLength / 3)
    let middle = sentence.startIndex + maximumLength / 2
    func isClauseEnd(_ index: Int) -> Bool {
      let character = sentence[index]
      if Self.fullWidthClauseMarks.contains(character) { return true }
      guard Self.clauseMarks.contains(character), index + 1 < sentence.endIndex else { return false }
      return sentence[index + 1].isWhitespace
    }
    if let mark = (middle..<orphanless).last(where: isClauseEnd) { return mark + 1 }
    // A space at the limit itself ends a word that fits.
    for end in [min(orphanless, limit), limit] {
      if let space = (middle...end).last(where: { sentence[$0].isWhitespace }) { return space }
    }
    if let space = (sentence.startIndex..<middle).last(where: { sentence[$0].isWhitespace }) { return space }
    return limit
  }

  private static func trimmed(_ text: ArraySlice<Character>) -> ArraySlice<Character> {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// Whether a sentence of a script without spaces meets another.
  private static func needsNoSpace(_ last: Character?, _ first: Character?) -> Bool {
    guard let last, let first else { return true }
    return isWide(last) && isWide(first)
  }

  /// Whether a character is of a script that is written without spaces.
  static func isWide(_ character: Character) -> Bool {
    guard let value = character.unicodeScalars.first?.value else { return false }
    return (0x3000...0x9FFF).contains(value) || (0xFF00...0xFF60).contains(value) || (0x20000...0x3FFFF).contains(value)
  }

  // MARK: Marks and words

  /// Marks that end a sentence if a space follows.
  private static let marks: Set<Character> = [".", "!", "?", "…", "‽", "؟", "۔", "।", "॥", "።", "⁇", "⁈", "⁉"]
  /// Marks that end a sentence always.
  private static let fullWidthMarks: Set<Character> = ["。", "！", "？", "｡", "．"]
  /// What may stand between the mark and the space.
  private static let closing: Set<Character> = [
    "\"", "'", ")", "]", "}", "”", "’", "»", "›", "」", "』", "）", "】", "》", "〉", "］", "*", "_",
  ]
  /// What may stand before the first word.
  private static let opening: Set<Character> = [
    "\"", "'", "(", "[", "{", "“", "‘", "«", "‹", "「", "『", "（", "【", "《", "〈", "［", "¿", "¡", "*", "_", "„", "‚",
  ]
  /// Marks between clauses if a space follows.
  private static let clauseMarks: Set<Character> = [",", ";", ":", "–", "—", "-", ")", "،", "؛", ".", "!", "?", "…"]
  /// Those of them after which a sentence goes on.
  private static let openMarks: Set<Character> = [",", ";", ":", "–", "—", "-"]
  /// Marks between clauses always.
  private static let fullWidthClauseMarks: Set<Character> = ["，", "、", "；", "：", "。", "！", "？", "—"]
  /// Abbreviations that a name or a word of the same sentence follows.
  private static let titles: Set<String> = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "sr", "jr", "rev", "hon", "gen", "col", "capt", "lt", "sgt", "gov",
    "sen", "rep", "pres", "mt", "ft", "messrs", "mme", "mlle", "hr", "fr", "vs", "e.g", "i.e", "cf", "viz", "approx",
    "z.b", "d.h", "bzw", "ca", "op", "feat", "arr",
  ]
  /// Abbreviations that a number follows.
  private static let numbered: Set<String> = [
    "no", "nos", "nr", "vol", "fig", "figs", "p", "pp", "ch", "sec", "art", "eq", "jan", "feb", "mar", "apr", "jun",
    "jul", "aug", "sep", "sept", "oct", "nov", "dec",
  ]
}
