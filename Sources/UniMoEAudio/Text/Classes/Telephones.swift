/// Telephone numbers: digits one by one, a rest between groups.
enum Telephones {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    emergency(tokens, at: index) ?? grouped(tokens, at: index)
  }

  /// Numbers that begin with a sign: `(312) 555-0187`, `+44 20 7946 0958`.
  static func readSigns(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    tokens[index].isSymbol(in: ["+", "("]) ? grouped(tokens, at: index) : nil
  }

  private static let calls: Set<String> = [
    "call", "calls", "called", "calling", "dial", "dialed", "dialing", "phone", "text",
  ]

  /// `911` and its like.
  private static func emergency(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    guard tokens[index].isDigits, text.utf8.count == 3, text.hasSuffix("11"), !tokens.isGlued("-", at: index + 1),
      text == "911" && !tokens.isPlural(index + 1) || tokens.hasWord(of: calls, before: index, within: 8)
    else { return nil }
    return ExpressionReading(NumberWords.digits(text), index..<(index + 1))
  }

  private static let separators: Set<String> = ["-", ".", "\u{2013}"]

  private static func grouped(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var position = index
    var groups: [String] = []
    var isInternational = false
    if tokens[position].isSymbol("+"), tokens.isGlued(position + 1), tokens[position + 1].isDigits {
      isInternational = true
      position += 1
    }
    func take() -> Bool {
      if tokens[position].isSymbol("("), tokens[position + 1].isDigits, tokens[position + 2].isSymbol(")") {
        groups.append(tokens[position + 1].text)
        position += 3
        return true
      }
      guard tokens[position].isDigits else { return false }
      groups.append(tokens[position].text)
      position += 1
      return true
    }
    guard take() else { return nil }
    while true {
      let start = position
      if tokens[position].isSymbol(in: separators), tokens.isGlued(position), tokens.isGlued(position + 1) {
        position += 1
      }
      let isClose =
        tokens[position].gap == .none
        || tokens[position].gap == .space
          && (isInternational || tokens[position - 1].isSymbol(")")
            || groups.count == 1 && (groups[0] == "1" || groups[0].utf8.count == 3 && isSpaced(tokens, position))
            || groups.count > 1 && groups[0].utf8.count == 3 && groups[1].utf8.count == 3)
      let isGroup = tokens[position].isDigits && tokens[position].text.utf8.count <= 4 || tokens[position].isSymbol("(")
      guard isClose, isGroup, take() else {
        position = start
        break
      }
    }
    let counts = groups.map(\.utf8.count)
    let isNational = [[3, 4], [3, 3, 4], [1, 3, 3, 4]].contains(counts) && (counts.count < 4 || groups[0] == "1")
    guard isInternational && groups.count > 1 || isNational, !isRange(tokens, at: index, groups) else { return nil }
    let words = groups.map { $0 == "800" ? "eight hundred" : NumberWords.digits($0) }
    return ExpressionReading((isInternational ? "plus " : "") + words.joined(separator: ", "), index..<position)
  }

  /// Whether three and four digits follow with a space between them.
  private static func isSpaced(_ tokens: TextTokens, _ index: Int) -> Bool {
    tokens[index].isDigits && tokens[index].text.utf8.count == 3 && tokens[index + 1].isDigits
      && tokens[index + 1].gap == .space
      && tokens[index + 1].text.utf8.count == 4
  }

  /// Whether three and four digits are from and to.
  private static func isRange(_ tokens: TextTokens, at index: Int, _ groups: [String]) -> Bool {
    guard groups.count == 2 else { return false }
    return ["pages", "pp", "from", "rooms"].contains(tokens.word(index - 1)) || tokens[index - 1].isSymbol("$")
  }
}
