extension FuzzTarget {
  /// A lexicon: whatever opens can be asked for every word.
  static let lexicon = FuzzTarget(name: "lexicon") { bytes throws(UniMoEError) in
    let lexicon = try Lexicon(SharedBytes(copying: bytes), path: "lexicon.bin")
    for word in ["a", "ab", "hello", "zzz", "reading", "a.", "it's"] {
      _ = lexicon.pronunciations(of: word)
      _ = WordForms(lexicon: lexicon).phonemes(of: word)
    }
  }
}
