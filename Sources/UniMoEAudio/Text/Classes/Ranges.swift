/// From one number to another, results of games, and a minus between numbers: `25-30 min.`, `3-1`, `6-4, 3-6`, `15 - 6`.
enum Ranges {
  private static let dashes: Set<String> = ["-", "\u{2013}", "\u{2014}", "\u{2212}"]
  /// Things with numbers of their own: from one through the other.
  private static let counted: Set<String> = [
    "cars", "rows", "seats", "pages", "gates", "boxes", "rooms", "tracks", "platforms", "chapters", "lanes", "aisles",
    "items", "lines", "lockers", "questions", "exercises", "verses", "tables", "exits", "floors", "numbers", "nos",
    "rms",
    "pp", "figures", "figs", "sections", "steps", "levels", "grades", "volumes", "vols", "issues", "episodes", "acts",
    "scenes", "parts", "weeks", "days", "terminals", "bays", "zones", "wards", "units", "apartments", "windows", "bins",
  ]

  static func readSigns(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    tokens[index].isSymbol(in: ["-", "\u{2212}"]) ? read(tokens, at: index) : nil
  }

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var start = index
    var sign = ""
    if tokens[index].isSymbol(in: ["-", "\u{2212}"]), tokens.isGlued(index + 1), !tokens.isGlued(index) {
      sign = "minus "
      start += 1
    }
    guard let first = tokens.number(at: start), tokens[first.end].isSymbol(in: dashes) else { return nil }
    guard tokens.isGlued(first.end), tokens.isGlued(first.end + 1), let last = tokens.number(at: first.end + 1) else {
      return minus(tokens, index, first)
    }
    // More than two parts are no range.
    guard
      !(tokens.isGlued(last.end) && tokens[last.end].isSymbol(in: dashes) && tokens[last.end + 1].isDigits
        && tokens.isGlued(last.end + 1)),
      !(tokens.isGlued(":", at: last.end) || tokens.isGlued("/", at: last.end))
    else { return nil }
    if sign.isEmpty, let scores = scores(tokens, at: index, first, last) { return scores }
    return between(tokens, from: index, sign, first, last)
  }

  /// A minus with spaces around it.
  private static func minus(_ tokens: TextTokens, _ index: Int, _ first: WrittenNumber) -> ExpressionReading? {
    guard tokens[first.end].gap == .space, tokens[first.end + 1].gap == .space,
      let last = tokens.number(at: first.end + 1),
      tokens[last.end].isSymbol("=") || tokens.hasWord(of: ["="], from: last.end, within: 5)
        || tokens.hasWord(of: ["what's", "calculate", "="], before: index, within: 4)
    else { return nil }
    return ExpressionReading(first.cardinal + " minus", index..<(first.end + 1))
  }

  private static let tied: Set<String> = ["tied", "tie", "deuce", "drew"]

  private static func scores(
    _ tokens: TextTokens, at index: Int, _ first: WrittenNumber, _ last: WrittenNumber
  ) -> ExpressionReading? {
    guard first.isInteger, last.isInteger, !first.isGrouped, let one = first.value, let other = last.value else {
      return nil
    }
    let (a, b) = (NumberWords.cardinal(one), NumberWords.cardinal(other))
    if one == other, tokens.hasWord(of: tied, before: index, within: 3) {
      return ExpressionReading(a + " all", index..<last.end)
    }
    if other == 0, ["lead", "win", "victory", "loss", "defeat"].contains(tokens.word(last.end)) {
      return ExpressionReading(a + " to nothing", index..<last.end)
    }
    // Sets of a match: several results with commas between them.
    func isResult(_ at: Int) -> Bool {
      tokens[at].isDigits && tokens[at].text.utf8.count <= 2 && tokens[at + 1].isSymbol(in: dashes)
        && tokens.isGlued(at + 1)
        && tokens[at + 2].isDigits && tokens.isGlued(at + 2) && tokens[at + 2].text.utf8.count <= 2
    }
    let follows = tokens[last.end].isSymbol(",") && isResult(last.end + 1)
    let precedes = tokens[index - 1].isSymbol(",") && isResult(index - 4)
    guard follows || precedes, one <= 25, other <= 25, !counted.contains(tokens.word(index - 1)) else { return nil }
    return ExpressionReading(a + " " + b, index..<last.end)
  }

  private static func between(
    _ tokens: TextTokens, from start: Int, _ sign: String, _ first: WrittenNumber, _ last: WrittenNumber
  ) -> ExpressionReading? {
    var link = " to "
    var (a, b) = (first.spoken, last.spoken)
    if counted.contains(tokens.word(start - 1))
      || tokens[start - 1].isSymbol(".") && counted.contains(tokens.word(start - 2))
    {
      let isNext = first.value.map { $0 + 1 } == last.value
      link = isNext && ["seats", "rows"].contains(tokens.word(start - 1)) ? " and " : " through "
      if !first.isGrouped, !["pages", "pp"].contains(tokens.word(start - 1)) {
        (a, b) = (NumberWords.pairs(first.whole), NumberWords.pairs(last.whole))
      }
    } else if let year = first.value, first.isInteger, !first.isGrouped, (1100...2099).contains(year),
      first.whole.utf8.count == 4
    {
      guard last.whole.utf8.count == 4 || last.whole.utf8.count == 2, let end = last.value else { return nil }
      a = NumberWords.year(year)
      b =
        last.whole.utf8.count == 4
        ? NumberWords.year(end) : end < 10 ? NumberWords.lowPair(end) : NumberWords.cardinal(end)
    } else if first.whole.utf8.first == 48, first.whole.utf8.count > 1 {
      return nil
    }
    let words = sign + a + link + b
    var quantity = Quantity(last)
    quantity.isOne = false
    if let reading = Measures.read(tokens, from: start, words, quantity) { return reading }
    if let meridiem = Times.meridiem(tokens, at: last.end) {
      return ExpressionReading(
        words + " " + meridiem.words, start..<meridiem.end, endsSentence: tokens.endsSentence(before: meridiem.end))
    }
    return ExpressionReading(words, start..<last.end)
  }

  /// `A–F`: letters of rows.
  static func readLetters(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    func isLetter(_ at: Int) -> Bool {
      tokens[at].isWord && tokens[at].text.count == 1 && tokens[at].text.first?.isUppercase == true
    }
    guard isLetter(index), tokens[index + 1].isSymbol(in: ["-", "\u{2013}"]), tokens.isGlued(index + 1),
      isLetter(index + 2),
      tokens.isGlued(index + 2), !tokens.isGlued("-", at: index + 3),
      tokens[index + 1].isSymbol("\u{2013}") || counted.contains(tokens.word(index - 1))
        || ["groups", "sections", "buildings", "blocks", "zones", "halls"].contains(tokens.word(index - 1))
    else { return nil }
    return ExpressionReading(tokens[index].text + " through " + tokens[index + 2].text, index..<(index + 3))
  }
}
