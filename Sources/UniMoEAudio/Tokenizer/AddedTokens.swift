/// The tokens that are cut out of the text before anything else: control tokens and the like.
struct AddedTokens: Sendable {
  /// Ids by text.
  private(set) var ids: [[UInt8]: Int32] = [:]
  /// Texts by id.
  private(set) var texts: [Int32: [UInt8]] = [:]
  /// A trie over the texts' bytes: the children of a node by node and byte, and the token that ends in a node.
  private var children: [UInt64: UInt32] = [:]
  private var tokens: [Int32?] = [nil]

  /// The longest text in bytes: it bounds what a position of a text can cost.
  static let lengthLimit = 512
  /// The largest id.
  static let idLimit = 4_194_303

  /// Adds a token, which may be there already with the same id.
  ///
  /// Throws an error of kind `model` if the text or the id belongs to another token, of these or of the vocabulary.
  mutating func add(
    _ text: [UInt8], id: Int, vocabulary: Vocabulary, path: String
  ) throws(UniMoEError) {
    func failure(_ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(
        .model, path, field: quoted(String(decoding: text, as: UTF8.self)), expected: expected, found: found)
    }
    guard (1...Self.lengthLimit).contains(text.count) else {
      throw failure("1 to \(Self.lengthLimit) bytes of text", "\(text.count)")
    }
    guard (0...Self.idLimit).contains(id) else { throw failure("an id from 0 to \(Self.idLimit)", "\(id)") }
    let id32 = Int32(id)
    if let other = ids[text], other != id32 { throw failure("id \(other), as elsewhere", "\(id)") }
    if let other = texts[id32], other != text {
      throw failure("an id of its own", "\(id), which is \(quoted(String(decoding: other, as: UTF8.self)))")
    }
    var base: [UInt8] = []
    let other = ByteAlphabet.append(bytesOf: text, to: &base) ? vocabulary.id(of: base) : nil
    if let other, other != id32 { throw failure("id \(other), as in the vocabulary", "\(id)") }
    if other == nil, id < vocabulary.count {
      throw failure(
        "an id of its own", "\(id), which is \(quoted(ByteAlphabet.spelling(of: vocabulary.bytes(of: id32))))")
    }
    if ids.updateValue(id32, forKey: text) == nil {
      texts[id32] = text
      extendTrie(text, id32)
    }
  }

  private mutating func extendTrie(_ text: [UInt8], _ id: Int32) {
    var node: UInt32 = 0
    for byte in text {
      let key = UInt64(node) << 8 | UInt64(byte)
      if let child = children[key] {
        node = child
      } else {
        node = UInt32(tokens.count)
        children[key] = node
        tokens.append(nil)
      }
    }
    tokens[Int(node)] = id
  }

  /// The longest token that starts at a position, and where it ends.
  func longestMatch(in text: ArraySlice<UInt8>, at start: Int) -> (id: Int32, end: Int)? {
    var node: UInt32 = 0
    var match: (id: Int32, end: Int)?
    for position in start..<text.endIndex {
      guard let child = children[UInt64(node) << 8 | UInt64(text[position])] else { break }
      node = child
      if let id = tokens[Int(node)] { match = (id, position + 1) }
    }
    return match
  }
}
