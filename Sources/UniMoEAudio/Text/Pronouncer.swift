/// How words sound: the user's own words first, then the lexicon's, then what rules make of them, then letter to sound.
///
/// Thread: any.
public struct Pronouncer: Sendable {
  private let lexicon: Lexicon
  private let own: UserWords
  private let isByLetters: Bool

  /// A pronouncer of a lexicon's words and of the user's own.
  ///
  /// - Parameter isByLetters: Whether words sound as their letters alone say, whatever is listed: what a lexicon is made
  ///   and judged with.
  public init(lexicon: Lexicon, own: UserWords = UserWords(), isByLetters: Bool = false) {
    self.lexicon = lexicon
    self.own = own
    self.isByLetters = isByLetters
  }

  /// The phonemes of each word of a text. No word is without phonemes unless it has no letter that English knows.
  public func phonemes(of text: NormalizedText) -> [[Phoneme]] {
    var known: [String: [Phoneme]] = [:]
    return phonemes(of: text, known: &known)
  }

  /// The same, with what is known of words whose neighbours do not matter.
  func phonemes(of text: NormalizedText, known: inout [String: [Phoneme]]) -> [[Phoneme]] {
    if isByLetters { return text.words.map { lexicon.letterToSound.phonemes(of: $0.spoken) } }
    var result: [[Phoneme]] = []
    result.reserveCapacity(text.words.count)
    for (index, word) in text.words.enumerated() {
      let isOwn = word.phonemes != nil || word.isLetter || own.phonemes(of: word.spoken) != nil
      result.append(
        (isOwn ? nil : Heteronyms.phonemes(text.words, at: index)) ?? alone(word, known: &known))
    }
    for (index, word) in text.words.enumerated() where word.phonemes == nil && !word.isLetter {
      let next = index + 1
      let isLast = next == text.words.count || text.words[next].pause > .space
      if let weak = WeakForms.phonemes(of: word.spoken, before: isLast ? nil : result[next]),
        own.phonemes(of: word.spoken) == nil
      {
        result[index] = weak
      }
    }
    return result
  }

  /// The phonemes of a word whatever its neighbours are.
  private func alone(_ word: NormalizedText.Word, known: inout [String: [Phoneme]]) -> [Phoneme] {
    if let phonemes = word.phonemes ?? own.phonemes(of: word.spoken) { return phonemes }
    if word.isLetter { return lexicon.pronunciations(of: word.spoken + ".").first ?? [] }
    if let phonemes = known[word.spoken] { return phonemes }
    if word.spoken.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return digits(word.spoken) }
    let phonemes = WordForms(lexicon: lexicon).phonemes(of: word.spoken)
    known[word.spoken] = phonemes
    return phonemes
  }

  /// A figure that stays as it is written is read digit by digit.
  private func digits(_ figure: String) -> [Phoneme] {
    NumberWords.digits(figure).split(separator: " ").flatMap { WordForms(lexicon: lexicon).phonemes(of: String($0)) }
  }
}
