extension Tokenizer {
  /// Reads `vocab.json`, `merges.txt` and, where they exist, `added_tokens.json` and `tokenizer_config.json`; in a
  /// directory without `vocab.json`, `tokenizer.json`.
  ///
  /// Throws an error of kind `model` that names the file and the entry.
  public init(directory: String) throws(UniMoEError) {
    func optional(_ name: String) throws(UniMoEError) -> SharedBytes? {
      let path = "\(directory)/\(name)"
      return fileExists(path) ? try SharedBytes(mapping: path) : nil
    }
    if !fileExists("\(directory)/vocab.json"), let file = try optional("tokenizer.json") {
      try self.init(file: file, configuration: optional("tokenizer_config.json"), directory: directory)
      return
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
    padToken = try TokenizerConfiguration.complete(
      &added, by: configuration, vocabulary: vocabulary, path: "\(directory)/tokenizer_config.json")
    self.added = added
  }

  /// The same from `tokenizer.json`.
  ///
  /// Throws also if the file describes a tokenizer of another kind.
  init(file: SharedBytes, configuration: SharedBytes?, directory: String) throws(UniMoEError) {
    let path = "\(directory)/tokenizer.json"
    let contents = try file.withBytes { (bytes) throws(UniMoEError) in
      try JSONText(bytes, path: path, sizeLimit: TokenizerFile.sizeLimit).decode(TokenizerFile.self)
    }
    try contents.check(path: path)
    let vocabulary = try Vocabulary(TokenList(contents.model.vocab.mapValues(\.value)), path: path)
    self.vocabulary = vocabulary
    byteTokens = (UInt8.min...UInt8.max).map { vocabulary.id(of: CollectionOfOne($0)) ?? 0 }
    merges = try MergeTable(contents.model.merges.map(\.tokens), vocabulary: vocabulary, path: path)
    var added = AddedTokens()
    for (index, token) in (contents.added_tokens ?? []).enumerated() {
      let rules = [("lstrip", token.lstrip), ("rstrip", token.rstrip), ("single_word", token.single_word)]
      for (name, value) in rules where value == true {
        throw UniMoEError(.model, path, field: "added_tokens[\(index)].\(name)", expected: "false", found: "true")
      }
      try added.add(Array(token.content.utf8), id: token.id.value, vocabulary: vocabulary, path: path)
    }
    padToken = try TokenizerConfiguration.complete(
      &added, by: configuration, vocabulary: vocabulary, path: "\(directory)/tokenizer_config.json")
    self.added = added
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

  /// Adds what a file says, if there is one, and returns the token that it pads with: one that it names has to be there,
  /// the usual one need not.
  static func complete(
    _ added: inout AddedTokens, by file: SharedBytes?, vocabulary: Vocabulary, path: String
  ) throws(UniMoEError) -> Int32? {
    let configuration = try file?.withBytes { (bytes) throws(UniMoEError) in
      try JSONText(bytes, path: path).decode(TokenizerConfiguration.self)
    }
    try configuration?.add(to: &added, vocabulary: vocabulary, path: path)
    let named = configuration?.pad_token?.content
    if let id = added.ids[Array((named ?? "<|endoftext|>").utf8)] { return id }
    guard let named else { return nil }
    throw UniMoEError(.model, path, field: "pad_token", expected: "one of the added tokens", found: quoted(named))
  }

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
