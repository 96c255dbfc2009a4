extension Tokenizer {
  /// Reads `vocab.json`, `merges.txt` and, where they exist, `added_tokens.json` and `tokenizer_config.json`.
  ///
  /// Throws an error of kind `model` that names the file and the entry.
  public init(directory: String) throws(UniMoEError) {
    func optional(_ name: String) throws(UniMoEError) -> SharedBytes? {
      let path = "\(directory)/\(name)"
      return fileExists(path) ? try SharedBytes(mapping: path) : nil
    }
    try self.init(
      vocabulary: SharedBytes(mapping: "\(directory)/vocab.json"),
      merges: SharedBytes(mapping: "\(directory)/merges.txt"), addedTokens: optional("added_tokens.json"),
      configuration: optional("tokenizer_config.json"), directory: directory)
  }

  /// The same from files that lie in memory; `directory` is for errors only.
  init(
    vocabulary: SharedBytes, merges: SharedBytes, addedTokens: SharedBytes?, configuration: SharedBytes?,
    directory: String
  ) throws(UniMoEError) {
    var path = "\(directory)/vocab.json"
    let tokens = try vocabulary.withBytes { (bytes) throws(UniMoEError) in try TokenList(json: bytes, path: path) }
    let vocabulary = try Vocabulary(tokens, path: path)
    self.vocabulary = vocabulary
    byteTokens = (UInt8.min...UInt8.max).map { vocabulary.id(of: CollectionOfOne($0)) ?? 0 }
    self.merges = try merges.withBytes { (bytes) throws(UniMoEError) in
      try MergeTable(bytes, vocabulary: vocabulary, path: "\(directory)/merges.txt")
    }
    var added = AddedTokens()
    if let addedTokens {
      path = "\(directory)/added_tokens.json"
      let list = try addedTokens.withBytes { (bytes) throws(UniMoEError) in try TokenList(json: bytes, path: path) }
      for index in 0..<list.count {
        try added.add(Array(list.texts[list.range(index)]), id: list.ids[index], vocabulary: vocabulary, path: path)
      }
    }
    var padText = "<|endoftext|>"
    path = "\(directory)/tokenizer_config.json"
    if let configuration {
      let file = try configuration.withBytes { (bytes) throws(UniMoEError) in
        try JSONText(bytes, path: path).decode(TokenizerConfiguration.self)
      }
      try file.add(to: &added, vocabulary: vocabulary, path: path)
      padText = file.pad_token?.content ?? padText
    }
    guard let pad = added.ids[Array(padText.utf8)] else {
      throw UniMoEError(.model, path, field: "pad_token", expected: "one of the added tokens", found: quoted(padText))
    }
    self.added = added
    padToken = pad
  }
}

/// What is needed of `tokenizer_config.json`.
private struct TokenizerConfiguration: Decodable {
  struct AddedToken: Decodable {
    let content: String
    let lstrip: Bool?
    let rstrip: Bool?
    let single_word: Bool?
  }

  /// A token's text, alone or in an object.
  struct TokenText: Decodable {
    let content: String

    private enum Key: CodingKey { case content }

    init(from decoder: any Decoder) throws {
      if let object = try? decoder.container(keyedBy: Key.self) {
        content = try object.decode(String.self, forKey: .content)
      } else {
        content = try decoder.singleValueContainer().decode(String.self)
      }
    }
  }

  let added_tokens_decoder: [String: AddedToken]?
  let pad_token: TokenText?

  /// Adds the tokens, in the order of their ids.
  func add(to added: inout AddedTokens, vocabulary: Vocabulary, path: String) throws(UniMoEError) {
    var tokens: [(id: Int, token: AddedToken)] = []
    for (key, token) in added_tokens_decoder ?? [:] {
      guard let id = Int(key), String(id) == key else {
        throw UniMoEError(.model, path, field: "added_tokens_decoder", expected: "ids as keys", found: quoted(key))
      }
      tokens.append((id, token))
    }
    for (id, token) in tokens.sorted(by: { $0.id < $1.id }) {
      let rules = [("lstrip", token.lstrip), ("rstrip", token.rstrip), ("single_word", token.single_word)]
      for (name, value) in rules where value == true {
        throw UniMoEError(.model, path, field: "added_tokens_decoder.\(id).\(name)", expected: "false", found: "true")
      }
      try added.add(Array(token.content.utf8), id: id, vocabulary: vocabulary, path: path)
    }
  }
}
