/// How words sound: the user's own words first, then the lexicon's, then what rules make of them, then letter to sound.
///
/// Thread: any.
public struct Pronouncer: Sendable {
  private let lexicon: Lexicon
  private let own: UserWords

  /// A pronouncer of a lexicon's words and of the user's own.
  public init(lexicon: Lexicon, own: UserWords = UserWords()) {
    self.lexicon = lexicon
    self.own = own
  }

  /// The phonemes of each word of a text. No word is without phonemes unless it has no letter that English knows.
  public func phonemes(of text: NormalizedText) -> [[Phoneme]] {
    var known: [String: [Phoneme]] = [:]
    return phonemes(of: text, known: &known)
  }

  /// The same, with what is known of words whose neighbours do not matter.
  func phonemes(of text: NormalizedText, known: inout [String: [Phoneme]]) -> [[Phoneme]] {
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
    let phonemes = WordForms(lexicon: lexicon).phonemes(of: word.spoken)
    known[word.spoken] = phonemes
    return phonemes
  }
}
