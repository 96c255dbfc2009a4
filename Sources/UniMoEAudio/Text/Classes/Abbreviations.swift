/// Words that are written short: titles, streets, `e.g.`, `approx.`, `w/`.
enum Abbreviations {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isWord else { return nil }
    return withSlash(tokens, at: index) ?? dotted(tokens, at: index) ?? numero(tokens, at: index)
      ?? saintOrStreet(tokens, at: index) ?? doctorOrDrive(tokens, at: index) ?? direction(tokens, at: index)
      ?? beforeNumber(tokens, at: index) ?? twofold(tokens, at: index) ?? plain(tokens, at: index)
  }

  private static func reading(_ words: String, _ tokens: TextTokens, _ range: Range<Int>) -> ExpressionReading {
    ExpressionReading(words, range, endsSentence: tokens.endsSentence(before: range.upperBound))
  }

  // MARK: Letters with marks

  private static func withSlash(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens.isGlued("/", at: index + 1) else { return nil }
    let next = tokens.isGlued(index + 2) ? tokens.word(index + 2) : ""
    switch (tokens.word(index), next) {
    case ("w", "o"): return ExpressionReading("without", index..<(index + 3))
    case ("w", "i"): return ExpressionReading("within", index..<(index + 3))
    case ("w", "e"): return nil
    case ("w", _): return ExpressionReading("with", index..<(index + 2))
    case ("b", "c"): return ExpressionReading("because", index..<(index + 3))
    case ("c", "o"): return ExpressionReading("care of", index..<(index + 3))
    case ("n", "a"): return ExpressionReading("not applicable", index..<(index + 3))
    case ("a", "c"): return ExpressionReading("A C", index..<(index + 3))
    case ("and", "or"): return ExpressionReading("and or", index..<(index + 3))
    case (_, "person"), (_, "day"), (_, "week"), (_, "month"), (_, "year"), (_, "hour"), (_, "hr"), (_, "yr"),
      (_, "night"):
      guard tokens[index].shape == .lower else { return nil }
      let unit = ["hr": "hour", "yr": "year"][next] ?? next
      return ExpressionReading(tokens[index].text + " per " + unit, index..<(index + 3))
    default: return nil
    }
  }

  private static let latin = [
    "e.g": "for example", "i.e": "that is", "a.k.a": "also known as", "p.s": "P S", "n.b": "N B", "q.v": "which see",
  ]

  /// `e.g.`, `U.S.`, `Ph.D.`: letters with full stops between them.
  private static func dotted(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var letters = [tokens[index].text]
    var end = index + 1
    while tokens.isGlued(".", at: end), tokens.isGlued(end + 1), tokens[end + 1].isWord, tokens[end + 1].text.count <= 2
    {
      letters.append(tokens[end + 1].text)
      end += 2
    }
    guard letters.count > 1, letters.allSatisfy({ $0.count <= 2 }) else { return nil }
    if letters.allSatisfy({ $0.count == 2 }) { return nil }
    if tokens.isGlued(".", at: end) { end += 1 }
    if let words = latin[letters.joined(separator: ".").lowercased()] {
      // A comma behind it is none that is said.
      return ExpressionReading(words + ",", index..<end)
    }
    let isShort = letters.contains { $0.first?.isUppercase == true } || letters.joined().count == 2
    guard isShort else { return nil }
    let words = letters.joined().uppercased().map(String.init).joined(separator: " ")
    if tokens.isGlued("'", at: end) { return nil }
    return reading(words, tokens, index..<end)
  }

  // MARK: Numbers

  private static let verbs: Set<String> = [
    "is", "was", "has", "will", "scored", "won", "lost", "had", "can", "and", "leads", "does", "ran", "made", "takes",
    "goes",
    "in", "on", "at", "seed", "hit", "song", "single", "team", "draft", "pick",
  ]

  /// `No. 5`, `no. is`, `Nos. 3 and 7`; "No. Five people" where a sentence says no.
  private static func numero(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let word = tokens.word(index)
    guard word == "no" || word == "nos", tokens[index].shape != .upper, tokens.isGlued(".", at: index + 1) else {
      return nil
    }
    let next = index + 2
    let words = word == "no" ? "number" : "numbers"
    if word == "no", tokens[index].shape == .lower, ["is", "was", "are"].contains(tokens.word(next)), index > 0 {
      return ExpressionReading(words, index..<next)
    }
    guard tokens[next].isDigits || tokens[next].isSymbol("#") || tokens[next].isWord && tokens[next].text.count == 1,
      tokens[next].gap <= .line
    else { return nil }
    if word == "no", tokens[index].shape == .capital, tokens.beginsSentence(index) {
      let behind = tokens.number(at: next)?.end ?? next + 1
      let follows = tokens.word(behind)
      let isAnswer =
        tokens[index - 1].isSymbol("?") && !verbs.contains(follows) || follows == "of"
        || tokens.isPlural(behind) || ["hour", "minute", "percent", "day"].contains(follows)
      if isAnswer { return nil }
    }
    return ExpressionReading(words, index..<next)
  }

  private static let numbered = [
    "fig": "figure", "figs": "figures", "vol": "volume", "vols": "volumes", "ch": "chapter", "sec": "section",
    "art": "article",
    "p": "page", "pp": "pages", "pg": "page", "pt": "part", "eq": "equation", "ext": "extension", "rm": "Room",
    "rms": "Rooms",
    "apt": "Apartment", "ste": "Suite", "bldg": "Building", "rte": "Route", "hwy": "Highway", "dist": "District",
    "op": "opus",
    "v": "version", "ver": "version", "ed": "edition", "ref": "reference", "fy": "fiscal year", "ca": "circa",
    "c": "circa", "fl": "floor",
    "approx": "approximately", "sect": "section", "ep": "episode", "lvl": "level", "unit": "unit", "wt": "weight",
    "pop": "population",
    "temp": "temperature", "tel": "telephone", "ph": "phone", "q": "Q", "co": "County",
  ]

  /// What is short for one thing before a number or a numeral.
  private static func beforeNumber(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let word = tokens.word(index)
    guard let words = numbered[word] else { return nil }
    let end = tokens.behindDot(index)
    let isDotted = end == index + 2
    let next = tokens[end]
    let isNumber = next.isDigits || next.isSymbol("#")
    let isNumeral =
      next.isWord && (RomanNumerals.value(next.text.uppercased()) != nil && next.text.count > 0)
      && ["p", "pp", "ch", "vol", "pt", "sec", "fig", "art"].contains(word)
    switch word {
    case "v": guard isNumber, tokens.isGlued(end) else { return nil }
    case "fy": guard isNumber, tokens[index].shape == .upper else { return nil }
    case "c", "ca":
      guard isDotted, isNumber, tokens[end].text.utf8.count == 4, tokens[index].shape == .lower else { return nil }
    case "rm", "rms", "apt", "ste", "bldg":
      guard isDotted || isNumber else { return nil }
      return reading(words, tokens, index..<end)
    case "fl", "unit", "q", "ph", "pop", "wt", "temp", "co": guard isDotted, isNumber, word != "co" else { return nil }
    case "p", "pp", "pg", "pt", "sec", "art", "ed", "ch", "op", "fig", "figs":
      guard isDotted, isNumber || isNumeral else { return nil }
      // A unit behind a number is none.
      if ["pt", "sec"].contains(word), tokens[index - 1].isDigits { return nil }
    default:
      guard isDotted ? isNumber || isNumeral || word.count > 3 : isNumber && word != "ver" || word == "ver" && isNumber
      else { return nil }
    }
    if tokens[index].shape == .capital, words.first?.isLowercase == true, tokens.beginsSentence(index) {
      return reading(words.prefix(1).uppercased() + words.dropFirst(), tokens, index..<end)
    }
    return reading(words, tokens, index..<end)
  }

  // MARK: Names and places

  private static func isAfterName(_ tokens: TextTokens, _ index: Int) -> Bool {
    let before = tokens[index - 1]
    if tokens[index].gap >= .line { return false }
    if ["st", "nd", "rd", "th"].contains(before.lower), tokens[index - 2].isDigits { return true }
    guard before.isCapitalised else { return false }
    return !TextTokens.starters.contains(before.lower) || !tokens.beginsSentence(index - 1) && before.shape == .upper
  }

  private static func saintOrStreet(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens.word(index) == "st", tokens[index].shape == .capital else { return nil }
    let end = tokens.behindDot(index)
    let isSaint = tokens[end].isCapitalised && tokens[end].gap <= .line && !tokens.endsSentence(before: end)
    // "Oak St. Paul" is a street's end, "Church of St. Paul" is not.
    if isSaint, !isAfterName(tokens, index) || end == index + 1 || !TextTokens.starters.contains(tokens.word(end)) {
      if ["Ave", "Street", "Road", "NW", "NE", "SW", "SE"].contains(tokens[end].text) {
        return reading("Street", tokens, index..<end)
      }
      return ExpressionReading("Saint", index..<end)
    }
    guard end == index + 2 || isAfterName(tokens, index) else { return nil }
    return reading("Street", tokens, index..<end)
  }

  private static func doctorOrDrive(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens.word(index) == "dr" else { return nil }
    let end = tokens.behindDot(index)
    guard end == index + 2 || tokens[end].isCapitalised else { return nil }
    if tokens[index].shape == .lower { return reading("doctor", tokens, index..<end) }
    let isTitle = tokens[end].isCapitalised && tokens[end].gap <= .line && !tokens.endsSentence(before: end)
    if isTitle, !(isAfterName(tokens, index) && TextTokens.starters.contains(tokens.word(end))) {
      return ExpressionReading("Doctor", index..<end)
    }
    return reading(isAfterName(tokens, index) ? "Drive" : "Doctor", tokens, index..<end)
  }

  private static let directions = [
    "NW": "northwest", "NE": "northeast", "SW": "southwest", "SE": "southeast", "NNW": "north northwest",
    "NNE": "north northeast",
    "SSW": "south southwest", "SSE": "south southeast", "WNW": "west northwest", "ENE": "east northeast",
  ]
  private static let letters = ["N": "North", "S": "South", "E": "East", "W": "West"]

  private static func direction(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    if let words = directions[text] { return ExpressionReading(words, index..<(index + 1)) }
    guard let words = letters[text] else { return nil }
    let end = tokens.behindDot(index)
    let isStreet =
      tokens[index - 1].isDigits && (tokens[end].isCapitalised && tokens[end].text.count > 1 || tokens[end].isDigits)
      && tokens[index].gap == .space
    // I-405 S
    let isRoad = tokens[index - 1].isDigits && tokens[index - 2].isSymbol("-") && tokens[index].gap == .space
    return isStreet || isRoad ? ExpressionReading(words, index..<end) : nil
  }

  // MARK: One word for two

  /// Short for one word or the other, as what follows has it.
  private static func twofold(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let word = tokens.word(index)
    let end = tokens.behindDot(index)
    let isDotted = end == index + 2
    let isBeforeName = tokens[end].isCapitalised && tokens[end].gap <= .line
    let isCapital = tokens[index].shape == .capital
    switch word {
    case "est" where isDotted && tokens[index].shape != .upper:
      return ExpressionReading(
        tokens.word(end) == "in" || tokens[end].isDigits ? "established" : "estimated", index..<end)
    case "co" where isDotted:
      if ["rd", "road", "hwy", "rte"].contains(tokens.word(end)) { return ExpressionReading("County", index..<end) }
      let isCounty =
        isCapital && isAfterName(tokens, index) && ["in", "of", "from", "near"].contains(tokens.word(index - 2))
      return reading(isCounty ? "County" : isCapital ? "Company" : "company", tokens, index..<end)
    case "ft"
    where isDotted && isCapital && isBeforeName && !tokens[index - 1].isDigits
      || isCapital && isDotted && tokens[index - 1].isDigits && isBeforeName:
      return ExpressionReading("Fort", index..<end)
    case "mt" where isCapital && (isDotted || isBeforeName): return reading("Mount", tokens, index..<end)
    case "pt" where isDotted && isCapital: return reading(isBeforeName ? "Point" : "Point", tokens, index..<end)
    case "sq" where isDotted && isCapital: return reading("Square", tokens, index..<end)
    case "pl" where isDotted && isCapital: return reading("Place", tokens, index..<end)
    case "sec" where isDotted && isCapital && isBeforeName: return ExpressionReading("Secretary", index..<end)
    case "gen" where isDotted && isCapital && isBeforeName: return ExpressionReading("General", index..<end)
    case "col" where isDotted && isCapital && isBeforeName: return ExpressionReading("Colonel", index..<end)
    case "min" where isDotted && !tokens[index - 1].isDigits: return ExpressionReading("minimum", index..<end)
    case "max" where isDotted && !isBeforeName: return reading("maximum", tokens, index..<end)
    case "hr" where isDotted && !tokens[index - 1].isDigits && tokens[index].shape == .lower:
      return reading("hour", tokens, index..<end)
    case "hrs" where !tokens[index - 1].isDigits && tokens[index].shape == .lower:
      return reading("hours", tokens, index..<end)
    case "mo" where isDotted && ["each", "a", "per", "every", "this", "last", "next"].contains(tokens.word(index - 1)):
      return reading("month", tokens, index..<end)
    case "yr" where isDotted: return reading("year", tokens, index..<end)
    case "yrs" where isDotted: return reading("years", tokens, index..<end)
    case "wk" where isDotted: return reading("week", tokens, index..<end)
    case "oz" where !tokens[index - 1].isDigits: return reading("ounces", tokens, index..<end)
    case "lb" where !tokens[index - 1].isDigits && isDotted: return reading("pound", tokens, index..<end)
    case "lbs" where !tokens[index - 1].isDigits: return reading("pounds", tokens, index..<end)
    case "fl" where isDotted && ["st", "nd", "rd", "th"].contains(tokens.word(index - 1)):
      return reading("floor", tokens, index..<end)
    case "rep" where isDotted && isCapital && isBeforeName: return ExpressionReading("Representative", index..<end)
    case "d" where tokens[index].text == "D" && tokens[index - 1].isSymbol("(") && tokens[index + 1].isSymbol(")"):
      return ExpressionReading("Democrat", index..<end)
    case "r" where tokens[index].text == "R" && tokens[index - 1].isSymbol("(") && tokens[index + 1].isSymbol(")"):
      return ExpressionReading("Republican", index..<end)
    default: return nil
    }
  }

  // MARK: The rest

  /// Titles: a name follows.
  private static let titles = [
    "mr": "Mister", "mrs": "Missus", "ms": "Miz", "mx": "Mix", "prof": "Professor", "sen": "Senator", "gov": "Governor",
    "lt": "Lieutenant",
    "capt": "Captain", "cpt": "Captain", "sgt": "Sergeant", "rev": "Reverend", "hon": "Honorable", "pres": "President",
    "maj": "Major",
    "cmdr": "Commander", "adm": "Admiral", "cpl": "Corporal", "pvt": "Private", "fr": "Father", "sr": "Sister",
    "messrs": "Messieurs",
    "mme": "Madame", "supt": "Superintendent", "insp": "Inspector", "det": "Detective", "amb": "Ambassador",
    "atty": "Attorney",
    "coun": "Councilor", "dep": "Deputy", "sra": "Senora", "vp": "V P",
  ]
  /// Written with a full stop; those that are no words of their own without one, too.
  private static let dottedWords = [
    "jr": "Junior", "sr": "Senior", "inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "bros": "Brothers",
    "esq": "Esquire",
    "ave": "Avenue", "rd": "Road", "blvd": "Boulevard", "ln": "Lane", "ct": "Court", "pkwy": "Parkway",
    "ter": "Terrace",
    "hwy": "Highway", "cir": "Circle", "rte": "Route", "jct": "Junction", "expy": "Expressway", "fwy": "Freeway",
    "tpke": "Turnpike",
    "etc": "et cetera", "vs": "versus", "al": "al", "approx": "approximately", "incl": "including", "excl": "excluding",
    "dept": "department", "depts": "departments", "appt": "appointment", "appts": "appointments", "asst": "assistant",
    "assoc": "associate",
    "mgr": "manager", "acct": "account", "accts": "accounts", "attn": "attention", "tel": "Telephone",
    "temp": "temperature",
    "temps": "Temperatures", "avg": "average", "amt": "amount", "amts": "amounts", "msg": "message", "msgs": "messages",
    "hosp": "Hospital",
    "stn": "Station", "pct": "percentage", "no": "no", "govt": "government", "gov't": "government",
    "mfg": "manufacturing", "misc": "miscellaneous",
    "qty": "quantity", "pkg": "package", "intl": "international", "natl": "national", "univ": "University",
    "dist": "district",
    "intro": "introduction", "em": "Emerita", "ext": "extension", "bldg": "building", "apt": "apartment", "rm": "Room",
    "max": "maximum", "assn": "association",
    "orig": "original", "prev": "previous", "ref": "reference", "est": "estimated", "div": "division", "ed": "editor",
    "eds": "editors",
    "cont": "continued", "vol": "volume", "yd": "yard", "doz": "dozen", "hdqrs": "headquarters", "hq": "headquarters",
    "secy": "secretary",
    "treas": "treasurer", "ret": "retired", "viz": "namely", "cf": "compare", "ibid": "ibid", "supp": "supplement",
    "tech": "tech",
  ]
  /// Written without a full stop too.
  private static let always: Set<String> = [
    "jr", "ltd", "etc", "vs", "dept", "depts", "appt", "appts", "asst", "mgr", "acct", "accts", "attn", "avg", "amt",
    "amts", "blvd", "pkwy",
    "hwy", "bldg", "msg", "msgs", "approx", "temps", "intl", "qty", "govt", "gov't", "hosp", "stn", "bros",
  ]
  private static let words = [
    "re": "regarding", "OT": "overtime", "HRs": "home runs", "OK": "okay", "Ok": "Okay", "ok": "okay",
    "JPEG": "jay-peg",
    "JPEGs": "jay-pegs", "README": "read-me", "PIN": "pin", "SIM": "sim", "UTC": "U T C", "PhD": "P H D",
    "PhDs": "P H D's", "vs": "versus",
    "w": "W", "Wi": "Wi", "SQL": "S Q L", "IDs": "I D's", "pls": "please", "thx": "thanks", "btw": "by the way",
    "BTW": "by the way", "FYI": "F Y I", "aka": "also known as", "AKA": "also known as", "ie": "that is",
    "eg": "for example",
  ]

  private static func plain(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let token = tokens[index]
    let word = token.lower
    let end = tokens.behindDot(index)
    let isDotted = end == index + 2
    if word == "re" {
      // "re: lunch"
      return tokens.isGlued(":", at: index + 1) && token.shape != .upper
        ? ExpressionReading("regarding", index..<(index + 2)) : nil
    }
    if let words = words[token.text], token.text != "vs", !(token.text == "ie" || token.text == "eg") || isDotted {
      return ExpressionReading(words, index..<(index + 1))
    }
    let isAfterName = index > 0 && (tokens[index - 1].isCapitalised || tokens[index - 1].isSymbol(","))
    if let title = titles[word], token.shape != .upper || word == "mr", !(word == "sr" && isAfterName) {
      if ["mr", "mrs", "ms"].contains(word) && token.shape != .lower
        || isDotted && token.shape == .capital && tokens[end].isCapitalised && tokens[end].gap <= .line
      {
        return ExpressionReading(title, index..<end)
      }
    }
    guard let words = dottedWords[word], word != "no", isDotted || always.contains(word),
      token.shape != .upper || token.text.count > 3
    else { return nil }
    if ["al", "em", "ed", "tech", "sr", "ter", "cir", "ct", "inc", "ret", "est", "temp", "cont", "div", "max", "ref"]
      .contains(word), !isDotted
    {
      return nil
    }
    if ["em", "ct", "ter", "cir"].contains(word), token.shape != .capital { return nil }
    if ["al", "tech", "ed", "temp", "ret", "intro", "em"].contains(word), tokens.endsSentence(before: end), word != "al"
    {
      return nil
    }
    return reading(words, tokens, index..<end)
  }
}
