/// Ordinal numbers: `2nd`, `112th`.
enum Ordinals {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index), number.isInteger, let value = number.value,
      ["st", "nd", "rd", "th"].contains(tokens.word(number.end)), tokens.isGlued(number.end)
    else { return nil }
    var words = NumberWords.ordinal(value)
    if value == 100 || value == 1000, tokens.word(index - 1) == "the" { words = String(words.dropFirst(4)) }
    return ExpressionReading(words, index..<(number.end + 1))
  }
}
