/// Writes a text as it is said, in English: figures, dates, amounts, abbreviations, addresses and signs in words.
///
/// Each class of expression is a file in `Classes`. A text that has more letters of other scripts than of the Latin one
/// stays as it is.
public struct Normalizer: Sendable {
  /// Whether every text stays as it is.
  public var isVerbatim: Bool

  /// Creates a normaliser.
  public init(isVerbatim: Bool = false) { self.isVerbatim = isVerbatim }

  /// The text as it is said.
  ///
  /// Throws an error of kind `request` for a spelling in braces that names no phoneme.
  public func normalize(_ text: String) throws(UniMoEError) -> NormalizedText {
    let tokens = try TextTokens(CleanText(text))
    let foreign = Self.foreign(tokens)
    var result = isVerbatim || foreign.isMost ? Self.unchanged(text, tokens) : Self.spoken(tokens)
    result.foreign = foreign.first
    Self.addBytes(&result, text)
    return result
  }

  private static func spoken(_ tokens: TextTokens) -> NormalizedText {
    var writer = SpokenWriter()
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
      case .word: writer.add(word: token.text, isLetter: PlainWords.isLetter(tokens, at: index), token.source)
      case .phonemes(let phonemes): writer.add(phonemes: phonemes, token.source)
      case .digits: writer.add(phrase: NumberWords.cardinal(digits: token.text), source: token.source)
      case .symbol: Marks.write(tokens, at: index, to: &writer)
      case .end: break
      }
      index += 1
    }
    return writer.finish()
  }

  /// The text as it is written, with the words that are written out.
  private static func unchanged(_ text: String, _ tokens: TextTokens) -> NormalizedText {
    var writer = SpokenWriter()
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      writer.add(gap: token.gap)
      switch token.kind {
      case .word, .digits: writer.add(word: token.text, token.source)
      case .phonemes(let phonemes): writer.add(phonemes: phonemes, token.source)
      case .symbol: Marks.write(tokens, at: index, to: &writer)
      case .end: break
      }
      index += 1
    }
    var result = writer.finish()
    result.text = text
    for index in result.words.indices { result.words[index].place = result.words[index].source }
    return result
  }

  /// The first letter that is not Latin, and whether most letters are not.
  private static func foreign(_ tokens: TextTokens) -> (first: NormalizedText.ForeignCharacter?, isMost: Bool) {
    var first: NormalizedText.ForeignCharacter?
    var (latin, other) = (0, 0)
    for token in tokens.tokens where token.isWord {
      let scalars = token.text.unicodeScalars
      guard let head = scalars.first, head.value >= 0x250 else {
        latin += scalars.count
        continue
      }
      other += scalars.count
      if first == nil { first = .init(character: head, offset: token.source.lowerBound) }
    }
    return (first, other > latin)
  }

  /// Adds where in the original's UTF-8 the words stand.
  private static func addBytes(_ result: inout NormalizedText, _ text: String) {
    var places: [Int]?
    if !text.utf8.allSatisfy({ $0 < 0x80 }) {
      var all = [0]
      for scalar in text.unicodeScalars { all.append((all.last ?? 0) + UTF8.width(scalar)) }
      places = all
    }
    for index in result.words.indices {
      let source = result.words[index].source
      result.words[index].bytes = places.map { $0[source.lowerBound]..<$0[source.upperBound] } ?? source
    }
  }
}
