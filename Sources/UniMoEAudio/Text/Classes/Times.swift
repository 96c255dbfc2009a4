/// Times of day and spans of time: `7:45 p.m.`, `17:05`, `0:30 left`, `1300 hrs.`
enum Times {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    clock(tokens, at: index) ?? hourAlone(tokens, at: index) ?? military(tokens, at: index)
  }

  /// "A M" and the token behind it, where a.m. or p.m. stands at a token.
  static func meridiem(_ tokens: TextTokens, at index: Int) -> (words: String, end: Int)? {
    let word = tokens.word(index)
    if ["am", "pm"].contains(word), tokens[index].gap <= .space, tokens[index].shape != .capital {
      if word == "am", tokens[index].shape == .lower, !tokens.isGlued(index), tokens[index + 1].isWord { return nil }
      return (
        word == "am" ? "A M" : "P M",
        tokens.behindDot(index) == index + 2 && word.count == 2
          && tokens.endsSentence(before: index + 2) ? index + 1 : index + 1
      )
    }
    guard ["a", "p"].contains(word), tokens.isGlued(".", at: index + 1), tokens.word(index + 2) == "m",
      tokens[index + 2].gap <= .space
    else { return nil }
    return (word == "a" ? "A M" : "P M", tokens.behindDot(index + 2))
  }

  private static func clock(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isDigits, tokens.isGlued(":", at: index + 1), tokens.isGlued(index + 2),
      tokens[index + 2].isDigits,
      let hour = Int(tokens[index].text), let minute = Int(tokens[index + 2].text),
      tokens[index + 2].text.utf8.count == 2,
      tokens[index].text.utf8.count <= 3, minute < 60
    else { return nil }
    if Ratios.isLikely(tokens, at: index, behind: index + 3) { return nil }
    if let span = span(tokens, at: index, hour, minute) { return span }
    guard hour <= 24 else { return nil }
    var end = index + 3
    if let meridiem = meridiem(tokens, at: end) {
      end = meridiem.end
      let words = NumberWords.cardinal(hour) + (minute == 0 ? "" : " " + NumberWords.lowPair(minute))
      return reading(tokens, words + " " + meridiem.words, index..<end)
    }
    if ["o'clock", "hours", "hrs"].contains(tokens.word(end)), minute == 0 {
      return ExpressionReading(NumberWords.cardinal(hour), index..<end)
    }
    return reading(tokens, words(hour, minute, isPadded: tokens[index].text.utf8.first == 48), index..<end)
  }

  private static func words(_ hour: Int, _ minute: Int, isPadded: Bool) -> String {
    if minute > 0 { return NumberWords.cardinal(hour) + " " + NumberWords.lowPair(minute) }
    if hour == 0 { return "midnight" }
    if isPadded { return "oh " + NumberWords.cardinal(hour) + " hundred" }
    return NumberWords.cardinal(hour) + (hour > 12 ? " hundred" : " o'clock")
  }

  private static let spanBehind: Set<String> = ["left", "long", "remaining", "elapsed", "mark"]
  private static let spanBefore: Set<String> = [
    "finished", "ran", "time", "lasts", "lasted", "took", "takes", "record",
  ]

  /// Minutes and seconds, or hours, minutes and seconds.
  private static func span(_ tokens: TextTokens, at index: Int, _ first: Int, _ second: Int) -> ExpressionReading? {
    var end = index + 3
    var parts = [(first, "minute"), (second, "second")]
    var decimals = ""
    if tokens.isGlued(":", at: end), tokens.isGlued(end + 1), tokens[end + 1].isDigits,
      let last = Int(tokens[end + 1].text),
      tokens[end + 1].text.utf8.count == 2, last < 60
    {
      parts = [(first, "hour"), (second, "minute"), (last, "second")]
      end += 2
    }
    if tokens.isGlued(".", at: end), tokens.isGlued(end + 1), tokens[end + 1].isDigits {
      decimals = " " + NumberWords.fraction(tokens[end + 1].text)
      end += 2
    }
    let isLong = tokens.word(end) == "long"
    guard
      parts.count == 3 || !decimals.isEmpty || spanBehind.contains(tokens.word(end))
        || ["in", "of", "took"].contains(tokens.word(index - 1))
          && tokens.hasWord(of: spanBefore, before: index, within: 5)
    else { return nil }
    var words: [String] = []
    for (value, unit) in parts where value > 0 || unit == "second" && (!decimals.isEmpty || words.isEmpty) {
      let fraction = unit == "second" ? decimals : ""
      words.append(NumberWords.cardinal(value) + fraction + " " + unit + (value == 1 && fraction.isEmpty ? "" : "s"))
    }
    let separator = !decimals.isEmpty ? ", " : isLong ? " " : words.count == 2 ? " and " : ", "
    return ExpressionReading(words.joined(separator: separator), index..<end)
  }

  /// `9 a.m.`, `9am`.
  private static func hourAlone(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isDigits, tokens[index].text.utf8.count <= 2, let hour = Int(tokens[index].text),
      (1...12).contains(hour),
      let meridiem = meridiem(tokens, at: index + 1)
    else { return nil }
    return reading(tokens, NumberWords.cardinal(hour) + " " + meridiem.words, index..<meridiem.end)
  }

  /// A time with what leads from it to another one.
  private static func reading(_ tokens: TextTokens, _ words: String, _ range: Range<Int>) -> ExpressionReading {
    let end = range.upperBound
    if tokens[end].isSymbol(in: ["-", "\u{2013}"]), tokens[end + 1].isDigits {
      return ExpressionReading(words + " to", range.lowerBound..<(end + 1))
    }
    return ExpressionReading(words, range, endsSentence: tokens.endsSentence(before: end))
  }

  /// `0545` and `1300 hrs.`
  private static func military(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    guard tokens[index].isDigits, text.utf8.count == 4, let value = Int(text), value % 100 < 60, value < 2400 else {
      return nil
    }
    let isHours = ["hrs", "hours", "h"].contains(tokens.word(index + 1))
    let isEarly =
      value < 1000 && ["at", "by", "until", "from", "to", "before", "after"].contains(tokens.word(index - 1))
    guard isHours || isEarly else { return nil }
    let hour = value / 100
    let head = (hour < 10 ? "oh " : "") + NumberWords.cardinal(hour)
    let words = value % 100 == 0 ? head + " hundred" : head + " " + NumberWords.lowPair(value % 100)
    guard isHours else { return ExpressionReading(words, index..<(index + 1)) }
    let end = tokens.behindDot(index + 1)
    return ExpressionReading(words + " hours", index..<end, endsSentence: tokens.endsSentence(before: end))
  }
}
