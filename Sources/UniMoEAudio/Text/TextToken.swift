/// A word, a run of digits or another character of a cleaned text.
struct TextToken: Sendable {
  enum Kind: Sendable {
    /// Letters, with apostrophes between them.
    case word
    /// ASCII digits.
    case digits
    /// One character that is neither.
    case symbol
    /// Phonemes in braces.
    case phonemes([Phoneme])
    /// Behind the last token.
    case end
  }

  /// What stands before a token.
  enum Gap: Int, Comparable, Sendable {
    case none, space, line, paragraph
    static func < (one: Gap, other: Gap) -> Bool { one.rawValue < other.rawValue }
  }

  /// How a word is written.
  enum Shape: Sendable {
    /// `word`, `Word`, `WORD`, and `iPhone` or `McCoy`.
    case lower, capital, upper, mixed
  }

  var kind: Kind
  /// As it is written.
  var text: String
  /// In lower case.
  var lower: String
  var shape = Shape.lower
  var gap: Gap
  /// Where it stands in the original, in Unicode scalars.
  var source: Range<Int>

  var isWord: Bool { if case .word = kind { true } else { false } }
  var isDigits: Bool { if case .digits = kind { true } else { false } }
  var isEnd: Bool { if case .end = kind { true } else { false } }
  /// Whether it is this character.
  func isSymbol(_ symbol: String) -> Bool { if case .symbol = kind { text == symbol } else { false } }
  /// Whether it is one of these characters.
  func isSymbol(in symbols: Set<String>) -> Bool { if case .symbol = kind { symbols.contains(text) } else { false } }
  /// Whether it is a word that begins with a capital letter.
  var isCapitalised: Bool { isWord && shape != .lower && text.first?.isUppercase == true }
}

/// The tokens of a text; behind both ends there is nothing but ends.
struct TextTokens: Sendable {
  private(set) var tokens: [TextToken] = []
  private let end: TextToken

  subscript(index: Int) -> TextToken { tokens.indices.contains(index) ? tokens[index] : end }
  var count: Int { tokens.count }

  /// Whether a token follows the one before it without a gap.
  func isGlued(_ index: Int) -> Bool { tokens.indices.contains(index) && index > 0 && tokens[index].gap == .none }

  /// Where tokens stand in the original.
  func source(_ range: Range<Int>) -> Range<Int> {
    self[range.lowerBound].source.lowerBound..<self[range.upperBound - 1].source.upperBound
  }

  /// The number that begins at a token.
  func number(at index: Int) -> WrittenNumber? { WrittenNumber(self, at: index) }

  /// Cuts a cleaned text into tokens.
  ///
  /// Throws an error of kind `request` for a pronunciation in braces that is none.
  init(_ text: CleanText) throws(UniMoEError) {
    let length = text.ends.last.map(Int.init) ?? 0
    end = TextToken(kind: .end, text: "", lower: "", gap: .paragraph, source: length..<length)
    tokens.reserveCapacity(text.scalars.count / 4 + 4)
    let scalars = text.scalars
    var position = 0
    var gap = TextToken.Gap.none
    var lineEnds = 0
    func source(_ start: Int, _ end: Int) -> Range<Int> { Int(text.starts[start])..<Int(text.ends[end - 1]) }
    while position < scalars.count {
      let scalar = scalars[position]
      if Self.isSpace(scalar) {
        if scalar == "\n" { lineEnds += 1 }
        gap = max(gap, lineEnds > 1 ? .paragraph : lineEnds == 1 ? .line : .space)
        position += 1
        continue
      }
      let start = position
      let kind: TextToken.Kind
      if scalar == "{", let (phonemes, close) = try PhonemeSpelling.read(text, at: position) {
        kind = .phonemes(phonemes)
        position = close
      } else if Self.isDigit(scalar) {
        kind = .digits
        while position < scalars.count, Self.isDigit(scalars[position]) { position += 1 }
      } else if Self.isLetter(scalar) || Self.beginsWord(scalars, position, gap: gap, isFirst: tokens.isEmpty) {
        kind = .word
        position = Self.wordEnd(scalars, position)
      } else {
        kind = .symbol
        position += 1
      }
      var word = String.UnicodeScalarView()
      for scalar in scalars[start..<position] { word.append(scalar) }
      let written = String(word)
      let isWord = if case .word = kind { true } else { false }
      let lower = isWord ? written.lowercased() : written
      let shape = isWord ? Self.shape(scalars[start..<position]) : .lower
      tokens.append(
        TextToken(
          kind: kind, text: written, lower: lower, shape: shape, gap: gap, source: source(start, position)))
      gap = .none
      lineEnds = 0
    }
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80 ? scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
  }
  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x80 { return (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value) }
    if (0xAA...0xBE).contains(value) && value != 0xB5 || (0x2070...0x209F).contains(value) { return false }
    return scalar.properties.isAlphabetic
  }

  /// The end of the word at a position: an apostrophe belongs to it where a letter follows.
  private static func wordEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int {
    var position = start + 1
    let isASCII = scalars[start].value < 0x80
    while position < scalars.count {
      let scalar = scalars[position]
      if isLetter(scalar) {
        // A word of another script is a word of its own.
        if (scalar.value < 0x250) != (isASCII || scalars[start].value < 0x250) { break }
        position += 1
      } else if scalar == "'", position + 1 < scalars.count, isLetter(scalars[position + 1]) {
        position += 2
      } else {
        break
      }
    }
    return position
  }

  /// Words that begin with an apostrophe.
  private static let clipped: Set<String> = [
    "tis", "twas", "twere", "em", "cause", "til", "till", "bout", "round", "n", "neath", "gainst", "cuz",
  ]

  private static func beginsWord(_ scalars: [Unicode.Scalar], _ position: Int, gap: TextToken.Gap, isFirst: Bool)
    -> Bool
  {
    guard scalars[position] == "'", gap != .none || isFirst, position + 1 < scalars.count,
      isLetter(scalars[position + 1])
    else { return false }
    var word = ""
    var end = position + 1
    while end < scalars.count, isLetter(scalars[end]) {
      word.unicodeScalars.append(scalars[end])
      end += 1
    }
    // 'em' in quotation marks is the word itself.
    return clipped.contains(word.lowercased()) && !(end < scalars.count && scalars[end] == "'")
  }

  private static func shape(_ scalars: ArraySlice<Unicode.Scalar>) -> TextToken.Shape {
    var upper = 0
    var lower = 0
    for scalar in scalars where scalar != "'" {
      if scalar.value < 0x80 ? scalar.value < 0x5B : scalar.properties.isUppercase { upper += 1 } else { lower += 1 }
    }
    if upper == 0 { return .lower }
    if lower == 0 { return .upper }
    guard upper == 1, let first = scalars.first(where: { $0 != "'" }) else { return .mixed }
    return first.value < 0x80 ? (first.value < 0x5B ? .capital : .mixed) : .capital
  }
}
