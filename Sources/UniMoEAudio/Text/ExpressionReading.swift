/// What an expression is read as.
struct ExpressionReading {
  /// Words for a part of the expression's tokens.
  struct Part {
    var words: String
    var tokens: Range<Int>
  }

  var parts: [Part]
  /// The token behind the expression.
  var end: Int
  /// Whether the full stop of an abbreviation ends the sentence, too.
  var endsSentence = false

  init(_ parts: [Part], end: Int, endsSentence: Bool = false) {
    self.parts = parts
    self.end = end
    self.endsSentence = endsSentence
  }

  /// One phrase for all of the expression.
  init(_ words: String, _ tokens: Range<Int>, endsSentence: Bool = false) {
    self.init([Part(words: words, tokens: tokens)], end: tokens.upperBound, endsSentence: endsSentence)
  }
}

/// The classes of expressions, in the order in which they are tried.
enum ExpressionReaders {
  typealias Reader = @Sendable (TextTokens, Int) -> ExpressionReading?

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let readers: [Reader]
    switch tokens[index].kind {
    case .word: readers = ofWords
    case .digits: readers = ofDigits
    case .symbol: readers = ofSymbols
    case .phonemes, .end: return nil
    }
    for reader in readers {
      if let reading = reader(tokens, index) { return reading }
    }
    return nil
  }

  private static let ofWords: [Reader] = [
    WebAddresses.read, Dates.readNames, Currencies.readWords, States.read, RomanNumerals.read, Abbreviations.read,
    Ranges.readLetters, Acronyms.readMixed, Mathematics.readLetters, Acronyms.read,
  ]
  private static let ofDigits: [Reader] = [
    Telephones.read, Dates.readFigures, Times.read, Dates.readDayFirst, Ordinals.read, Labels.readHouses,
    Years.readDecades, Currencies.readFigures,
    Mathematics.readFigures, Ratios.read, Ranges.read, Measures.read, Fractions.read, Labels.read, Years.read,
    Acronyms.readMixed,
    PlainNumbers.read,
  ]
  private static let ofSymbols: [Reader] = [
    Telephones.readSigns, Hashtags.read, Currencies.readSymbols, Years.readShort, WebAddresses.read, Ranges.readSigns,
    Measures.readSigns, Fractions.read, Mathematics.readSigns, PlainNumbers.read,
  ]
}
