/// Years and decades: `in 1905`, `2006 sedan`, `'87`, `the 1990s`, `450 B.C.`, `FY 2027`.
enum Years {
  static func readDecades(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    decade(tokens, at: index) ?? era(tokens, at: index)
  }

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    year(tokens, at: index)
  }

  /// `'87`, `'60s`.
  static func readShort(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isSymbol("'"), tokens.isGlued(index + 1), tokens[index + 1].isDigits,
      tokens[index + 1].text.utf8.count == 2,
      let value = Int(tokens[index + 1].text)
    else { return nil }
    if tokens.word(index + 2) == "s", tokens.isGlued(index + 2) {
      return ExpressionReading(NumberWords.plural(NumberWords.cardinal(value)), index..<(index + 3))
    }
    return tokens.isGlued("'", at: index + 2)
      ? nil
      : ExpressionReading(value < 10 ? NumberWords.lowPair(value) : NumberWords.cardinal(value), index..<(index + 2))
  }

  private static let decadesBefore: Set<String> = [
    "the", "late", "early", "mid", "my", "his", "her", "their", "our", "your", "in", "of", "roaring", "and", "or", "to",
    "swinging", "from", "a",
  ]

  /// Whether what is written as tens and an s is a decade and no time.
  static func isDecade(_ tokens: TextTokens, at index: Int) -> Bool {
    decadesBefore.contains(tokens.word(index - 1)) || tokens[index - 1].isSymbol("-") || tokens.word(index - 2) == "s"
      || tokens.word(index - 3) == "s"
  }

  private static func decade(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    var end = index + 1
    if tokens.isGlued("'", at: end) { end += 1 }
    // An apostrophe belongs to the word before the s.
    guard tokens[index].isDigits, tokens.word(end) == "s", tokens.isGlued(end), let value = Int(text), value % 10 == 0
    else {
      return nil
    }
    if text.utf8.count == 4, value % 1000 == 0 || (1100...2990).contains(value) {
      let words = value % 1000 == 0 ? NumberWords.cardinal(value) : NumberWords.year(value)
      return ExpressionReading(NumberWords.plural(words), index..<(end + 1))
    }
    guard text.utf8.count == 2, value >= 20, isDecade(tokens, at: index) else { return nil }
    return ExpressionReading(NumberWords.plural(NumberWords.cardinal(value)), index..<(end + 1))
  }

  private static let eras: Set<String> = ["bc", "bce", "ad", "ce"]

  private static func era(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index), number.isInteger, !number.isGrouped, let value = number.value else {
      return nil
    }
    let isShort = eras.contains(tokens.word(number.end)) && tokens[number.end].shape == .upper
    let isDotted =
      ["b", "a", "c"].contains(tokens.word(number.end)) && tokens.isGlued(".", at: number.end + 1)
      && ["c", "d", "e"].contains(tokens.word(number.end + 2)) && tokens[number.end].shape != .lower
    let isAfter = tokens[index - 1].text == "AD" || tokens.word(index - 1) == "circa"
    guard isShort || isDotted || isAfter, value < 10000 else { return nil }
    return ExpressionReading(
      value < 1000 ? NumberWords.pairs(number.whole) : NumberWords.year(value), index..<number.end)
  }

  private static let yearsBefore: Set<String> = [
    "in", "since", "by", "until", "before", "after", "from", "to", "year", "of", "around", "about", "during", "and",
    "or",
    "summer", "winter", "spring", "fall", "autumn", "class", "early", "late", "mid", "circa", "between", "born", "than",
    "copyright", "eve", "fy", "season", "through", "till", "for", "ca", "est",
  ]

  private static func year(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    guard tokens[index].isDigits, text.utf8.count == 4, let value = Int(text), (1010...2099).contains(value),
      !(tokens.isGlued(index + 1)
        && (tokens[index + 1].isSymbol(in: [":", "%", "\u{B0}", "/"]) || tokens[index + 1].isWord)),
      tokens.number(at: index)?.decimals == nil, tokens.number(at: index)?.isGrouped == false
    else { return nil }
    let before = tokens.word(index - 1)
    let hasUnit = Measures.unit(tokens, at: index + 1) != nil && tokens.word(index + 1) != "in"
    if hasUnit { return nil }
    let isSurely =
      value >= 1500 && yearsBefore.contains(before) && !["for", "about", "to", "than", "or", "of"].contains(before)
    if tokens.isPlural(index + 1), !isSeasonal(tokens.word(index + 1)) {
      // "in 1905 people" counts people; "the 2010 elections" have a year.
      guard ["the", "this", "last"].contains(before) || isSurely && before != "in" && before != "and" else {
        return nil
      }
      if before == "the", tokens.word(index + 1) == "people" { return nil }
    }
    guard
      value >= 1500 || yearsBefore.contains(before) || tokens[index - 1].isSymbol(in: [",", "("])
        || tokens[index - 1].isSymbol("-")
    else { return nil }
    return ExpressionReading(NumberWords.year(value), index..<(index + 1))
  }

  private static func isSeasonal(_ word: String) -> Bool {
    ["s", "us", "olympics", "games", "elections", "awards"].contains(word)
  }
}
