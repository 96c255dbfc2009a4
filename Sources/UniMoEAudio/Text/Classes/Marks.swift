/// Punctuation, and signs that are said wherever they stand.
enum Marks {
  private static let spoken = [
    "&": "and", "@": "at", "%": "percent", "+": "plus", "=": "equals", "\u{B0}": "degrees", "\u{A7}": "section",
    "\u{B6}": "paragraph", "\u{2030}": "per mille", "\u{D7}": "times", "\u{F7}": "divided by",
    "\u{B1}": "plus or minus",
    "\u{221E}": "infinity", "\u{2260}": "is not equal to", "\u{2264}": "is at most", "\u{2265}": "is at least",
    "\u{2248}": "is about", "\u{221A}": "the square root of", "\u{2212}": "minus",
  ]

  static func write(_ tokens: TextTokens, at index: Int, to writer: inout SpokenWriter) {
    let token = tokens[index]
    switch token.text {
    case ",", ";", "?", "!": writer.add(mark: token.text)
    case ":": writer.add(mark: ":")
    case "\u{2013}", "\u{2014}": writer.add(mark: ",")
    case "(", "[", "{", ")", "]", "}", "\u{2022}": writer.add(mark: ",")
    case "-":
      if isHyphen(tokens, at: index) { writer.addHyphen() } else { writer.add(mark: ",") }
    case ".":
      if isEllipsis(tokens, at: index) {
        writer.add(mark: tokens[index + 1].isSymbol(".") ? "" : ellipsis(tokens, behind: index))
      } else {
        writer.add(mark: ".")
      }
    default:
      if let words = spoken[token.text] { writer.add(phrase: words, source: token.source) }
    }
  }

  private static func isHyphen(_ tokens: TextTokens, at index: Int) -> Bool {
    tokens.isGlued(index) && tokens.isGlued(index + 1) && (tokens[index - 1].isWord || tokens[index - 1].isDigits)
      && (tokens[index + 1].isWord || tokens[index + 1].isDigits)
  }

  private static func isEllipsis(_ tokens: TextTokens, at index: Int) -> Bool {
    tokens[index - 1].isSymbol(".") && tokens.isGlued(index)
      || tokens[index + 1].isSymbol(".") && tokens.isGlued(index + 1)
  }

  /// Dots within a sentence are a rest, not an end.
  private static func ellipsis(_ tokens: TextTokens, behind index: Int) -> String {
    tokens[index + 1].isWord && tokens[index + 1].shape == .lower ? "," : "..."
  }
}
