/// Number signs: tags of words that are written together, `#1`, `C#`.
enum Hashtags {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard tokens[index].isSymbol("#") else { return nil }
    if tokens.isGlued(index), ["C", "F"].contains(tokens[index - 1].text) {
      return ExpressionReading("sharp", index..<(index + 1))
    }
    guard tokens.isGlued(index + 1) else { return ExpressionReading("pound", index..<(index + 1)) }
    if let number = tokens.number(at: index + 1), !tokens.isGlued(number.end) || !tokens[number.end].isWord {
      let words =
        number.whole.utf8.count > 4 && !number.isGrouped
        ? NumberWords.digits(number.whole)
        : number.whole.utf8.count > 2 && !number.isGrouped ? NumberWords.pairs(number.whole) : number.cardinal
      return ExpressionReading("number " + words, index..<number.end)
    }
    var end = index + 1
    var words: [String] = []
    while end == index + 1 || tokens.isGlued(end) {
      let token = tokens[end]
      if token.isDigits {
        words.append(
          token.text.utf8.count == 4 ? NumberWords.year(Int(token.text) ?? 0) : NumberWords.cardinal(digits: token.text)
        )
      } else if token.isWord {
        words += parts(token.text)
      } else if !(token.isSymbol("_") && tokens.isGlued(end + 1)) {
        break
      }
      end += 1
    }
    return words.isEmpty ? nil : ExpressionReading("hashtag " + words.joined(separator: " "), index..<end)
  }

  /// The words of one that is written in humps.
  static func parts(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let begins =
        character.isUppercase && !word.isEmpty
        && (word.last?.isLowercase == true || index + 1 < characters.count && characters[index + 1].isLowercase)
      if begins {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    if !word.isEmpty { words.append(word) }
    return words.map { word in
      word.count > 1 && word.allSatisfy(\.isUppercase)
        ? Acronyms.words(word, isShouted: false) ?? word.lowercased() : word
    }
  }
}
