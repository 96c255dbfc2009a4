extension SpokenWord {
  /// The words of a text as a plan speaks them.
  ///
  /// - Parameters:
  ///   - normalized: What is said for the text.
  ///   - phonemes: The phonemes of each of its words.
  ///   - text: The text as it was written.
  static func words(of normalized: NormalizedText, said phonemes: [[Phoneme]], in text: String) -> [SpokenWord] {
    /// The byte at which each Unicode scalar begins, and the end.
    var bytes = [0]
    for scalar in text.unicodeScalars { bytes.append(bytes[bytes.count - 1] + UTF8.width(scalar)) }
    return zip(normalized.words, phonemes).map { word, phonemes in
      let last = bytes.count - 1
      return SpokenWord(
        phonemes: phonemes.map(\.name), mayPauseBefore: word.pause > .space,
        range: bytes[min(word.source.lowerBound, last)]..<bytes[min(word.source.upperBound, last)])
    }
  }
}
