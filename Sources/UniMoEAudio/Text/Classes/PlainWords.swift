/// Words that stand for themselves.
enum PlainWords {
  /// Whether a word of one capital letter is the letter's name.
  static func isLetter(_ tokens: TextTokens, at index: Int) -> Bool {
    let token = tokens[index]
    guard token.shape == .upper || token.shape == .capital, token.text.unicodeScalars.count == 1, token.text != "I"
    else {
      return false
    }
    if token.text != "A" { return true }
    // Letters of what is spelled stand together.
    if tokens[index + 1].isWord, tokens[index + 1].text.unicodeScalars.count == 1, tokens[index + 1].shape != .lower {
      return tokens[index + 1].text != "I"
    }
    // The article begins a sentence and goes before a word.
    return !tokens[index + 1].isWord || index > 0 && tokens[index - 1].isCapitalised
  }
}
