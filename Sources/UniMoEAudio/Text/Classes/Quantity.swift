/// A number with or without a fraction behind it: `12`, `3.4`, `1½`, `1 1/2`, `¾`.
struct Quantity {
  var words: String
  var end: Int
  var isOne: Bool
  var isInteger: Bool
  var decimals: String?
  /// Whether it is a fraction that is "of a" unit.
  var needsOf = false
  /// Whether it is a fraction below one.
  var isFraction = false

  /// A number without a fraction.
  init(_ number: WrittenNumber) {
    (words, end, isOne) = (number.spoken, number.end, number.isOne)
    (isInteger, decimals) = (number.isInteger, number.decimals)
  }

  init?(_ tokens: TextTokens, at start: Int) {
    if let sign = Fractions.signs[tokens[start].text] {
      (words, end, isOne, isInteger, isFraction) = (Fractions.words(sign.0, sign.1), start + 1, true, false, true)
      if sign == (1, 2) { words = "half" }
      if sign == (1, 4) { words = "a quarter" }
      needsOf = sign.0 > 1
      return
    }
    guard let number = tokens.number(at: start) else { return nil }
    (words, end) = (number.spoken, number.end)
    (isOne, isInteger, decimals) = (number.isOne, number.isInteger, number.decimals)
    guard isInteger else { return }
    if let sign = Fractions.signs[tokens[end].text], tokens[end].gap <= .space {
      add(sign, behind: end + 1)
    } else if tokens[end].gap == .space || tokens.isGlued("-", at: end) {
      let at = tokens[end].isSymbol("-") ? end + 1 : end
      if tokens[at].isDigits, tokens.isGlued("/", at: at + 1), tokens.isGlued(at + 2), tokens[at + 2].isDigits,
        let top = Int(tokens[at].text), let bottom = Int(tokens[at + 2].text), top < bottom,
        [2, 3, 4, 5, 6, 8, 10, 16, 32].contains(bottom)
      {
        add((top, bottom), behind: at + 3)
      }
    } else if tokens.isGlued("/", at: end), tokens.isGlued(end + 1), let bottom = Int(tokens[end + 1].text),
      tokens[end + 1].isDigits,
      let top = number.value, top < bottom, [2, 3, 4, 8, 16, 32].contains(bottom), tokens.isGlued("\"", at: end + 2)
    {
      words = Fractions.words(top, bottom)
      end += 2
      (isOne, isInteger, isFraction) = (top == 1, false, true)
    }
  }

  private mutating func add(_ fraction: (Int, Int), behind: Int) {
    let part =
      fraction == (1, 2) ? "a half" : fraction == (1, 4) ? "a quarter" : Fractions.words(fraction.0, fraction.1)
    words += " and " + part
    end = behind
    (isOne, isInteger) = (false, false)
  }

  /// Whether a noun at a token is measured by it, not counted.
  func isAttribute(_ tokens: TextTokens, _ index: Int) -> Bool {
    isFraction || ["a", "an", "the"].contains(tokens.word(end - 2))
  }

  /// The words before the unit of an attribute.
  func asAttribute(_ head: String) -> String {
    guard isFraction else { return head }
    return head.hasPrefix("a-") ? String(head.dropFirst(2)) : head
  }
}
