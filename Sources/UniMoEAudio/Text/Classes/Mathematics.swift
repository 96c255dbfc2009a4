/// Signs between and before numbers.
enum Mathematics {
  /// `√81`, `-3`, `>`, `<`, `×`, `±`, `~5`.
  static func readSigns(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let token = tokens[index]
    let range = index..<(index + 1)
    let isBeforeNumber = tokens[index + 1].isDigits || tokens[index + 1].isSymbol(in: ["-", "\u{2212}", "."])
    switch token.text {
    case "-", "\u{2212}", "\u{2013}":
      guard isBeforeNumber, tokens.isGlued(index + 1),
        !tokens.isGlued(index) || tokens[index - 1].isSymbol(in: ["(", "=", "[", "<", ">"])
      else { return tokens[index].text == "\u{2212}" ? ExpressionReading("minus", range) : nil }
      guard let number = tokens.number(at: index + 1) else { return nil }
      return ExpressionReading("minus " + number.cardinal, index..<number.end)
    case ">": return isBeforeNumber || tokens[index - 1].isDigits ? ExpressionReading("greater than", range) : nil
    case "<": return isBeforeNumber || tokens[index - 1].isDigits ? ExpressionReading("less than", range) : nil
    case "~", "\u{2248}": return isBeforeNumber ? ExpressionReading("about", range) : nil
    case "*": return tokens[index - 1].isDigits && isBeforeNumber ? ExpressionReading("times", range) : nil
    case "/":
      return tokens[index - 1].isDigits && isBeforeNumber && !tokens.isGlued(index)
        ? ExpressionReading("divided by", range) : nil
    case "\u{B2}": return tokens.isGlued(index) ? ExpressionReading("squared", range) : nil
    case "\u{B3}": return tokens.isGlued(index) ? ExpressionReading("cubed", range) : nil
    case "^": return power(tokens, at: index)
    case "+": return plus(tokens, at: index)
    case "\u{3C0}": return ExpressionReading("pi", range)
    default: return nil
    }
  }

  private static func power(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let isNegative = tokens[index + 1].isSymbol(in: ["-", "\u{2212}"])
    guard let number = tokens.number(at: isNegative ? index + 2 : index + 1), let value = number.value, number.isInteger
    else { return nil }
    if !isNegative, value == 2 || value == 3 {
      return ExpressionReading(value == 2 ? "squared" : "cubed", index..<number.end)
    }
    return ExpressionReading(
      "to the " + (isNegative ? "minus " : "") + NumberWords.ordinal(value) + " power", index..<number.end)
  }

  private static func plus(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens.isGlued(index), tokens[index - 1].isDigits, !tokens.isGlued(index + 1) || !tokens[index + 1].isDigits
    else { return nil }
    if tokens.hasWord(of: ["ages", "age", "aged", "kids"], before: index, within: 3) {
      return ExpressionReading("and up", index..<(index + 1))
    }
    return nil
  }

  /// `7 x 8`, `2x`, `1.5x`, `20+ points`, `5ish`.
  static func readFigures(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index) else { return nil }
    let end = number.end
    let next = tokens.word(end)
    if tokens.isGlued("+", at: end), number.isInteger, tokens.isNoun(end + 1),
      !tokens.hasWord(of: ["ages", "age", "aged"], before: index, within: 3)
    {
      return ExpressionReading("more than " + number.spoken, index..<(end + 1))
    }
    if next == "ish", tokens.isGlued(end) { return ExpressionReading(number.cardinal + "-ish", index..<(end + 1)) }
    guard next == "x" || tokens[end].isSymbol("\u{D7}") else { return nil }
    if let other = tokens.number(at: end + 1) {
      let isGlued = tokens.isGlued(end) && tokens.isGlued(end + 1)
      let isProduct = !isGlued || tokens[other.end].isSymbol("=")
      let isSize =
        Measures.unit(tokens, at: other.end) != nil || tokens.word(other.end) == "grid"
        || tokens.word(other.end) == "inch"
      return ExpressionReading(number.cardinal + (isProduct && !isSize ? " times" : " by"), index..<(end + 1))
    }
    guard next == "x", tokens.isGlued(end) else { return nil }
    if tokens[end + 1].isSymbol(in: ["+", "=", "-", "\u{2212}"]) {
      return ExpressionReading(number.cardinal + " X", index..<(end + 1))
    }
    if number.isInteger, let value = number.value, value <= 2,
      ["a", "an", "per", "daily", "weekly"].contains(tokens.word(end + 1))
    {
      return ExpressionReading(value == 1 ? "once" : "twice", index..<(end + 1))
    }
    return ExpressionReading(number.cardinal + " times", index..<(end + 1))
  }

  /// A letter that stands for a number.
  static func readLetters(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let token = tokens[index]
    guard token.isWord, token.text.count == 1, token.shape == .lower, !["a"].contains(token.text),
      tokens[index + 1].isSymbol(in: ["=", "+", "<", ">", "^", "\u{B2}"])
        || tokens[index - 1].isSymbol(in: ["=", "+", "<", ">", "\u{D7}"])
    else { return nil }
    return ExpressionReading(token.text.uppercased(), index..<(index + 1))
  }
}
