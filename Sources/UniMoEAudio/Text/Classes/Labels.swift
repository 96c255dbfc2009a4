/// Numbers that are names: of flights, rooms, houses, orders and versions.
enum Labels {
  /// Things of which the number is said in pairs.
  private static let paired: Set<String> = [
    "flight", "flights", "room", "rooms", "rm", "rms", "suite", "ste", "train", "trains", "bus", "route", "rte",
    "highway",
    "hwy", "interstate", "box", "build", "marker", "unit", "apt", "apartment", "studio", "hall", "building", "bldg",
    "track",
    "platform", "gate", "gates", "bay", "aisle", "seat", "terminal", "car", "coach", "locker", "window", "physics",
    "math",
    "english", "biology", "chemistry", "history", "psych", "psychology", "spanish", "french", "road", "rd", "exit",
    "local",
    "number", "no", "in", "guest", "rooms", "model", "area", "channel", "engine", "squad", "ward", "cabin", "lab",
    "district",
    "lot", "tail", "check", "desk", "court", "economics", "astronomy", "calculus", "writing", "patient",
  ]
  /// Things of which the digits are said one by one.
  private static let spelled: Set<String> = [
    "order", "file", "account", "acct", "code", "codes", "pin", "zip", "extension", "ext", "passcode", "password",
    "serial",
    "digits", "confirmation", "tracking", "invoice", "id", "license", "isbn", "text", "reference", "ref", "ticket",
    "ssn",
    "postal", "claim", "booking", "policy", "lock", "combination", "badge", "member", "membership", "card", "postcode",
  ]
  private static let versions: Set<String> = [
    "version", "versions", "ver", "v", "release", "web", "os", "ios", "android", "python", "java", "swift", "firmware",
    "app",
    "beta", "update", "to", "from", "or", "kernel", "ubuntu", "windows", "driver", "build", "than",
  ]

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    version(tokens, at: index) ?? name(tokens, at: index)
  }

  // MARK: Versions

  /// `2.0`, `3.1.4`, and `5.10` and `5.9` where one of them is said to be older or newer.
  private static func version(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var parts = [tokens[index].text]
    var end = index + 1
    while tokens.isGlued(".", at: end), tokens.isGlued(end + 1), tokens[end + 1].isDigits {
      parts.append(tokens[end + 1].text)
      end += 2
    }
    guard tokens[index].isDigits, parts.count > 1, !tokens.isGlued("%", at: end) else { return nil }
    if parts.count == 2 {
      let isNamed = tokens.hasWord(of: ["version", "web", "release", "v", "ver"], before: index, within: 3)
      let isCompared = tokens.hasWord(
        of: ["newer", "older", "rolled", "upgrade", "upgraded", "downgrade", "downgraded", "updated"], before: index,
        within: 8)
      guard isNamed || isCompared, Measures.unit(tokens, at: end) == nil else { return nil }
      let tail =
        parts[1] == "0" ? "oh" : isCompared ? NumberWords.cardinal(digits: parts[1]) : NumberWords.digits(parts[1])
      return ExpressionReading(NumberWords.cardinal(digits: parts[0]) + " point " + tail, index..<end)
    }
    let words = parts.enumerated().map { place, part in
      part == "0" && place > 0 ? "oh" : NumberWords.cardinal(digits: part)
    }
    return ExpressionReading(
      (words[0] == "zero" ? "zero" : words[0]) + " point " + words.dropFirst().joined(separator: " point "), index..<end
    )
  }

  // MARK: Names

  private static func name(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isDigits, let number = tokens.number(at: index), number.isInteger, !number.isGrouped else {
      return nil
    }
    let text = number.whole
    let count = text.utf8.count
    let range = index..<number.end
    if tokens.isGlued(number.end),
      tokens[number.end].isSymbol(in: ["%", "\u{B0}", ":", "/"]) || tokens[number.end].isWord
    {
      return nil
    }
    if Measures.unit(tokens, at: number.end) != nil, tokens.word(number.end) != "in" { return nil }
    let label = label(tokens, before: index)
    if ["extension", "ext"].contains(label) { return ExpressionReading(NumberWords.digits(text), range) }
    if count >= 3, isSpelled(tokens, label, before: index) {
      return ExpressionReading(NumberWords.digits(text), range)
    }
    if count >= 2, text.utf8.first == 48 {
      return ExpressionReading(NumberWords.digits(text), range)
    }
    if count >= 5, label == "digits" || states(tokens, before: index) {
      return ExpressionReading(NumberWords.digits(text), range)
    }
    guard count == 3 || count == 4, paired.contains(label) else { return nil }
    if label == "in" || label == "guest" {
      return ["guest", "patient", "tenant", "guests"].contains(tokens.word(index - 2))
        ? ExpressionReading(NumberWords.pairs(text), range) : nil
    }
    if count == 4, text.hasSuffix("00") == false, Int(text) ?? 0 >= 2000, Int(text) ?? 0 < 2010 {
      return ExpressionReading(NumberWords.cardinal(digits: text), range)
    }
    return ExpressionReading(NumberWords.pairs(text), range)
  }

  /// The word that a number is the name of something by: the one before it, but for "no." and "number is".
  private static func label(_ tokens: TextTokens, before index: Int) -> String {
    var place = index - 1
    if tokens[place].isSymbol("#") { place -= 1 }
    // The code after a flight or a line: Flight BQ 1181.
    if tokens[place].shape == .upper, tokens[place].text.count == 2, tokens[place].isWord,
      paired.contains(tokens.word(place - 1))
    {
      return tokens.word(place - 1)
    }
    if tokens[place].isSymbol(".") { place -= 1 }
    if tokens.word(place) == "is" || tokens.word(place) == "was" || tokens.word(place) == "are" { place -= 1 }
    if tokens[place].isSymbol(".") { place -= 1 }
    if tokens[place].isSymbol(":") { place -= 1 }
    if ["no", "number", "nos", "numbers"].contains(tokens.word(place)) {
      let before = tokens[place - 1].isSymbol(".") ? place - 2 : place - 1
      let word = tokens.word(before)
      if paired.contains(word) && word != "in" || spelled.contains(word) { return word }
      return tokens[before].isSymbol(",") && tokens.hasWord(of: ["flight", "train", "room"], before: before, within: 5)
        ? "flight" : tokens.word(place)
    }
    return tokens.word(place)
  }

  private static func isSpelled(_ tokens: TextTokens, _ label: String, before index: Int) -> Bool {
    if spelled.contains(label) { return true }
    return tokens.hasWord(of: ["zip", "code", "password", "passcode"], before: index, within: 6) || label == "digits"
      || tokens.word(index - 1) == "to" && tokens.hasWord(of: ["text"], before: index, within: 3)
  }

  // MARK: Places

  /// `DE 19901`: a state and its ZIP code.
  private static func states(_ tokens: TextTokens, before index: Int) -> Bool {
    tokens[index].text.utf8.count == 5
      && (States.names[tokens[index - 1].text] != nil || States.isName(tokens.word(index - 1)))
      && tokens[index - 2].isSymbol(",")
  }

  private static let streets: Set<String> = [
    "st", "street", "ave", "avenue", "rd", "road", "blvd", "boulevard", "dr", "drive", "ln", "lane", "ct", "court",
    "pl",
    "place", "sq", "square", "pkwy", "parkway", "ter", "terrace", "way", "hwy", "highway", "cir", "circle", "row",
  ]

  /// The number of a house in a street.
  static func readHouses(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let text = tokens[index].text
    guard tokens[index].isDigits, text.utf8.count <= 4, text.utf8.first != 48, tokens[index + 1].gap == .space else {
      return nil
    }
    for place in (index + 1)...(index + 6) {
      let token = tokens[place]
      if streets.contains(token.lower), token.isCapitalised, place > index + 1 {
        return ExpressionReading(NumberWords.pairs(text), index..<(index + 1))
      }
      let isName =
        token.isCapitalised || token.isSymbol(".")
        || token.isDigits && tokens[place + 1].isWord && tokens.isGlued(place + 1)
        || ["st", "nd", "rd", "th"].contains(token.lower)
      if !isName { return nil }
    }
    return nil
  }
}

/// The states of the United States by their codes.
enum States {
  static let names: [String: String] = [
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming",
  ]

  static func isName(_ word: String) -> Bool { names.values.contains { $0.lowercased() == word } }

  /// A state's code behind a town, before a ZIP code or a comma.
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let name = names[tokens[index].text], tokens[index - 1].isSymbol(","), tokens[index - 2].isCapitalised,
      tokens[index + 1].isDigits && tokens[index + 1].text.utf8.count == 5
        || !["IN", "OR", "ME", "HI", "OK", "OH", "LA", "PA", "MA"].contains(tokens[index].text)
    else { return nil }
    return ExpressionReading(name, index..<(index + 1))
  }
}
