/// What readers ask about the tokens around an expression.
extension TextTokens {
  /// A word in lower case; empty where the token is none.
  func word(_ index: Int) -> String { self[index].isWord ? self[index].lower : "" }

  /// Whether a token is this character and follows the one before it without a gap.
  func isGlued(_ symbol: String, at index: Int) -> Bool { isGlued(index) && self[index].isSymbol(symbol) }

  /// The token behind a full stop that belongs to the word at `index`; `index + 1` without one.
  func behindDot(_ index: Int) -> Int { isGlued(".", at: index + 1) ? index + 2 : index + 1 }

  /// Whether a sentence begins at a token.
  func beginsSentence(_ index: Int) -> Bool {
    var before = index - 1
    while self[before].isSymbol(in: Self.quotes) { before -= 1 }
    return index == 0 || before < 0 || self[before].isSymbol(in: [".", "!", "?"]) || self[index].gap >= .paragraph
  }

  /// Whether the full stop of an abbreviation that ends before `next` ends the sentence, too.
  func endsSentence(before next: Int) -> Bool {
    guard self[next - 1].isSymbol(".") else { return false }
    var next = next
    while self[next].isSymbol(in: Self.closers), isGlued(next) { next += 1 }
    let token = self[next]
    if token.isEnd || token.gap == .paragraph { return true }
    if token.isSymbol(in: Self.quotes) { return !self[next + 1].isEnd && self[next + 1].isCapitalised }
    return token.gap != .none && token.isCapitalised && Self.starters.contains(token.lower)
  }

  /// Whether a capitalised word that is not likely to begin a sentence stands at a token: a name.
  func isName(_ index: Int) -> Bool {
    self[index].isCapitalised && !Self.starters.contains(self[index].lower) && self[index].gap <= .line
  }

  /// Whether one of the words stands among the `count` tokens before a token, in the same sentence.
  func hasWord(of words: Set<String>, before index: Int, within count: Int) -> Bool {
    var place = index - 1
    while place >= max(0, index - count) {
      if words.contains(self[place].lower) { return true }
      if self[place].isSymbol(in: ["!", "?"]) { return false }
      if self[place].isSymbol("."), !isGlued(place + 1), self[place + 1].isCapitalised, self[place - 1].text.count > 4 {
        return false
      }
      place -= 1
    }
    return false
  }

  /// The same among the tokens behind it.
  func hasWord(of words: Set<String>, from index: Int, within count: Int) -> Bool {
    (index..<(index + count)).contains { words.contains(self[$0].lower) }
  }

  /// Whether a lower-case word that can be what an amount is of stands at a token.
  func isNoun(_ index: Int) -> Bool {
    self[index].isWord && self[index].shape == .lower && !Self.functionWords.contains(self[index].lower)
  }

  /// Whether a noun in the plural stands at a token.
  func isPlural(_ index: Int) -> Bool {
    guard isNoun(index) else { return false }
    let word = self[index].lower
    if Self.plurals.contains(word) { return true }
    return word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") && !word.hasSuffix("us")
      && !word.hasSuffix("'s")
  }

  private static let quotes: Set<String> = ["\"", "'", "(", "["]
  private static let closers: Set<String> = ["\"", "'", ")", "]"]
  private static let plurals: Set<String> = [
    "people", "men", "women", "children", "feet", "others", "cars", "mice", "geese", "sheep", "fish", "police", "more",
    "kids", "fans", "mi", "lbs",
  ]
  /// Words that begin sentences more often than names.
  static let starters: Set<String> = [
    "a", "after", "all", "an", "and", "are", "as", "at", "be", "because", "before", "both", "but", "by", "call", "can",
    "come", "could", "did", "do", "does", "don't", "each", "every", "everyone", "for", "from", "get", "go", "had",
    "has",
    "have", "he", "he's", "her", "here", "his", "how", "i", "i'm", "i'll", "i've", "if", "in", "is", "it", "it's",
    "its",
    "just", "last", "let", "let's", "many", "maybe", "more", "most", "my", "never", "next", "no", "not", "now", "of",
    "oh", "on", "once", "one", "only", "or", "our", "please", "she", "she's", "should", "since", "so", "some", "still",
    "such", "take", "than", "thank", "thanks", "that", "that's", "the", "their", "then", "there", "there's", "these",
    "they", "they're", "this", "those", "to", "today", "tomorrow", "tonight", "under", "until", "was", "we", "we'll",
    "we're", "we've", "were", "what", "what's", "when", "where", "which", "while", "who", "who's", "why", "will",
    "with",
    "would", "yes", "yesterday", "you", "you'll", "you're", "your", "bring", "meet", "arrive", "doors", "tickets",
  ]
  /// Words that no amount is of.
  static let functionWords: Set<String> = [
    "a", "about", "above", "after", "ago", "all", "alone", "already", "also", "am", "an", "and", "any", "are", "as",
    "at",
    "away", "back", "be", "because", "been", "before", "below", "between", "both", "but", "by", "came", "can", "could",
    "did", "do", "does", "down", "during", "each", "else", "for", "from", "had", "has", "have", "he", "her", "here",
    "him",
    "his", "how", "i", "if", "in", "into", "is", "isn't", "it", "its", "just", "later", "left", "less", "may", "me",
    "might", "more", "must", "my", "near", "no", "nor", "not", "now", "of", "off", "on", "only", "or", "our", "out",
    "over",
    "per", "plus", "right", "she", "should", "since", "so", "still", "than", "that", "the", "their", "them", "then",
    "there", "they", "this", "through", "till", "to", "today", "together", "tonight", "too", "total", "under", "until",
    "up", "us", "was", "wasn't", "we", "went", "were", "when", "where", "which", "while", "who", "why", "will", "with",
    "within", "without", "won't", "would", "you", "your", "today", "tomorrow", "yesterday", "old", "long", "wide",
    "tall",
    "high", "full", "empty", "deep", "thick", "early", "late", "apart", "every", "sharp", "twice", "once", "straight",
    "behind",
  ]
}
