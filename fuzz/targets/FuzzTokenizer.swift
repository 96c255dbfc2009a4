extension FuzzTarget {
  /// A tokenizer and a text: `vocab.json`, `merges.txt`, `added_tokens.json`, `tokenizer_config.json` and the text with
  /// a zero byte between them. Sound files stand in for empty ones.
  static let tokenizer = FuzzTarget(name: "tokenizer") { bytes throws(UniMoEError) in
    let parts = bytes.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
    var files = soundFiles
    for (index, part) in parts.prefix(4).enumerated() where !part.isEmpty { files[index] = SharedBytes(copying: part) }
    let tokenizer = try Tokenizer(
      vocabulary: files[0], merges: files[1], addedTokens: files[2], configuration: files[3], directory: "tokenizer")
    let text = String(decoding: parts.count > 4 ? parts[4] : bytes[...], as: UTF8.self)
    let composed = CanonicalComposition.utf8(text)
    for allowingSpecial in [true, false] {
      let ids = tokenizer.encode(text, allowingSpecial: allowingSpecial)
      precondition(Array(tokenizer.decode(ids).utf8) == composed)
      precondition(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.idBound && tokenizer.token(of: $0) != nil })
      // Without control tokens there is nothing to tell the whole from its normal form.
      precondition(tokenizer.encode(tokenizer.decode(ids), allowingSpecial: allowingSpecial) == ids)
    }
  }

  /// The 256 bytes, `ab` (256) and `abc` (257); `<|endoftext|>` (258) is added.
  private static let soundFiles: [SharedBytes] = {
    let spellings = (UInt8.min...UInt8.max).map { ByteAlphabet.spelling(of: [$0]) } + ["ab", "abc"]
    let entries = spellings.enumerated().map { id, spelling in
      "\"" + (["\"", "\\"].contains(spelling) ? "\\" : "") + spelling + "\": \(id)"
    }
    let vocabulary = "{" + entries.joined(separator: ", ") + "}"
    return [vocabulary, "#version: 0.2\na b\nab c\n", #"{"<|endoftext|>": 258}"#, "{}"].map {
      SharedBytes(copying: $0.utf8)
    }
  }()
}
