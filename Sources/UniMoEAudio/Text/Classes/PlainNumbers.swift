/// A number that nothing says more about.
enum PlainNumbers {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if let rate = rate(tokens, at: index) ?? scaled(tokens, at: index) { return rate }
    guard let number = Quantity(tokens, at: index) else { return nil }
    return ExpressionReading(number.words, index..<number.end)
  }

  /// `.305` of a batter.
  private static func rate(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index), number.whole.isEmpty, let decimals = number.decimals,
      decimals.utf8.count == 3,
      tokens.hasWord(
        of: ["batting", "hitting", "hit", "hits", "bats", "average", "batted", "slugging"], before: index, within: 5)
        || tokens.hasWord(of: ["average", "save", "hitter", "batting", "winning"], from: number.end, within: 2)
    else { return nil }
    return ExpressionReading(NumberWords.pairs(decimals), index..<number.end)
  }

  /// `1M barrels`, `10k followers`.
  private static func scaled(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index), tokens.isGlued(number.end), tokens[number.end].isWord,
      let scale = Currencies.scales[tokens[number.end].text], tokens[number.end].text != "m",
      tokens.isPlural(number.end + 1)
    else { return nil }
    return ExpressionReading(number.cardinal + " " + scale, index..<(number.end + 1))
  }
}
