/// How a word sounds that no lexicon lists.
struct LetterToSound: Sendable {
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {}
  func phonemes(of word: String) -> [Phoneme] { [] }
}
