/// Roman numerals behind a name or what is counted: `Chapter IX`, `Henry VIII`, `World War II`, `p. xii`.
enum RomanNumerals {
  private static let values: [Character: Int] = ["I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000]

  /// The value of a numeral in capital letters; `nil` of anything else.
  static func value(_ text: String) -> Int? {
    var total = 0
    var last = 0
    for character in text.reversed() {
      guard let value = values[character] else { return nil }
      total += value < last ? -value : value
      last = max(last, value)
    }
    return total > 0 && written(total) == text ? total : nil
  }

  private static func written(_ value: Int) -> String {
    var (rest, text) = (value, "")
    for (sign, worth) in [
      ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10),
      ("IX", 9),
      ("V", 5), ("IV", 4), ("I", 1),
    ] {
      while rest >= worth {
        text += sign
        rest -= worth
      }
    }
    return text
  }

  private static let labels: Set<String> = [
    "chapter", "act", "scene", "part", "volume", "vol", "book", "war", "bowl", "type", "phase", "class", "box", "ward",
    "section", "article", "appendix", "figure", "table", "level", "round", "stage", "episode", "page", "p", "pp", "ch",
    "sec", "pt", "art", "title", "grade", "division", "category", "schedule", "canto", "psalm", "olympiad", "apollo",
    "rocky",
    "quarter", "group", "season", "movement", "unit", "lesson", "exhibit", "wrestlemania", "final", "fantasy", "mark",
    "tier",
    "schedule", "model", "century", "factor", "stanza", "plate", "step", "week", "corps",
  ]
  private static let rulers: Set<String> = [
    "henry", "louis", "john", "pius", "george", "elizabeth", "charles", "edward", "richard", "james", "william",
    "napoleon",
    "philip", "frederick", "francis", "leo", "paul", "benedict", "gregory", "innocent", "clement", "alexander",
    "nicholas",
    "peter", "ivan", "catherine", "mary", "robert", "david", "malcolm", "alfonso", "ferdinand", "carlos", "juan",
    "victor",
    "wilhelm", "otto", "ramses", "ramesses", "thutmose", "amenhotep", "ptolemy", "cleopatra", "darius", "xerxes",
    "artaxerxes",
    "constantine", "justinian", "theodosius", "leopold", "albert", "baudouin", "margaret", "christian", "gustav",
    "haakon",
    "olav", "harald", "canute", "sixtus", "urban", "boniface", "celestine", "julius", "adrian", "eugene", "martin",
    "stephen",
    "umberto", "emmanuel", "pedro", "manuel", "joseph", "rudolf", "maximilian", "sigismund", "selim", "mehmed", "murad",
    "suleiman", "tiberius", "isabella", "juliana", "beatrix", "harold", "kenneth", "duncan", "theodore", "marcellus",
  ]

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let token = tokens[index]
    guard token.isWord, !tokens.isGlued(index + 1) || !tokens[index + 1].isDigits,
      let value = value(token.text.uppercased())
    else {
      return nil
    }
    var before = index - 1
    if tokens[before].isSymbol(".") { before -= 1 }
    let word = tokens.word(before)
    let range = index..<(index + 1)
    if labels.contains(word), !tokens[before].isEnd, token.shape != .capital || token.text.count == 1 {
      // "Part I" may begin a clause: "In part I agree".
      if token.text == "I", tokens[before].shape == .lower { return nil }
      if token.shape == .lower, token.text.count == 1, token.text != "i" && token.text != "v" && token.text != "x" {
        return nil
      }
      if token.shape == .lower,
        ["mix", "dim", "did", "mild", "lid", "mid", "vim", "livid", "vivid", "i", "c", "d", "m", "l"].contains(
          token.text)
      {
        return nil
      }
      return ExpressionReading(NumberWords.cardinal(value), range)
    }
    guard token.shape == .upper || token.text.count == 1 && token.shape == .capital, tokens[before].isCapitalised,
      before == index - 1
    else {
      return nil
    }
    if rulers.contains(word), value < 40,
      !(token.text == "I" && tokens[index + 1].isWord && !["of", "and"].contains(tokens.word(index + 1)))
    {
      return ExpressionReading("the " + NumberWords.ordinal(value), range)
    }
    let isName = tokens[before].shape == .capital && !TextTokens.starters.contains(word) && tokens[index].gap == .space
    guard isName, token.text.count > 1, value < 100,
      !["CD", "DC", "MD", "CV", "DI", "MI", "LL", "MC", "DL", "XL", "CC"].contains(token.text)
    else { return nil }
    return ExpressionReading(NumberWords.cardinal(value), range)
  }
}
