/// The pairs of tokens that are merged, each with its rank, from `merges.txt`.
struct MergeTable: Sendable {
  /// A merge of two neighbours.
  struct Merge: Sendable {
    /// Lower ranks are merged first.
    let rank: Int32
    /// The token that takes the place of the two.
    let token: Int32
  }

  private var merges: [UInt64: Merge] = [:]
  /// What the last merge made.
  private var lastProduct: Int32 = -1

  /// Files above this size are refused before they are read.
  static let sizeLimit = 64 << 20

  /// The merge of two neighbours; `nil` if they stay apart.
  func merge(_ left: Int32, _ right: Int32) -> Merge? { merges[Self.key(left, right)] }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Parses a file that lies in memory: one pair per line, in the order of ranks.
  ///
  /// A first line that starts with `#version` is a comment, and no other line is; empty lines count for nothing.
  /// Throws an error of kind `model` that names the line.
  init(_ bytes: UnsafeRawBufferPointer, vocabulary: Vocabulary, path: String) throws(UniMoEError) {
    guard bytes.count <= Self.sizeLimit else {
      throw UniMoEError(.model, path, expected: "at most \(Self.sizeLimit) bytes", found: "\(bytes.count)")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw UniMoEError(.model, path, expected: "UTF-8 text", found: "other bytes")
    }
    merges.reserveCapacity(min(bytes.count / 4, 2 * vocabulary.count))
    var number = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var line = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      if line.isEmpty || number == 1 && line.starts(with: "#version".utf8) { continue }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      try add(parts, vocabulary) { expected, found in
        UniMoEError(.model, path, field: "line \(number)", expected: expected, found: found)
      }
    }
  }

  /// Takes over pairs of `tokenizer.json`, in the order of ranks.
  ///
  /// Throws an error of kind `model` that names the pair's number.
  init(_ pairs: [[String]], vocabulary: Vocabulary, path: String) throws(UniMoEError) {
    merges.reserveCapacity(pairs.count)
    for (index, pair) in pairs.enumerated() {
      try add(pair.map { Array($0.utf8) }, vocabulary) { expected, found in
        UniMoEError(.model, path, field: "model.merges[\(index)]", expected: expected, found: found)
      }
    }
  }

  private mutating func add<Part: Collection<UInt8>>(
    _ parts: [Part], _ vocabulary: Vocabulary, _ failure: (String, String) -> UniMoEError
  ) throws(UniMoEError) {
    func spelled() -> String { quoted(parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")) }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw failure("two tokens with one space between them", spelled())
    }
    var pair: [UInt8] = []
    func token(_ start: Int, guess: Int32 = -1) throws(UniMoEError) -> Int32 {
      if vocabulary.bytes(of: guess).elementsEqual(pair[start...]) { return guess }
      guard let id = vocabulary.id(of: pair[start...]) else {
        throw failure("tokens of the vocabulary", quoted(ByteAlphabet.spelling(of: pair[start...])))
      }
      return id
    }
    func append(_ part: Part) throws(UniMoEError) {
      guard ByteAlphabet.append(bytesOf: part, to: &pair) else {
        throw failure("characters of the byte alphabet", quoted(String(decoding: part, as: UTF8.self)))
      }
    }
    try append(parts[0])
    let left = try token(0)
    let middle = pair.count
    try append(parts[1])
    // In trained vocabularies each merge makes the next id: looking there first spares a search.
    let merge = Merge(rank: Int32(merges.count), token: try token(0, guess: lastProduct + 1))
    lastProduct = merge.token
    guard merges.updateValue(merge, forKey: Self.key(left, try token(middle))) == nil else {
      throw failure("each pair once", "\(spelled()) again")
    }
  }
}
