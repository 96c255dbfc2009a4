/// Amounts of money: `$24.50`, `€2.1B`, `75¢`, `CHF 20`, `A$45`.
enum Currencies {
  private struct Currency {
    var one: String
    var many: String
    var cent: String
    var cents: String

    init(_ one: String, _ many: String, _ cent: String = "cent", _ cents: String = "cents") {
      (self.one, self.many, self.cent, self.cents) = (one, many, cent, cents)
    }
  }

  private static let symbols: [String: Currency] = [
    "$": Currency("dollar", "dollars"), "\u{20AC}": Currency("euro", "euros"),
    "\u{A3}": Currency("pound", "pounds", "penny", "pence"), "\u{A5}": Currency("yen", "yen"),
    "\u{20B9}": Currency("rupee", "rupees", "paisa", "paise"), "\u{20A9}": Currency("won", "won"),
    "\u{20BD}": Currency("ruble", "rubles", "kopeck", "kopecks"), "\u{20BF}": Currency("bitcoin", "bitcoins"),
    "\u{20AA}": Currency("shekel", "shekels"), "\u{20BA}": Currency("lira", "lira"),
  ]
  private static let dollars = [
    "a": "Australian", "au": "Australian", "aud": "Australian", "c": "Canadian", "ca": "Canadian", "us": "U S",
    "nz": "New Zealand", "hk": "Hong Kong", "s": "Singapore",
  ]
  private static let codes: [String: Currency] = [
    "USD": Currency("U S dollar", "U S dollars"), "EUR": Currency("euro", "euros"),
    "GBP": Currency("British pound", "British pounds", "penny", "pence"), "JPY": Currency("yen", "yen"),
    "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
    "CAD": Currency("Canadian dollar", "Canadian dollars"), "AUD": Currency("Australian dollar", "Australian dollars"),
    "NZD": Currency("New Zealand dollar", "New Zealand dollars"), "INR": Currency("rupee", "rupees", "paisa", "paise"),
    "CNY": Currency("yuan", "yuan"), "SEK": Currency("Swedish krona", "Swedish kronor"),
    "NOK": Currency("Norwegian krone", "Norwegian kroner"), "DKK": Currency("Danish krone", "Danish kroner"),
    "MXN": Currency("Mexican peso", "Mexican pesos"), "BRL": Currency("real", "reais"), "KRW": Currency("won", "won"),
  ]
  static let scales = [
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mm": "million", "MM": "million",
    "b": "billion", "B": "billion", "bn": "billion", "t": "trillion", "T": "trillion", "tn": "trillion",
    "thousand": "thousand",
    "million": "million", "billion": "billion", "trillion": "trillion",
  ]

  /// Signs, and a minus before them.
  static func readSymbols(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if tokens[index].isSymbol(in: ["-", "\u{2212}", "\u{2013}"]), !tokens.isGlued(index), tokens.isGlued(index + 1),
      symbols[tokens[index + 1].text] != nil, let reading = readSymbols(tokens, at: index + 1)
    {
      return ExpressionReading("minus " + reading.parts.map(\.words).joined(separator: " "), index..<reading.end)
    }
    guard let currency = symbols[tokens[index].text], let number = tokens.number(at: index + 1),
      tokens[index + 1].gap != .line
    else { return nil }
    return amount(tokens, currency, number, index)
  }

  /// Codes and letters before a sign.
  static func readWords(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if let kind = dollars[tokens.word(index)], tokens[index].shape != .lower, tokens.isGlued("$", at: index + 1),
      let number = tokens.number(at: index + 2)
    {
      return amount(tokens, Currency(kind + " dollar", kind + " dollars"), number, index)
    }
    guard let currency = codes[tokens[index].text], let number = tokens.number(at: index + 1),
      tokens[index + 1].gap <= .space
    else { return nil }
    return amount(tokens, currency, number, index)
  }

  /// Numbers before a sign or a code.
  static func readFigures(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index) else { return nil }
    var end = number.end
    if tokens[end].isSymbol("\u{A2}"), tokens[end].gap <= .space {
      end += 1
      let words = number.cardinal + (number.isOne ? " cent" : " cents")
      return withUnit(tokens, words, index, &end)
    }
    if tokens.word(end) == "p", tokens.isGlued(end), tokens[end].shape == .lower, number.isInteger {
      return ExpressionReading(number.cardinal + (number.isOne ? " penny" : " pence"), index..<(end + 1))
    }
    if let currency = codes[tokens[end].text] ?? (tokens[end].text == "$" ? nil : symbols[tokens[end].text]),
      tokens[end].gap <= .space, tokens.number(at: end + 1) == nil || !tokens.isGlued(end + 1)
    {
      return amount(tokens, currency, number, index, behind: end + 1)
    }
    return nil
  }

  private static func amount(
    _ tokens: TextTokens, _ currency: Currency, _ number: WrittenNumber, _ start: Int, behind: Int? = nil
  ) -> ExpressionReading? {
    var end = behind ?? number.end
    // From one amount to another.
    if behind == nil, tokens[end].isSymbol(in: ["-", "\u{2013}"]), tokens.isGlued(end) {
      let next = symbols[tokens[end + 1].text] != nil ? end + 2 : end + 1
      if let last = tokens.number(at: next), tokens.isGlued(end + 1) {
        let (scale, behind) = scale(tokens, at: last.end)
        let words = [plain(number), "to", plain(last), scale, currency.many].filter { !$0.isEmpty }
        return ExpressionReading(words.joined(separator: " "), start..<behind)
      }
    }
    let (scale, scaled) = behind == nil ? scale(tokens, at: end) : ("", end)
    end = scaled
    if !scale.isEmpty {
      let words = number.cardinal + " " + scale
      if isAttribute(tokens, start, end) { return ExpressionReading(words + " " + currency.one, start..<end) }
      return ExpressionReading(words + " " + currency.many, start..<end)
    }
    if isAttribute(tokens, start, end) { return ExpressionReading(attribute(number, currency), start..<end) }
    var words = exact(number, currency)
    if tokens.isGlued("+", at: end) {
      words += " or more"
      end += 1
    }
    return withUnit(tokens, words, start, &end)
  }

  private static func scale(_ tokens: TextTokens, at index: Int) -> (words: String, end: Int) {
    let token = tokens[index]
    guard token.isWord, token.gap <= .space, let words = scales[token.text],
      token.text.count > 2 || tokens.isGlued(index)
    else { return ("", index) }
    return (words, index + 1)
  }

  /// Whether the amount tells what kind of thing follows: a $20 bill.
  private static func isAttribute(_ tokens: TextTokens, _ start: Int, _ end: Int) -> Bool {
    if tokens.isGlued("-", at: end), tokens.isGlued(end + 1), tokens[end + 1].isWord { return true }
    return ["a", "an", "the", "another", "each", "every", "this", "that", "one"].contains(tokens.word(start - 1))
      && tokens.isNoun(end) && tokens[end].gap == .space && !tokens.isPlural(end)
  }

  private static func attribute(_ number: WrittenNumber, _ currency: Currency) -> String {
    guard let decimals = number.decimals, decimals.utf8.count == 2, let value = number.value else {
      return number.cardinal.replacing(" ", with: "-") + "-" + currency.one.replacing(" ", with: "-")
    }
    let cents = Int(decimals) ?? 0
    if cents == 0 { return NumberWords.cardinal(value) + "-" + currency.one }
    return NumberWords.cardinal(value) + " " + NumberWords.lowPair(cents)
  }

  private static func plain(_ number: WrittenNumber) -> String {
    guard let decimals = number.decimals, decimals.utf8.count == 2, let cents = Int(decimals) else {
      return number.cardinal
    }
    return NumberWords.cardinal(digits: number.whole) + (cents == 0 ? "" : " " + NumberWords.lowPair(cents))
  }

  private static func exact(_ number: WrittenNumber, _ currency: Currency) -> String {
    guard let decimals = number.decimals else {
      return number.spoken + " " + (number.isOne ? currency.one : currency.many)
    }
    guard decimals.utf8.count == 2, let cents = Int(decimals) else { return number.cardinal + " " + currency.many }
    let isWhole = number.value == 0 || number.whole.isEmpty
    let whole = NumberWords.cardinal(digits: number.whole) + " " + (number.value == 1 ? currency.one : currency.many)
    if cents == 0 { return whole }
    let small = NumberWords.cardinal(cents) + " " + (cents == 1 ? currency.cent : currency.cents)
    if isWhole { return small }
    // Pounds and pence are said without the pence.
    return currency.cents == "pence" ? whole + " " + NumberWords.cardinal(cents) : whole + " and " + small
  }

  /// An amount for each of something: `/lb.`
  private static func withUnit(
    _ tokens: TextTokens, _ words: String, _ start: Int, _ end: inout Int
  ) -> ExpressionReading? {
    guard tokens.isGlued("/", at: end), tokens.isGlued(end + 1), tokens[end + 1].isWord else {
      return ExpressionReading(words, start..<end)
    }
    let unit = Measures.unit(tokens, at: end + 1).map { ($0.unit.one, $0.end) } ?? (tokens.word(end + 1), end + 2)
    end = unit.1
    let article = "aeiou".contains(unit.0.first ?? "x") || unit.0 == "hour" ? "an " : "a "
    return ExpressionReading(
      words + " " + article + unit.0, start..<end, endsSentence: tokens.endsSentence(before: end))
  }
}
