extension FuzzTarget {
  /// A text of any bytes: every word of what is said knows its place.
  static let text = FuzzTarget(name: "text") { bytes throws(UniMoEError) in
    let text = String(decoding: bytes, as: UTF8.self)
    let count = text.unicodeScalars.count
    for isVerbatim in [false, true] {
      let result = try Normalizer(isVerbatim: isVerbatim).normalize(text)
      let length = result.text.unicodeScalars.count
      for word in result.words {
        precondition(!word.spoken.isEmpty && word.source.upperBound <= count && word.place.upperBound <= length)
        precondition(word.bytes.upperBound <= text.utf8.count)
      }
      _ = SentenceSplitter().pieces(of: result.text)
    }
    _ = try? UserWords(text: text, path: "words.txt")
  }
}
