/// The words of a caption, and which of them were understood.
struct CaptionWords {
  /// A word, a number or a sign.
  struct Word: Equatable, Sendable {
    /// In small letters, without accents of typography: "♭" is "b" where it follows a letter.
    let text: String
    /// As it was written.
    let original: String
    /// Whether a comma, full stop or the like comes before it.
    let startsPhrase: Bool
    /// Whether a hyphen or nothing stands between it and the word before.
    let isJoined: Bool
  }

  let words: [Word]
  /// Whether each word was understood.
  var isUsed: [Bool]

  init(_ caption: String) {
    var words: [Word] = []
    var current = ""
    var (starts, joined, wasJoined) = (true, false, false)
    func flush() {
      guard !current.isEmpty else { return }
      words.append(
        Word(text: Self.plain(current), original: current, startsPhrase: starts, isJoined: wasJoined && !starts))
      (current, starts, wasJoined) = ("", false, false)
    }
    for character in caption {
      let isDigit = character.isASCII && character.isNumber
      let wasDigit = current.first.map { $0.isASCII && $0.isNumber } ?? false
      if character.isLetter || isDigit || (character == "'" || character == "’") && !current.isEmpty {
        // "90bpm" is two words, "c#m" and "f#" are one.
        if !current.isEmpty, isDigit != wasDigit {
          flush()
          wasJoined = true
        } else if current.isEmpty {
          wasJoined = joined
        }
        current.append(character)
      } else if "#♯♭".contains(character), current.count == 1, current.first?.isLetter ?? false {
        current.append(character)
      } else if (character == "." || character == ":" || character == ","), wasDigit {
        // Decimals and minutes; a mark at the end of a number is taken off again.
        current.append(character)
      } else {
        flush()
        joined = "-–‑—/&+".contains(character)
        if "/&=+".contains(character) {
          words.append(Word(text: String(character), original: String(character), startsPhrase: starts, isJoined: true))
          starts = false
        } else if ",.;!?()\n".contains(character) {
          starts = true
        } else if character == "♩" {
          words.append(Word(text: "bpm", original: "♩", startsPhrase: starts, isJoined: false))
          starts = false
        }
        continue
      }
      joined = false
    }
    flush()
    self.words = Self.trimmed(words)
    isUsed = Array(repeating: false, count: self.words.count)
  }

  private init(words: [Word]) {
    self.words = words
    isUsed = Array(repeating: false, count: words.count)
  }

  private static func plain(_ word: String) -> String {
    var result = word.lowercased().replacing("’", with: "'").replacing("♯", with: "#").replacing("♭", with: "b")
    if result.hasSuffix("'") { result.removeLast() }
    return result
  }

  /// Takes marks off the ends of numbers; what follows them begins a phrase.
  private static func trimmed(_ words: [Word]) -> [Word] {
    var result: [Word] = []
    var starts = false
    for word in words {
      let text = String(word.text.reversed().drop { ".:,".contains($0) }.reversed())
      result.append(
        Word(
          text: text, original: word.original, startsPhrase: word.startsPhrase || starts,
          isJoined: word.isJoined && !starts))
      starts = text.count < word.text.count && !word.text.hasSuffix(":")
    }
    return result
  }

  /// The text of a word, or nothing beyond the ends.
  subscript(_ index: Int) -> String { words.indices.contains(index) ? words[index].text : "" }

  mutating func replace(_ words: [Word]) { self = CaptionWords(words: words) }

  func isJoined(_ index: Int) -> Bool { words.indices.contains(index) && words[index].isJoined }

  /// Whether a comma or the like comes before a word; so does the end.
  func startsPhrase(_ index: Int) -> Bool { !words.indices.contains(index) || words[index].startsPhrase }

  /// Whether words from an index on are these, none of them used yet.
  func matches(_ phrase: [String], at index: Int) -> Bool {
    guard index + phrase.count <= words.count else { return false }
    for (offset, word) in phrase.enumerated() {
      let place = index + offset
      if words[place].text != word || isUsed[place] || offset > 0 && words[place].startsPhrase { return false }
    }
    return true
  }

  mutating func use(_ range: Range<Int>) { for index in range { isUsed[index] = true } }

  /// A whole or decimal number, in figures or in words, at an index, and how many words it takes.
  func number(at index: Int) -> (value: Double, count: Int)? {
    if let value = Double(self[index].replacing(",", with: ".")), value.isFinite, self[index].first?.isNumber ?? false {
      return (value, 1)
    }
    var (sum, count) = (0, 0)
    while true {
      let word = self[index + count]
      if let small = Self.small[word] {
        sum += small
      } else if word == "hundred" {
        sum = max(1, sum) * 100
      } else if word == "and", count > 0, sum >= 100, Self.small[self[index + count + 1]] != nil {
        sum += 0
      } else {
        break
      }
      count += 1
    }
    return count == 0 ? nil : (Double(sum), count)
  }

  private static let small = Dictionary(
    uniqueKeysWithValues: [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
      "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ].enumerated().map { ($1, $0) }
      + ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"].enumerated().map {
        ($1, 20 + 10 * $0)
      })
}
