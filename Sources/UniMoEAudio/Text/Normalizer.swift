/// Writes a text as it is said, in English: figures, dates, amounts, abbreviations, addresses and signs in words.
///
/// Each class of expression is a file in `Classes`. A text that has more letters of other scripts than of the Latin one
/// stays as it is.
public struct Normalizer: Sendable {
  /// Creates a normaliser.
  public init() {}

  /// The text as it is said.
  ///
  /// Throws an error of kind `request` for a spelling in braces that names no phoneme.
  public func normalize(_ text: String) throws(UniMoEError) -> NormalizedText {
    let tokens = try TextTokens(CleanText(text))
    var writer = SpokenWriter()
    var foreign: NormalizedText.ForeignCharacter?
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      writer.add(gap: token.gap)
      if let reading = ExpressionReaders.read(tokens, at: index) {
        for part in reading.parts { writer.add(phrase: part.words, source: tokens.source(part.tokens)) }
        if reading.endsSentence { writer.add(mark: ".") }
        index = max(reading.end, index + 1)
        continue
      }
      switch token.kind {
      case .word:
        if foreign == nil { foreign = Self.foreign(token) }
        writer.add(word: token.text, isLetter: PlainWords.isLetter(tokens, at: index), token.source)
      case .phonemes(let phonemes):
        let names = phonemes.map(\.name).joined(separator: " ")
        writer.add(word: "{ph " + names + "}", phonemes: phonemes, token.source)
      case .digits: writer.add(phrase: NumberWords.cardinal(digits: token.text), source: token.source)
      case .symbol: Marks.write(tokens, at: index, to: &writer)
      case .end: break
      }
      index += 1
    }
    var result = writer.finish()
    result.foreign = foreign
    return result
  }

  /// The first letter of a word that is not Latin.
  private static func foreign(_ word: TextToken) -> NormalizedText.ForeignCharacter? {
    for (index, scalar) in word.text.unicodeScalars.enumerated() where scalar.value >= 0x250 {
      return .init(character: scalar, offset: word.source.lowerBound + index)
    }
    return nil
  }
}
