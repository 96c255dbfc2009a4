/// Words that are made of others: possessives, plurals, -ed and -ing, words put together.
struct WordForms {
  let lexicon: Lexicon

  /// The phonemes of a word in lower case.
  func phonemes(of word: String) -> [Phoneme] {
    listed(word) ?? derived(word) ?? lexicon.letterToSound?.phonemes(of: word) ?? []
  }

  private func listed(_ word: String) -> [Phoneme]? { lexicon.pronunciations(of: word).first }

  private func derived(_ word: String) -> [Phoneme]? { nil }

  /// A noun with its ending -s.
  static func withS(_ phonemes: [Phoneme]) -> [Phoneme] { phonemes }
}
