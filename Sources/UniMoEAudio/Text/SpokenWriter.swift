/// Puts words and marks together to a normalised text.
struct SpokenWriter {
  private(set) var result = NormalizedText()
  private var length = 0
  private var mark = ""
  private var gap = TextToken.Gap.none
  private var isHyphenated = false

  /// White space of the original before what comes next.
  mutating func add(gap: TextToken.Gap) { self.gap = max(self.gap, gap) }

  /// A mark behind the last word; the stronger one of several stays.
  mutating func add(mark new: String) {
    isHyphenated = false
    if result.words.isEmpty || Self.strength(new) <= Self.strength(mark) { return }
    mark = new
  }

  /// The next word belongs to the last one by a hyphen.
  mutating func addHyphen() { isHyphenated = !result.words.isEmpty && mark.isEmpty }

  /// A phrase for a part of the original: words, with commas between them where the voice rests. Single capital letters
  /// are letters' names.
  mutating func add(phrase: String, source: Range<Int>) {
    for word in phrase.split(separator: " ") {
      let marks = word.reversed().prefix { $0 == "," || $0 == "." || $0 == "?" || $0 == "!" }
      let bare = word.dropLast(marks.count)
      if !bare.isEmpty { add(word: String(bare), isLetter: bare.count == 1 && bare.first?.isUppercase == true, source) }
      if let last = marks.last { add(mark: String(last)) }
      gap = max(gap, .space)
    }
  }

  /// A word that is spelled in phonemes.
  mutating func add(phonemes: [Phoneme], _ source: Range<Int>) {
    add(word: "{ph " + phonemes.map(\.name).joined(separator: " ") + "}", phonemes: phonemes, source)
  }

  /// A word as it is to be written, of which the hyphens are no part of what is said.
  mutating func add(word: String, isLetter: Bool = false, phonemes: [Phoneme]? = nil, _ source: Range<Int>) {
    let rest = beginWord()
    var position = length
    var isFirst = true
    for part in word.split(separator: "-", omittingEmptySubsequences: false) {
      let count = part.unicodeScalars.count
      if count > 0 {
        result.words.append(
          .init(
            spoken: phonemes == nil ? part.lowercased() : String(part), isLetter: isLetter, phonemes: phonemes,
            source: source,
            place: position..<(position + count), pause: isFirst ? rest.pause : .space, mark: isFirst ? rest.mark : ""))
        isFirst = false
      }
      position += count + 1
    }
    result.text += word
    length = position - 1
    (mark, gap, isHyphenated) = ("", .none, false)
  }

  /// Writes the mark and the space before a word.
  private mutating func beginWord() -> (pause: Pause, mark: String) {
    if result.words.isEmpty { return (.start, "") }
    if isHyphenated {
      write("-")
      return (.space, "")
    }
    var pause = Self.pause(of: mark)
    if gap == .paragraph { pause = .paragraph }
    if gap == .line, !Self.runsOn(mark) { pause = max(pause, .sentence) }
    write(mark + (pause == .paragraph ? "\n\n" : gap == .line && pause == .sentence ? "\n" : " "))
    return (pause, mark)
  }

  private mutating func write(_ text: String) {
    result.text += text
    length += text.unicodeScalars.count
  }

  /// The text with the mark at its end.
  mutating func finish() -> NormalizedText {
    result.closingMark = mark
    write(mark)
    mark = ""
    return result
  }

  private static let order = [",", ";", ":", "...", ".", "?", "!"]
  private static func strength(_ mark: String) -> Int { (order.firstIndex(of: mark) ?? -1) + 1 }
  private static func runsOn(_ mark: String) -> Bool { mark == "," || mark == ";" }
  private static func pause(of mark: String) -> Pause {
    switch mark {
    case "": .space
    case ",", ";", ":": .comma
    default: .sentence
    }
  }
}
