/// Fractions: `¾`, `1/3`, `7/8`, `½-hour`, `50/50`.
enum Fractions {
  static let signs: [String: (Int, Int)] = [
    "\u{BC}": (1, 4), "\u{BD}": (1, 2), "\u{BE}": (3, 4), "\u{2150}": (1, 7), "\u{2151}": (1, 9), "\u{2152}": (1, 10),
    "\u{2153}": (1, 3), "\u{2154}": (2, 3), "\u{2155}": (1, 5), "\u{2156}": (2, 5), "\u{2157}": (3, 5),
    "\u{2158}": (4, 5),
    "\u{2159}": (1, 6), "\u{215A}": (5, 6), "\u{215B}": (1, 8), "\u{215C}": (3, 8), "\u{215D}": (5, 8),
    "\u{215E}": (7, 8),
  ]

  /// "three quarters" of 3 and 4.
  static func words(_ top: Int, _ bottom: Int) -> String {
    let count = NumberWords.cardinal(top)
    switch bottom {
    case 2: return count + (top == 1 ? " half" : " halves")
    case 4: return count + (top == 1 ? " quarter" : " quarters")
    case 100, 1000:
      return count + " one-" + NumberWords.ordinal(bottom).split(separator: " ").joined(separator: "-").dropFirst(4)
        + (top == 1 ? "" : "s")
    default: return count + " " + NumberWords.ordinal(bottom) + (top == 1 ? "" : "s")
    }
  }

  private static let denominators: Set<Int> = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 32, 100, 1000]
  private static let datesBefore: Set<String> = [
    "on", "by", "until", "till", "is", "was", "since", "before", "after", "dated", "due", "starts", "ends", "opens",
    "from", "through", "to", "and", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "starting", "date", "for", "born",
  ]
  private static let partsBehind: Set<String> = [
    "of", "full", "off", "cup", "cups", "teaspoon", "tablespoon", "tsp", "tbsp", "mile", "miles", "inch", "inches",
    "in",
    "more", "less", "the", "price", "an", "a", "lb", "pound", "pounds", "oz", "empty", "done", "finished", "hour",
    "scale",
    "majority", "size", "mi", "cup.", "gallon", "share", "stake", "owner", "note", "notes", "time",
  ]

  /// Whether what could be a date is a part of something.
  static func isLikely(_ tokens: TextTokens, at index: Int, behind end: Int) -> Bool {
    guard let top = Int(tokens[index].text), let bottom = Int(tokens[index + 2].text) else { return false }
    if tokens[end].isSymbol(in: ["+", "=", "\u{D7}", "\""]) || tokens[index - 1].isSymbol(in: ["+", "=", "\u{D7}"]) {
      return true
    }
    if tokens.hasWord(of: ["+", "="], before: index, within: 8) { return true }
    let isPart = top < bottom && denominators.contains(bottom)
    if !isPart { return false }
    if partsBehind.contains(tokens.word(end)) {
      return !datesBefore.subtracting(["is", "and", "was", "for", "to"]).contains(tokens.word(index - 1))
        || tokens.word(end) == "of"
    }
    // A half, thirds and quarters are dates only where something says so.
    if bottom <= 4, !datesBefore.subtracting(["is", "and", "was", "for", "to", "or"]).contains(tokens.word(index - 1)),
      !tokens.hasWord(of: ["on", "by", "from", "until"], before: index, within: 6)
    {
      return true
    }
    if ["than", "about", "almost", "only", "over", "nearly", "another", "least", "most"].contains(
      tokens.word(index - 1))
    {
      return true
    }
    return false
  }

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if signs[tokens[index].text] != nil { return sign(tokens, at: index) }
    guard tokens[index].isDigits, tokens.isGlued("/", at: index + 1), tokens.isGlued(index + 2),
      tokens[index + 2].isDigits,
      !tokens.isGlued("/", at: index + 3), let top = Int(tokens[index].text), let bottom = Int(tokens[index + 2].text),
      tokens[index].text.utf8.count <= 4, tokens[index + 2].text.utf8.count <= 4
    else { return nil }
    let range = index..<(index + 3)
    if top == 24, bottom == 7 { return ExpressionReading("twenty-four seven", range) }
    if top == bottom, top == 50 { return ExpressionReading("fifty-fifty", range) }
    if tokens.word(index + 3) == "c", tokens.isGlued(index + 3) {
      let words = NumberWords.cardinal(top) + ", " + NumberWords.cardinal(bottom) + " Central,"
      return ExpressionReading(words, index..<(index + 4))
    }
    guard top > 0, top < bottom || denominators.contains(bottom), bottom > 1, bottom <= 1000 else {
      let words = NumberWords.cardinal(top) + " " + (bottom < 100 ? "over " : "of ") + NumberWords.cardinal(bottom)
      return ExpressionReading(words, range)
    }
    if top == 1, bottom == 2, ["off", "price", "the"].contains(tokens.word(index + 3)) {
      return ExpressionReading("half", range)
    }
    let word = tokens.word(index + 3)
    if bottom > 12, !denominators.contains(bottom), word != "of" {
      return ExpressionReading(NumberWords.cardinal(top) + " over " + NumberWords.cardinal(bottom), range)
    }
    return ExpressionReading(words(top, bottom), range)
  }

  private static func sign(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let (top, bottom) = signs[tokens[index].text] else { return nil }
    let range = index..<(index + 1)
    let next = tokens.word(index + 1)
    if next == "of" || next == "the" {
      return ExpressionReading((top, bottom) == (1, 2) ? "half" : words(top, bottom), range)
    }
    if (top, bottom) == (1, 2) { return ExpressionReading("half", range) }
    if tokens.isGlued("-", at: index + 1) {
      return ExpressionReading(words(top, bottom).replacing(" ", with: "-"), range)
    }
    if tokens.isNoun(index + 1) {
      return ExpressionReading(top == 1 ? "a " + words(1, bottom).dropFirst(4) : words(top, bottom) + " of a", range)
    }
    return ExpressionReading(words(top, bottom), range)
  }
}
