/// The byte sequences that the base vocabulary (`vocab.json`) has ids for.
struct Vocabulary: Sendable {
  /// The bytes of all tokens, one after the other, in file order.
  private var storage: [UInt8] = []
  /// Where each id's bytes begin and end in `storage`.
  private var ranges: [(start: UInt32, end: UInt32)]
  /// Open-addressing hash table: the upper half of a token's hash above its id, 0 where a slot is empty; a power of two
  /// in size, at most half full.
  private var slots: [UInt64]

  /// How many tokens there are; their ids are 0 ..< count.
  var count: Int { ranges.count }

  /// Takes a vocabulary over from its file.
  ///
  /// Throws an error of kind `model` if the ids are not 0 ..< count, a token is there twice, is empty, is spelled in
  /// other characters than the byte alphabet's, or a single byte has no token.
  init(_ list: TokenList, path: String) throws(UniMoEError) {
    ranges = Array(repeating: (0, 0), count: list.count)
    var size = 16
    while size < 2 * list.count { size *= 2 }
    slots = Array(repeating: 0, count: size)
    storage.reserveCapacity(list.texts.count)
    for index in 0..<list.count {
      let id = list.ids[index]
      func failure(_ expected: String, _ found: String) -> UniMoEError {
        UniMoEError(.model, path, field: quoted(list.text(index)), expected: expected, found: found)
      }
      let start = storage.count
      guard ByteAlphabet.append(bytesOf: list.texts[list.range(index)], to: &storage) else {
        throw failure("characters of the byte alphabet", "others")
      }
      guard storage.count > start else { throw failure("at least one character", "none") }
      guard ranges.indices.contains(id) else { throw failure("an id from 0 to \(list.count - 1)", "\(id)") }
      guard ranges[id].end == 0 else { throw failure("an id of its own", "\(id), which another token has") }
      ranges[id] = (UInt32(start), UInt32(storage.count))
      guard insert(Int32(id)) else { throw failure("one entry", "two") }
    }
    for byte in UInt8.min...UInt8.max where id(of: CollectionOfOne(byte)) == nil {
      throw UniMoEError(
        .model, path, field: quoted(ByteAlphabet.spelling(of: [byte])), "missing: every byte has a token")
    }
  }

  /// The bytes of a token; empty for an id that is out of range.
  func bytes(of id: Int32) -> ArraySlice<UInt8> {
    guard ranges.indices.contains(Int(id)) else { return [] }
    let range = ranges[Int(id)]
    return storage[Int(range.start)..<Int(range.end)]
  }

  /// The id of a byte sequence.
  func id(of token: some Collection<UInt8>) -> Int32? {
    token.withContiguousStorageIfAvailable { id(of: UnsafeRawBufferPointer($0)) } ?? id(of: Array(token))
  }

  private func id(of token: UnsafeRawBufferPointer) -> Int32? {
    let entry = slots[storage.withUnsafeBytes { slot(of: token, hash: Self.hash(token), in: $0) }]
    return entry == 0 ? nil : Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF)
  }

  /// A hash whose upper half is not 0.
  private static func hash(_ token: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()  // seeded per process, so that no file can aim at one slot
    hasher.combine(bytes: token)
    return UInt64(bitPattern: Int64(hasher.finalize())) | 1 << 32
  }

  /// The slot that holds a token, or the empty one where it belongs.
  private func slot(of token: UnsafeRawBufferPointer, hash: UInt64, in bytes: UnsafeRawBufferPointer) -> Int {
    var slot = Int(hash & UInt64(slots.count - 1))
    while slots[slot] != 0 {
      if slots[slot] >> 32 == hash >> 32 {
        let range = ranges[Int(slots[slot] & 0xFFFF_FFFF)]
        let candidate = UnsafeRawBufferPointer(rebasing: bytes[Int(range.start)..<Int(range.end)])
        if candidate.count == token.count, candidate.elementsEqual(token) { return slot }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func insert(_ id: Int32) -> Bool {
    let range = ranges[Int(id)]
    let (hash, slot) = storage.withUnsafeBytes { bytes in
      let token = UnsafeRawBufferPointer(rebasing: bytes[Int(range.start)..<Int(range.end)])
      let hash = Self.hash(token)
      return (hash, self.slot(of: token, hash: hash, in: bytes))
    }
    guard slots[slot] == 0 else { return false }
    slots[slot] = hash & ~0xFFFF_FFFF | UInt64(id)
    return true
  }
}
