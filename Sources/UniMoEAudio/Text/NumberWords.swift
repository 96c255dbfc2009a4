/// Numbers in words, as American English has them: no "and", hyphens within a hundred.
enum NumberWords {
  private static let small = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
  ]
  private static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
  private static let groups = [
    "", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion", "septillion",
    "octillion", "nonillion",
  ]
  private static let irregularOrdinals = [
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
  ]

  /// "two hundred fifty" of 250.
  static func cardinal(_ value: Int) -> String { cardinal(digits: String(value)) }

  /// A number of any length; more digits than there are names for are said one by one.
  static func cardinal(digits text: some StringProtocol) -> String {
    let digits = text.utf8.map { Int($0) - 48 }.drop { $0 == 0 }
    if digits.isEmpty { return small[0] }
    if digits.count > groups.count * 3 { return NumberWords.digits(text) }
    var words: [String] = []
    var group = (digits.count - 1) / 3
    var rest = digits[...]
    while group >= 0 {
      let head = rest.dropLast(group * 3)
      let value = head.reduce(0) { $0 * 10 + $1 }
      if value > 0 {
        words.append(hundreds(value))
        if group > 0 { words.append(groups[group]) }
      }
      rest = rest.dropFirst(head.count)
      group -= 1
    }
    return words.joined(separator: " ")
  }

  private static func hundreds(_ value: Int) -> String {
    if value < 100 { return pair(value) }
    let head = small[value / 100] + " hundred"
    return value % 100 == 0 ? head : head + " " + pair(value % 100)
  }

  /// A number below a hundred.
  private static func pair(_ value: Int) -> String {
    if value < 20 { return small[value] }
    return value % 10 == 0 ? tens[value / 10] : tens[value / 10] + "-" + small[value % 10]
  }

  /// "twenty-first" of 21.
  static func ordinal(_ value: Int) -> String { ordinal(cardinal(value)) }

  /// "twenty-first" of "twenty-one".
  static func ordinal(_ cardinal: String) -> String {
    let cut = cardinal.lastIndex { $0 == "-" || $0 == " " }.map { cardinal.index(after: $0) } ?? cardinal.startIndex
    let last = String(cardinal[cut...])
    return cardinal[..<cut]
      + (irregularOrdinals[last] ?? (last.hasSuffix("y") ? last.dropLast() + "ieth" : last + "th"))
  }

  /// "nineteens" and "twenties": a number's plural.
  static func plural(_ words: String) -> String {
    if words.hasSuffix("y") { return words.dropLast() + "ies" }
    return words + (words.hasSuffix("six") ? "es" : "s")
  }

  /// Digits one by one.
  static func digits(_ text: some StringProtocol, zero: String = "zero") -> String {
    text.utf8.map { $0 == 48 ? zero : small[Int($0) - 48] }.joined(separator: " ")
  }

  /// "four eighty-two" of 482 and "nineteen oh seven" of 1907: how numbers of rooms, flights and houses are said. More
  /// than four digits one by one.
  static func pairs(_ digits: some StringProtocol) -> String {
    let value = Int(digits) ?? 0
    switch digits.utf8.count {
    case 1, 2: return digits.utf8.first == 48 && digits.utf8.count > 1 ? NumberWords.digits(digits) : pair(value)
    case 3 where digits.utf8.first != 48:
      return value % 100 == 0 ? hundreds(value) : small[value / 100] + " " + lowPair(value % 100)
    case 4 where digits.utf8.first != 48:
      if value % 1000 == 0 { return cardinal(value) }
      return pair(value / 100) + " " + (value % 100 == 0 ? "hundred" : lowPair(value % 100))
    default: return NumberWords.digits(digits)
    }
  }

  /// "oh five" of 5, "fifteen" of 15.
  static func lowPair(_ value: Int) -> String { (value < 10 ? "oh " : "") + pair(value) }

  /// A year: "nineteen oh five", "two thousand one", "twenty twenty-six", "seventeen hundred".
  static func year(_ value: Int) -> String {
    if value < 1000 || value > 9999 { return cardinal(value) }
    if value % 1000 < 10 { return cardinal(value) }
    return pair(value / 100) + " " + (value % 100 == 0 ? "hundred" : lowPair(value % 100))
  }

  /// The part behind a decimal point.
  static func fraction(_ digits: some StringProtocol) -> String { "point " + NumberWords.digits(digits) }
}
