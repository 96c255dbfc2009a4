/// Numbers with units: `22 lbs.`, `3.2"`, `-5°C`, `15-min.`, `2 TB`, `40%`.
enum Measures {
  struct Unit {
    var one: String
    var many: String
  }

  /// A unit of its singular; the plural where it is not formed with -s.
  private static func unit(_ one: String, _ many: String? = nil) -> Unit { Unit(one: one, many: many ?? one + "s") }

  /// Units that are written in either case, most with a full stop.
  private static let words: [String: Unit] = {
    var units: [String: Unit] = [:]
    func add(_ names: String, _ unit: Unit) { for name in names.split(separator: " ") { units[String(name)] = unit } }
    add("in", unit("inch", "inches"))
    add("ft", unit("foot", "feet"))
    add("yd yds", unit("yard"))
    add("mi", unit("mile"))
    add("oz", unit("ounce"))
    add("lb lbs", unit("pound"))
    add("gal gals", unit("gallon"))
    add("qt qts", unit("quart"))
    add("pt", unit("pint"))
    add("pts", unit("point"))
    add("tsp", unit("teaspoon"))
    add("tbsp tbs", unit("tablespoon"))
    add("doz", Unit(one: "dozen", many: "dozen"))
    add("sec secs", unit("second"))
    add("min mins", unit("minute"))
    add("hr hrs", unit("hour"))
    add("wk wks", unit("week"))
    add("mo mos", unit("month"))
    add("yr yrs", unit("year"))
    add("mph", Unit(one: "mile per hour", many: "miles per hour"))
    add("mpg", Unit(one: "mile per gallon", many: "miles per gallon"))
    add("kph kmh", Unit(one: "kilometer per hour", many: "kilometers per hour"))
    add("rpm", Unit(one: "R P M", many: "R P M"))
    add("bpm", Unit(one: "B P M", many: "B P M"))
    add("psi", Unit(one: "P S I", many: "P S I"))
    add("fps", Unit(one: "frame per second", many: "frames per second"))
    add("kcal", unit("kilocalorie"))
    add("cal", unit("calorie"))
    add("km", unit("kilometer"))
    add("cm", unit("centimeter"))
    add("mm", unit("millimeter"))
    add("nm", unit("nanometer"))
    add("kg kgs", unit("kilogram"))
    add("mg", unit("milligram"))
    add("ml", unit("milliliter"))
    add("cl", unit("centiliter"))
    add("ms", unit("millisecond"))
    add("kn kt kts", unit("knot"))
    add("ac", unit("acre"))
    add("pct", Unit(one: "percent", many: "percent"))
    add("px", unit("pixel"))
    add("db", unit("decibel"))
    return units
  }()

  /// Units of which the case matters.
  private static let exact: [String: Unit] = {
    var units: [String: Unit] = [:]
    func add(_ names: String, _ unit: Unit) { for name in names.split(separator: " ") { units[String(name)] = unit } }
    add("m", unit("meter"))
    add("g", unit("gram"))
    add("l L", unit("liter"))
    add("t", unit("ton"))
    add("s", unit("second"))
    add("h", unit("hour"))
    add("W", unit("watt"))
    add("V", unit("volt"))
    add("A", unit("ampere"))
    add("J", unit("joule"))
    add("N", unit("newton"))
    add("kW", unit("kilowatt"))
    add("MW", unit("megawatt"))
    add("GW", unit("gigawatt"))
    add("kWh", unit("kilowatt-hour"))
    add("mAh", unit("milliamp-hour"))
    add("Hz", Unit(one: "hertz", many: "hertz"))
    add("kHz", Unit(one: "kilohertz", many: "kilohertz"))
    add("MHz", Unit(one: "megahertz", many: "megahertz"))
    add("GHz", Unit(one: "gigahertz", many: "gigahertz"))
    add("dB", unit("decibel"))
    add("hPa", unit("hectopascal"))
    add("kPa", unit("kilopascal"))
    add("Pa", unit("pascal"))
    add("B", unit("byte"))
    add("KB kB", unit("kilobyte"))
    add("MB", unit("megabyte"))
    add("GB", unit("gigabyte"))
    add("TB", unit("terabyte"))
    add("PB", unit("petabyte"))
    add("Kbps kbps", Unit(one: "kilobit per second", many: "kilobits per second"))
    add("Mbps", Unit(one: "megabit per second", many: "megabits per second"))
    add("Gbps", Unit(one: "gigabit per second", many: "gigabits per second"))
    add("K", unit("kelvin"))
    add("C", Unit(one: "degree Celsius", many: "degrees Celsius"))
    add("F", Unit(one: "degree Fahrenheit", many: "degrees Fahrenheit"))
    add("c", unit("cup"))
    add("HRs", unit("home run"))
    add("HR", unit("home run"))
    return units
  }()
  private static let foods: Set<String> = [
    "sugar", "flour", "milk", "water", "broth", "butter", "oil", "rice", "cream", "oats", "cheese", "stock", "honey",
    "of",
  ]
  /// Letters that are units only where nothing else fits.
  private static let uncertain: Set<String> = ["C", "F", "K", "A", "B", "N", "J", "V", "W", "HR", "c", "in"]

  /// The unit at a token and the token behind it and its full stop.
  static func unit(_ tokens: TextTokens, at index: Int) -> (unit: Unit, end: Int)? {
    let token = tokens[index]
    guard token.isWord, token.gap <= .space else { return nil }
    if ["sq", "cu", "fl"].contains(token.lower), let next = unit(tokens, at: tokens.behindDot(index)) {
      let kind = token.lower == "sq" ? "square " : token.lower == "cu" ? "cubic " : "fluid "
      return (Unit(one: kind + next.unit.one, many: kind + next.unit.many), next.end)
    }
    guard var found = exact[token.text] ?? words[token.lower] else { return nil }
    if token.text == "m",
      ["h", "hr", "hrs"].contains(tokens.word(index - 2)) || ["h", "hr", "hrs"].contains(tokens.word(index - 3))
    {
      found = Unit(one: "minute", many: "minutes")
    }
    if token.text == "C", foods.contains(tokens.word(index + 1)) { found = Unit(one: "cup", many: "cups") }
    var end = tokens.behindDot(index)
    // Its full stop ends the sentence where it is written without one elsewhere.
    if token.lower == "in", end == index + 1, tokens.word(index + 1).isEmpty == false, !tokens.isGlued(index) {
      return nil
    }
    if tokens.isGlued("/", at: end), tokens.isGlued(end + 1), let per = unit(tokens, at: end + 1) {
      found = Unit(one: found.one + " per " + per.unit.one, many: found.many + " per " + per.unit.one)
      end = per.end
    } else if tokens.isGlued(end), tokens[end].isSymbol(in: ["\u{B2}", "\u{B3}"]) {
      let kind = tokens[end].text == "\u{B2}" ? "square " : "cubic "
      found = Unit(one: kind + found.one, many: kind + found.many)
      end += 1
    }
    return (found, end)
  }

  static func readSigns(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let isQuantity =
      tokens[index].isSymbol(in: ["-", "\u{2212}", "\u{2013}", "."]) || Fractions.signs[tokens[index].text] != nil
    return isQuantity ? read(tokens, at: index) : nil
  }

  /// A number with a unit, a sign of percent or of degrees.
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var start = index
    var sign = ""
    if tokens[index].isSymbol(in: ["-", "\u{2212}", "\u{2013}"]), !tokens.isGlued(index), tokens.isGlued(index + 1) {
      sign = "minus "
      start = index + 1
    }
    guard let number = Quantity(tokens, at: start) else { return nil }
    return read(tokens, from: index, sign + number.words, number)
  }

  /// What was read of a number, with the unit behind it; used for ranges too.
  static func read(
    _ tokens: TextTokens, from start: Int, _ words: String, _ number: Quantity
  ) -> ExpressionReading? {
    let end = number.end
    if tokens[end].isSymbol("\u{B0}"), ["and", "to", "or"].contains(tokens.word(end + 1)),
      let other = tokens.number(at: end + 2),
      tokens[other.end].isSymbol("\u{B0}"), tokens[other.end + 1].isWord, tokens[other.end + 1].gap <= .none
    {
      return ExpressionReading(words, start..<(end + 1))
    }
    if let sign = sign(tokens, at: end, number) {
      return ExpressionReading(words + " " + sign.words, start..<sign.end, endsSentence: false)
    }
    if let attribute = attribute(tokens, from: start, words, number) { return attribute }
    guard let unit = unit(tokens, at: end), isCertain(tokens, at: end, number) else { return nil }
    let name = number.isOne ? unit.unit.one : unit.unit.many
    let link = number.needsOf ? " of a " : " "
    return ExpressionReading(
      words + link + (number.needsOf ? unit.unit.one : name), start..<unit.end,
      endsSentence: tokens.endsSentence(before: unit.end))
  }

  private static func isCertain(_ tokens: TextTokens, at index: Int, _ number: Quantity) -> Bool {
    let token = tokens[index]
    if token.text == "m", tokens.isGlued(index), number.isInteger { return true }
    if token.text == "s", tokens.isGlued(index) { return !Years.isDecade(tokens, at: index - 1) }
    if token.text == "h" || token.text == "s" || token.text == "t" || token.text == "l" { return true }
    if token.text == "K", tokens.isGlued(index) { return false }
    if token.text == "C", foods.contains(tokens.word(index + 1)) { return true }
    if token.text == "c" { return tokens.isGlued(".", at: index + 1) && tokens.word(index + 2) == "of" }
    if token.lower == "in" {
      return tokens.isGlued(".", at: index + 1) || !tokens[index + 1].isWord && !tokens[index + 1].isDigits
    }
    if uncertain.contains(token.text) {
      return ["V", "W"].contains(token.text)
        || !tokens.isGlued(index) && (!tokens[index + 1].isWord || token.text == "K")
    }
    return true
  }

  private static let directions = ["N": "north", "S": "south", "E": "east", "W": "west"]

  private static func sign(_ tokens: TextTokens, at index: Int, _ number: Quantity) -> (words: String, end: Int)? {
    let token = tokens[index]
    if token.isSymbol("%"), token.gap <= .space { return ("percent", index + 1) }
    if token.isSymbol("\u{B0}"), token.gap <= .space {
      let degrees = number.isOne ? "degree" : "degrees"
      let next = tokens[index + 1]
      if next.gap <= .space, next.text == "C" || next.text == "F", !tokens.isGlued("'", at: index + 2) {
        return (degrees + (next.text == "C" ? " Celsius" : " Fahrenheit"), index + 2)
      }
      if let direction = directions[next.text], next.gap <= .space { return (degrees + " " + direction, index + 2) }
      return (degrees, index + 1)
    }
    guard tokens.isGlued(index) else { return nil }
    if token.isSymbol("\""), !isQuotation(tokens, at: index) {
      let isNoun = tokens.isNoun(index + 1) && number.isAttribute(tokens, index + 1)
      if isNoun { return nil }
      return (number.isOne ? "inch" : "inches", index + 1)
    }
    if token.isSymbol("'"), tokens.isGlued(index + 1), let inches = tokens.number(at: index + 1) {
      let end = tokens.isGlued("\"", at: inches.end) ? inches.end + 1 : inches.end
      return ("foot " + inches.cardinal, end)
    }
    if token.isSymbol("'"), !tokens.isGlued(index + 1), !isApostrophe(tokens, at: index) {
      return (number.isOne ? "foot" : "feet", index + 1)
    }
    return nil
  }

  /// Whether a quotation that began before ends at a token.
  private static func isQuotation(_ tokens: TextTokens, at index: Int) -> Bool {
    var count = 0
    var place = index - 1
    while place >= 0, index - place < 60, tokens[place].gap < .paragraph {
      if tokens[place].isSymbol("\""), !(tokens[place - 1].isDigits && tokens.isGlued(place)) { count += 1 }
      place -= 1
    }
    return count % 2 == 1
  }

  private static func isApostrophe(_ tokens: TextTokens, at index: Int) -> Bool {
    var place = index - 1
    while place >= 0, index - place < 30 {
      if tokens[place].isSymbol("'"), !tokens.isGlued(place) || place == 0 { return true }
      place -= 1
    }
    return false
  }

  /// Number and unit before what they are the size of: `15-min.`, `a 2 TB drive`, `a 3/8" wrench`, `5-yr.-old`.
  private static func attribute(
    _ tokens: TextTokens, from start: Int, _ words: String, _ number: Quantity
  ) -> ExpressionReading? {
    let head = words.split(separator: " ").joined(separator: "-")
    if tokens.isGlued("\"", at: number.end), !isQuotation(tokens, at: number.end), tokens.isNoun(number.end + 1) {
      return ExpressionReading(number.asAttribute(head) + "-inch", start..<(number.end + 1))
    }
    if tokens.isGlued("-", at: number.end), tokens.isGlued(number.end + 1), let unit = unit(tokens, at: number.end + 1)
    {
      var text = number.asAttribute(head) + "-" + unit.unit.one
      var end = unit.end
      if tokens.isGlued("-", at: end), tokens.word(end + 1) == "old" {
        text += "-old"
        end += 2
      }
      return ExpressionReading(text, start..<end)
    }
    guard number.isInteger || number.decimals != nil, let unit = unit(tokens, at: number.end), tokens.isNoun(unit.end),
      tokens[unit.end].gap == .space, ["a", "an", "this", "that", "each"].contains(tokens.word(start - 1)),
      unit.end - number.end == 1,
      !tokens.isPlural(unit.end), isCertain(tokens, at: number.end, number)
    else { return nil }
    return ExpressionReading(head + "-" + unit.unit.one, start..<unit.end)
  }
}
