/// Words in capital letters: spelled, said as a word, or a word said loudly; and letters with digits.
enum Acronyms {
  /// Said as a word though they do not look like one, or look like a spelled one.
  private static let said: Set<String> = [
    "NASA", "NATO", "FEMA", "OPEC", "RAM", "ROM", "OSHA", "NAFTA", "AIDS", "PETA", "UNICEF", "UNESCO", "GIF", "SWAT",
    "NASDAQ",
    "LASER", "RADAR", "SONAR", "SCUBA", "COVID", "NOAA", "HIPAA", "ZIP", "CAPTCHA", "WASP", "JSTOR", "SARS", "MERS",
    "EBITDA", "ERISA",
    "BIOS", "LAN", "WAN", "MIDI", "ACID", "CRUD", "NERF", "POTUS", "SCOTUS", "FLOTUS", "YOLO", "FOMO", "LOL", "SAT",
    "ASCII", "FIFA", "UEFA", "LEGO", "IKEA", "CAD", "CAM", "MOMA", "SIDS", "MIRV", "NIMBY", "TED", "SOHO",
  ]
  /// Spelled though they look like a word.
  private static let spelled: Set<String> = [
    "ASAP", "FAQ", "VIP", "EPA", "USA", "UAE", "AOL", "IOU", "IRA", "IRS", "AWOL", "IT", "US", "WHO", "UN", "EU", "UK",
    "AI", "IQ", "ID",
    "IP", "IV", "OR", "AM", "PM", "AC", "DC", "TV", "PC", "PR", "HR", "ER", "OS", "UV", "UI", "EI", "IPO", "CEO", "CIO",
    "COO", "CFO",
    "AP", "API", "APA", "AAA", "ABA", "ATM", "ETA", "EDT", "EST", "PST", "GDP", "GPA", "LED", "MBA", "NBA", "NFL",
    "USB", "URL", "SOS", "DIY", "EKG", "ECG",
    "MC", "DJ", "GPS", "SUV", "ISO", "IMO", "ADHD", "AARP", "NAACP", "ASPCA", "USDA", "NCAA", "YMCA", "BYOB", "MIT",
    "UCLA", "IBM", "AAU", "MIA", "ETC", "EMT", "IDE", "OED", "AIM", "ICU", "AED", "ICE", "GIS", "VAT", "PEI", "DOE",
    "DOA", "DOB", "DUI", "DMV", "TBA", "POW", "ALS", "AAP",
  ]
  /// Words of everyday language that are written in capitals to be said loudly.
  private static let loud: Set<String> = [
    "YES", "NO", "NOT", "ALL", "STOP", "GO", "NOW", "NEVER", "ALWAYS", "EVER", "VERY", "REALLY", "SO", "ME", "MY",
    "YOU", "HE", "SHE",
    "WE", "THEY", "THE", "AND", "BUT", "FOR", "TO", "OF", "IN", "ON", "IS", "ARE", "WAS", "DO", "DID", "DONT", "CAN",
    "WILL", "MUST",
    "BIG", "NEW", "OLD", "BEST", "FREE", "SALE", "OPEN", "CLOSED", "DANGER", "WARNING", "HELP", "PLEASE", "THANK",
    "LOVE", "HATE", "WOW", "OH",
    "HEY", "HI", "BYE", "WHAT", "WHY", "HOW", "WHEN", "WHERE", "THIS", "THAT", "EXIT", "ENTER", "PUSH", "PULL", "HOT",
    "COLD", "TOO", "OUT",
    "UP", "DOWN", "OFF", "ONLY", "MORE", "LESS", "WIN", "WON", "LOST", "RUN", "KEEP", "QUIET", "OVER", "AGAIN", "JUST",
    "EVERY", "ANY", "SAVE", "TODAY", "ONE",
    "TWO", "END", "DAY", "NIGHT", "HERE", "THERE", "MUCH", "WAY", "GREAT", "GOOD", "BAD", "RIGHT", "WRONG", "LEFT",
    "AT", "BE", "BY", "IF", "AN", "A", "I", "HAVE", "HAS", "HAD", "AS", "DEAD", "MAN", "MEN", "BOY", "GIRL", "OUR",
    "YOUR", "HIS", "HER", "THEIR", "FROM", "WITH", "DOG", "CAT", "CAR", "TEN", "SIX", "OWN", "SEE", "LET", "GET", "GOT",
    "TRY", "ASK", "SAY", "EAT", "BUY", "PAY", "USE",
  ]

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    let token = tokens[index]
    guard token.isWord, token.text.unicodeScalars.count > 1, token.text.utf8.allSatisfy({ $0 < 0x80 }) else {
      return nil
    }
    var stem = token.text
    var ending = ""
    if stem.hasSuffix("'s") || stem.hasSuffix("'S") {
      stem = String(stem.dropLast(2))
      ending = "'s"
    } else if stem.hasSuffix("s"), stem.count > 2, isUpper(stem.dropLast()), stem.count <= 6 {
      stem = String(stem.dropLast())
      ending = "'s"
    } else if token.shape != .upper {
      return nil
    }
    guard isUpper(stem), !stem.contains("'") else { return nil }
    guard let words = words(stem, isShouted: isShouted(tokens, index)) else {
      return ending.isEmpty || token.text.contains("'") ? nil : ExpressionReading(stem + "s", index..<(index + 1))
    }
    return ExpressionReading(words + ending, index..<(index + 1))
  }

  private static func isUpper(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (0x41...0x5A).contains($0) }
  }

  /// The letters of what is spelled; `nil` of what is said as a word.
  static func words(_ text: String, isShouted: Bool) -> String? {
    if said.contains(text) || loud.contains(text) && !spelled.contains(text) { return nil }
    if spelled.contains(text) {
      return isShouted && ["IT", "US", "WHO", "OR", "AM"].contains(text) ? nil : letters(text)
    }
    if isShouted { return hasVowel(text) && text.utf8.count > 2 ? nil : letters(text) }
    return text.utf8.count > 3 && (isPronounceable(text) || text.utf8.count > 6 && hasVowel(text)) ? nil : letters(text)
  }

  static func letters(_ text: some StringProtocol) -> String {
    text.uppercased().map(String.init).joined(separator: " ")
  }

  private static func hasVowel(_ text: some StringProtocol) -> Bool { text.contains { "AEIOUY".contains($0) } }

  /// Whether the letters could be a word's: no more than two consonants in a row, vowels among them.
  private static func isPronounceable(_ text: String) -> Bool {
    var (consonants, vowels, most, mostVowels) = (0, 0, 0, 0)
    var first = 0
    for character in text {
      if "AEIOUY".contains(character) {
        if vowels == 0, consonants > 0, mostVowels == 0 { first = consonants }
        vowels += 1
        consonants = 0
      } else {
        consonants += 1
        vowels = 0
      }
      most = max(most, consonants)
      mostVowels = max(mostVowels, vowels)
    }
    return mostVowels > 0 && most <= 2 && mostVowels <= 2 && (first < 2 || clusters.contains(String(text.prefix(2))))
  }

  private static let clusters: Set<String> = [
    "BL", "BR", "CH", "CL", "CR", "DR", "FL", "FR", "GL", "GR", "PH", "PL", "PR", "SC", "SH", "SK", "SL", "SM", "SN",
    "SP", "ST", "SW", "TH",
    "TR", "TW", "WH", "WR", "KN", "QU",
  ]

  /// Whether the words around are in capitals, too: three of four of a sentence.
  private static func isShouted(_ tokens: TextTokens, _ index: Int) -> Bool {
    var (upper, all) = (0, 0)
    for place in max(0, index - 6)...(index + 6) where place != index {
      let token = tokens[place]
      guard token.isWord, token.text.count > 1 else { continue }
      all += 1
      if token.shape == .upper { upper += 1 }
    }
    return all >= 2 && upper * 4 >= all * 3
  }

  // MARK: Letters with digits

  /// `B14`, `H2O`, `MP3`, `SAVE10`, `I-405`, `2B`, `5K`.
  static func readMixed(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    var end = index
    var words: [String] = []
    var (hasLetters, hasDigits) = (false, false)
    while end == index || tokens.isGlued(end) {
      let token = tokens[end]
      if token.isDigits {
        hasDigits = true
        words.append(digits(token.text))
      } else if token.isWord, token.text.utf8.count <= 12, !token.text.contains("'") || end > index {
        hasLetters = true
        words.append(spoken(token, tokens, end, isFirst: end == index))
      } else if end > index, token.isSymbol("-"), tokens.isGlued(end + 1), tokens[end - 1].shape == .upper,
        tokens[end - 1].text.utf8.count <= 2,
        tokens[end + 1].isDigits, hasLetters, !hasDigits
      {
        end += 1
        continue
      } else if end > index, token.isSymbol("/"), tokens.isGlued(end + 1), tokens[end - 1].shape == .upper,
        tokens[end + 1].isDigits, !hasDigits
      {
        end += 1
        continue
      } else {
        break
      }
      end += 1
    }
    guard hasLetters, hasDigits else { return nil }
    return ExpressionReading(words.joined(separator: " "), index..<end)
  }

  private static func digits(_ text: String) -> String {
    text.utf8.first == 48
      ? NumberWords.digits(text) : text.utf8.count >= 3 ? NumberWords.pairs(text) : NumberWords.cardinal(digits: text)
  }

  private static func spoken(_ token: TextToken, _ tokens: TextTokens, _ index: Int, isFirst: Bool) -> String {
    if token.shape == .upper || token.text.count == 1 {
      return token.text.count == 1 ? token.text.uppercased() : (words(token.text, isShouted: false) ?? token.lower)
    }
    if token.lower == "ish" { return token.lower }
    return token.text
  }
}
