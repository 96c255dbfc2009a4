/// Addresses of mail and of the web.
enum WebAddresses {
  private static let domains: Set<String> = [
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "ai", "app", "dev", "tv", "me", "uk",
    "us", "ca", "eu", "de",
    "fr", "ch", "nl", "se", "no", "it", "es", "au", "nz", "jp", "cn", "in", "br", "ru", "example", "test", "local",
    "xyz", "online", "site", "shop", "blog", "gg", "fm", "ly", "be", "at", "tech", "news", "museum",
  ]
  private static let saidDomains: Set<String> = [
    "com", "org", "net", "gov", "info", "biz", "mil", "example", "test", "local", "online", "site", "shop", "blog",
    "app", "dev", "tech", "news", "museum", "int",
  ]
  private static let signs = [
    ".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", ":": "colon", "~": "tilde",
    "?": "question mark", "=": "equals",
    "&": "and", "%": "percent", "#": "hash", "+": "plus", "'": "",
  ]
  private static let trailing: Set<String> = [".", ",", "!", "?", ";", ":", ")", "]", "'", "\"", ">"]

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    if tokens[index].isSymbol(".") { return ending(tokens, at: index) }
    // Most words are none: an address has one of these signs behind its first part.
    guard tokens.isGlued(index + 1),
      tokens[index + 1].isSymbol(in: [".", "@", ":", "-", "_", "+"]) || tokens[index + 1].isDigits
        || tokens[index + 1].isWord
    else { return nil }
    var end = index
    while end < tokens.count, end == index || tokens.isGlued(end), end - index < 120 {
      let token = tokens[end]
      guard token.isWord || token.isDigits || signs[token.text] != nil || trailing.contains(token.text) else { break }
      end += 1
    }
    while end > index, tokens[end - 1].isSymbol(in: trailing) { end -= 1 }
    let range = index..<end
    guard isMail(tokens, range) || isAddress(tokens, range) else { return nil }
    if end - index > 2, tokens[end - 1].isSymbol("/") { end -= 1 }
    return ExpressionReading(spell(tokens, index..<end), index..<end)
  }

  /// `.com` alone.
  private static func ending(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard !tokens.isGlued(index), tokens.isGlued(index + 1), domains.contains(tokens[index + 1].text) else {
      return nil
    }
    return ExpressionReading("dot " + domain(tokens[index + 1].text), index..<(index + 2))
  }

  private static func isMail(_ tokens: TextTokens, _ range: Range<Int>) -> Bool {
    guard let at = range.first(where: { tokens[$0].isSymbol("@") }), at > range.lowerBound,
      at + 3 < range.upperBound + 1
    else { return false }
    return ((at + 1)..<range.upperBound).contains { tokens[$0].isSymbol(".") && tokens[$0 + 1].isWord }
  }

  private static func isAddress(_ tokens: TextTokens, _ range: Range<Int>) -> Bool {
    let first = tokens.word(range.lowerBound)
    if ["http", "https", "ftp"].contains(first), tokens[range.lowerBound + 1].isSymbol(":"),
      tokens[range.lowerBound + 2].isSymbol("/")
    {
      return true
    }
    let hostEnd =
      range.first { tokens[$0].isSymbol("/") || tokens[$0].isSymbol(":") || tokens[$0].isSymbol("?") }
      ?? range.upperBound
    guard hostEnd - range.lowerBound >= 3, tokens[hostEnd - 2].isSymbol("."), tokens[hostEnd - 1].isWord,
      !tokens[range.lowerBound].isDigits || first == "www"
    else { return false }
    if (range.lowerBound..<hostEnd).contains(where: {
      !(tokens[$0].isWord || tokens[$0].isDigits || tokens[$0].isSymbol(in: [".", "-", "_"]))
    }) {
      return false
    }
    if first == "www" { return true }
    let last = tokens[hostEnd - 1]
    guard domains.contains(last.lower), last.shape != .capital else { return false }
    // "end.In" is no address, nor is "i.e" or "a.m".
    if ["in", "it", "me", "no", "us", "at", "be", "is"].contains(last.lower) {
      return hostEnd < range.upperBound || hostEnd - range.lowerBound > 3
    }
    return tokens[range.lowerBound].text.count > 1 || last.lower.count > 2
  }

  private static func domain(_ text: String) -> String {
    saidDomains.contains(text.lowercased()) ? text.lowercased() : Acronyms.letters(text)
  }

  private static func spell(_ tokens: TextTokens, _ range: Range<Int>) -> String {
    let hostEnd =
      range.dropFirst().first { tokens[$0].isSymbol("/") && !tokens[$0 - 1].isSymbol(in: ["/", ":"]) }
      ?? range.upperBound
    return range.map { index in
      let token = tokens[index]
      if token.isDigits {
        if token.text.utf8.count == 4, let year = Int(token.text), (1900...2099).contains(year) {
          return NumberWords.year(year)
        }
        return token.text.utf8.count <= 4 ? NumberWords.pairs(token.text) : NumberWords.digits(token.text)
      }
      if let sign = signs[token.text] { return sign }
      if ["www", "http", "https", "ftp"].contains(token.lower) { return Acronyms.letters(token.text) }
      if index < hostEnd, index > range.lowerBound, tokens[index - 1].isSymbol("."), domains.contains(token.lower),
        index + 1 >= hostEnd || tokens[index + 1].isSymbol(".")
      {
        return domain(token.text)
      }
      if token.text.count == 1
        || ["api", "pdf", "html", "php", "tv", "faq", "jpg", "xml", "css", "png"].contains(token.lower)
      {
        return Acronyms.letters(token.text)
      }
      return token.lower
    }.joined(separator: " ")
  }
}
