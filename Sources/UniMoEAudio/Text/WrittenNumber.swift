/// A number as it is written: digits, in groups of three or not, and what stands behind a decimal point.
struct WrittenNumber: Sendable {
  /// The digits before the point, without separators; empty in ".5".
  var whole: String
  /// The digits behind the point; `nil` without one.
  var decimals: String?
  /// Whether the digits stand in groups: never a year, a telephone number or a name.
  var isGrouped: Bool
  /// The token behind it.
  var end: Int

  /// The whole part as a number; `nil` if it is too long for one.
  var value: Int? { whole.utf8.count <= 15 ? Int(whole.isEmpty ? "0" : whole) : nil }
  /// Whether it is one and nothing else.
  var isOne: Bool { decimals == nil && value == 1 }
  var isInteger: Bool { decimals == nil }

  /// Reads the number that begins at a token.
  init?(_ tokens: TextTokens, at start: Int) {
    isGrouped = false
    var index = start
    if tokens[index].isSymbol("."), tokens[index + 1].isDigits, tokens.isGlued(index + 1),
      !(tokens.isGlued(index) && (tokens[index - 1].isDigits || tokens[index - 1].isWord))
    {
      whole = ""
      decimals = tokens[index + 1].text
      end = index + 2
      return
    }
    guard tokens[index].isDigits else { return nil }
    whole = tokens[index].text
    index += 1
    if whole.utf8.count <= 3, whole.utf8.first != 48 || whole == "0" {
      while tokens[index].isSymbol(","), tokens.isGlued(index), tokens[index + 1].isDigits, tokens.isGlued(index + 1),
        tokens[index + 1].text.utf8.count == 3
      {
        whole += tokens[index + 1].text
        isGrouped = true
        index += 2
      }
    }
    if tokens[index].isSymbol("."), tokens.isGlued(index), tokens[index + 1].isDigits, tokens.isGlued(index + 1) {
      decimals = tokens[index + 1].text
      index += 2
    }
    end = index
  }
}

extension WrittenNumber {
  /// The number as a quantity: "twelve hundred", "three point one four".
  var spoken: String {
    guard let decimals else { return Self.quantity(whole) }
    return (whole.isEmpty ? "" : Self.quantity(whole) + " ") + NumberWords.fraction(decimals)
  }

  /// The number in plain thousands.
  var cardinal: String {
    guard let decimals else { return NumberWords.cardinal(digits: whole) }
    return (whole.isEmpty ? "" : NumberWords.cardinal(digits: whole) + " ") + NumberWords.fraction(decimals)
  }

  /// Even numbers of tens between eleven hundred and two thousand are said in hundreds.
  private static func quantity(_ digits: String) -> String {
    guard let value = Int(digits), digits.utf8.first != 48 else {
      return digits.utf8.count > 1 && digits.utf8.first == 48
        ? NumberWords.digits(digits) : NumberWords.cardinal(digits: digits)
    }
    guard (1100..<2000).contains(value), value % 10 == 0 else { return NumberWords.cardinal(digits: digits) }
    let rest = value % 100 == 0 ? "" : " " + NumberWords.cardinal(value % 100)
    return NumberWords.cardinal(value / 100) + " hundred" + rest
  }
}
