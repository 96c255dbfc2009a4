/// Dates with figures or with the names of months, and the names of days and months shortened.
enum Dates {
  static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
  private static let monthNumbers: [String: Int] = {
    var numbers: [String: Int] = [:]
    for (index, name) in months.enumerated() {
      numbers[name] = index + 1
      numbers[String(name.prefix(3))] = index + 1
    }
    numbers["sept"] = 9
    return numbers
  }()
  private static let days = [
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "weds": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
  ]

  /// The name of a month.
  static func name(_ month: Int) -> String {
    let name = months[month - 1]
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  // MARK: Figures

  /// `2023-06-05`, `12/31/29`, `31.12.2024`, `6/14`.
  static func readFigures(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let separator = tokens[index + 1].text
    guard tokens[index].isDigits, ["-", "/", "."].contains(separator), tokens.isGlued(index + 1),
      tokens.isGlued(index + 2),
      tokens[index + 2].isDigits, let first = Int(tokens[index].text), let second = Int(tokens[index + 2].text)
    else { return nil }
    let isLonger =
      tokens[index + 3].isSymbol(separator) && tokens.isGlued(index + 3) && tokens.isGlued(index + 4)
      && tokens[index + 4].isDigits
    if isLonger, let third = Int(tokens[index + 4].text) {
      let last = tokens[index + 4].text.utf8.count
      if tokens[index].text.utf8.count == 4, separator != ".", isDay(second, third) {
        return date(second, third, year(first), index..<(index + 5))
      }
      guard last == 4 || last == 2 && separator == "/" else { return nil }
      let spoken = last == 4 || third <= 40 ? year(last == 4 ? third : 2000 + third) : NumberWords.lowPair(third)
      if separator != ".", isDay(first, second) { return date(first, second, spoken, index..<(index + 5)) }
      return isDay(second, first) && last == 4 ? date(second, first, spoken, index..<(index + 5)) : nil
    }
    guard separator == "/", isDay(first, second), !(tokens.isGlued(index + 3) && tokens[index + 3].isWord),
      tokens[index].text.utf8.count <= 2, tokens[index + 2].text.utf8.count <= 2,
      !Fractions.isLikely(tokens, at: index, behind: index + 3)
    else { return nil }
    return date(first, second, nil, index..<(index + 3))
  }

  private static func isDay(_ month: Int, _ day: Int) -> Bool { (1...12).contains(month) && (1...31).contains(day) }
  private static func year(_ value: Int) -> String { NumberWords.year(value) }
  private static func date(_ month: Int, _ day: Int, _ year: String?, _ range: Range<Int>) -> ExpressionReading {
    let words = name(month) + " " + NumberWords.ordinal(day)
    return ExpressionReading(words + (year.map { ", " + $0 } ?? ""), range)
  }

  /// `4 July 1803`.
  static func readDayFirst(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isDigits, let day = Int(tokens[index].text), (1...31).contains(day),
      tokens[index + 1].gap == .space
    else { return nil }
    var end = index + 1
    var before = "the "
    if ["st", "nd", "rd", "th"].contains(tokens.word(end)), tokens.isGlued(end) { end += 1 }
    if tokens.word(end) == "of" { end += 1 }
    if tokens.word(index - 1) == "the" { before = "" }
    guard let month = month(tokens, at: end) else { return nil }
    if ["may", "march"].contains(tokens.word(end)), tokens[end].shape == .lower { return nil }
    end = month.end
    var words = before + NumberWords.ordinal(day) + " of " + name(month.number)
    let comma = tokens[end].isSymbol(",") ? end + 1 : end
    if let year = yearValue(tokens, at: comma) {
      words += ", " + NumberWords.year(year)
      end = comma + 1
    }
    return ExpressionReading(words, index..<end)
  }

  // MARK: Names

  /// `Feb. 29, 2004`, `Dec. 24-26`, `Jan. 1977`, `Mon.-Fri.`, `Tues.`
  static func readNames(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if let day = day(tokens, at: index) {
      let end = day.end
      if tokens[end].isSymbol(in: ["-", "\u{2013}"]), let last = Self.day(tokens, at: end + 1) {
        return ExpressionReading(
          day.name + " through " + last.name, index..<last.end, endsSentence: tokens.endsSentence(before: last.end))
      }
      let isShort = tokens.word(index) != day.name.lowercased()
      return isShort ? ExpressionReading(day.name, index..<end, endsSentence: tokens.endsSentence(before: end)) : nil
    }
    guard let month = month(tokens, at: index) else { return nil }
    return monthAndDay(tokens, at: index, month)
  }

  private static func day(_ tokens: TextTokens, at index: Int) -> (name: String, end: Int)? {
    let word = tokens.word(index)
    guard tokens[index].isCapitalised else { return nil }
    if let name = days.values.first(where: { $0.lowercased() == word }) { return (name, index + 1) }
    guard let name = days[word], tokens[index].shape == .capital else { return nil }
    if tokens.isGlued(".", at: index + 1) { return (name, index + 2) }
    // Without its full stop only where a range, a date or a time follows.
    let isPart =
      tokens[index + 1].isSymbol(in: ["-", "\u{2013}", ","]) && !["sun", "sat"].contains(word)
      || tokens[index + 1].isDigits
    return isPart ? (name, index + 1) : nil
  }

  private static func month(_ tokens: TextTokens, at index: Int) -> (number: Int, end: Int)? {
    let word = tokens.word(index)
    guard tokens[index].shape == .capital || tokens[index].shape == .upper && word.count > 2,
      let number = monthNumbers[word]
    else { return nil }
    if months.contains(word) { return (number, index + 1) }
    if tokens.isGlued(".", at: index + 1) { return (number, index + 2) }
    let isPart =
      tokens[index + 1].isDigits && tokens[index + 1].gap == .space
      || tokens[index - 1].isDigits && !["mar", "dec", "jan"].contains(word)
    return isPart ? (number, index + 1) : nil
  }

  private static func yearValue(_ tokens: TextTokens, at index: Int) -> Int? {
    guard tokens[index].isDigits, tokens[index].text.utf8.count == 4, let year = Int(tokens[index].text),
      (1000...2999).contains(year), !(tokens.isGlued(index + 1) && tokens[index + 1].isSymbol(in: [":", "/"]))
    else { return nil }
    return year
  }

  private static func monthAndDay(
    _ tokens: TextTokens, at index: Int, _ month: (number: Int, end: Int)
  ) -> ExpressionReading? {
    var parts = [ExpressionReading.Part(words: name(month.number), tokens: index..<month.end)]
    var end = month.end
    if let year = yearValue(tokens, at: end) {
      parts.append(.init(words: NumberWords.year(year), tokens: end..<(end + 1)))
      return ExpressionReading(parts, end: end + 1)
    }
    if let day = dayOfMonth(tokens, at: end) {
      var words = NumberWords.ordinal(day.number)
      let start = end
      end = day.end
      if tokens[end].isSymbol(in: ["-", "\u{2013}"]), let last = dayOfMonth(tokens, at: end + 1) {
        words += " through " + NumberWords.ordinal(last.number)
        end = last.end
      }
      parts.append(.init(words: words, tokens: start..<end))
      let comma = tokens[end].isSymbol(",") ? end + 1 : end
      if let year = yearValue(tokens, at: comma) {
        parts[parts.count - 1].words += ","
        parts.append(.init(words: NumberWords.year(year), tokens: comma..<(comma + 1)))
        end = comma + 1
      }
      return ExpressionReading(parts, end: end)
    }
    if months.contains(tokens.word(index)) { return nil }
    return ExpressionReading(parts, end: end, endsSentence: tokens.endsSentence(before: end))
  }

  private static func dayOfMonth(_ tokens: TextTokens, at index: Int) -> (number: Int, end: Int)? {
    guard tokens[index].isDigits, tokens[index].text.utf8.count <= 2, let day = Int(tokens[index].text),
      (1...31).contains(day)
    else { return nil }
    var end = index + 1
    if ["st", "nd", "rd", "th"].contains(tokens.word(end)), tokens.isGlued(end) {
      end += 1
    } else if tokens.isGlued(end), tokens[end].isSymbol(in: [":", "/", "%"]) || tokens[end].isWord {
      return nil
    } else if tokens.isGlued(".", at: end), tokens.isGlued(end + 1), tokens[end + 1].isDigits {
      return nil
    }
    return (day, end)
  }
}
