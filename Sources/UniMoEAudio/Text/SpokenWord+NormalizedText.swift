extension SpokenWord {
  /// The words of a text as a plan speaks them, in the order of what is said for it, with the phonemes of each.
  static func words(of normalized: NormalizedText, said phonemes: [[Phoneme]]) -> [SpokenWord] {
    zip(normalized.words, phonemes).map { word, phonemes in
      SpokenWord(phonemes: phonemes.map(\.name), mayPauseBefore: word.pause > .space, range: word.bytes)
    }
  }
}
