/// Text to token ids and back: the byte-level byte-pair encoding of Qwen2 (reference semantics, section "Tokenizer").
///
/// Thread: any.
public struct Tokenizer: Sendable {
  let vocabulary: Vocabulary
  let merges: MergeTable
  let added: AddedTokens
  /// The token that fills rows of a batch up on the left; `nil` if the files name none.
  public let padToken: Int32?
  /// The token of each of the 256 bytes.
  let byteTokens: [Int32]

  /// One more than the largest id.
  public var idBound: Int { max(vocabulary.count, Int(added.texts.keys.max() ?? -1) + 1) }

  /// The ids of a text.
  ///
  /// - Parameter allowingSpecial: Whether texts such as `<|im_start|>` give the control tokens of that name. Without it
  ///   they are ordinary text, as what a user types must be.
  public func encode(_ text: String, allowingSpecial: Bool = true) -> [Int32] {
    let text = CanonicalComposition.utf8(text)
    var merger = BytePairMerger(merges: merges, byteTokens: byteTokens)
    var result: [Int32] = []
    func encodeOrdinary(_ range: Range<Int>) {
      PreTokenizer(text[range]).forEach { merger.append($0, to: &result) }
    }
    var start = 0
    if allowingSpecial {
      var position = 0
      while position < text.count {
        if let match = added.longestMatch(in: text[...], at: position) {
          encodeOrdinary(start..<position)
          result.append(match.id)
          start = match.end
          position = match.end
        } else {
          position += 1
        }
      }
    }
    encodeOrdinary(start..<text.count)
    return result
  }

  /// The ids of any bytes, read as UTF-8.
  ///
  /// Each longest sequence of bytes that begins a character but does not complete it, and each byte that cannot begin
  /// one, is read as U+FFFD (Unicode 17.0, section 3.9.6; what Python's `errors="replace"` gives).
  public func encode(bytes: some Collection<UInt8>, allowingSpecial: Bool = true) -> [Int32] {
    encode(String(decoding: bytes, as: UTF8.self), allowingSpecial: allowingSpecial)
  }

  /// The text of ids. Bytes that are not UTF-8 together give U+FFFD, ids that no token has give nothing.
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var bytes: [UInt8] = []
    for id in ids { bytes += added.texts[id] ?? Array(vocabulary.bytes(of: id)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The id of a token, spelled as in the tokenizer's files.
  public func id(of token: String) -> Int32? {
    if let id = added.ids[Array(token.utf8)] { return id }
    var bytes: [UInt8] = []
    return ByteAlphabet.append(bytesOf: token.utf8, to: &bytes) ? vocabulary.id(of: bytes) : nil
  }

  /// The token of an id, spelled as in the tokenizer's files; `nil` for an id that no token has.
  public func token(of id: Int32) -> String? {
    if let text = added.texts[id] { return String(decoding: text, as: UTF8.self) }
    let bytes = vocabulary.bytes(of: id)
    return bytes.isEmpty ? nil : ByteAlphabet.spelling(of: bytes)
  }
}
