/// Whether a word belongs to a set, in ten bits a word: every word of the set does, and one in 256 others seems to.
///
/// Layout, little endian: a seed (`UInt64`), then three parts of as many bytes each. A word's hash leads to a byte of each
/// part; together they give its mark. Source: Graf and Lemire, Xor filters: faster and smaller than Bloom and cuckoo
/// filters, 2020.
struct WordFilter: Sendable {
  private let table: SharedBytes
  private let seed: UInt64

  private static let headerSize = 8

  /// Reads a file's filter.
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {
    guard bytes.count >= Self.headerSize + 3, (bytes.count - Self.headerSize) % 3 == 0 else {
      throw UniMoEError(
        .model, path, field: "filter", expected: "a seed and three parts of bytes", found: "\(bytes.count) bytes")
    }
    seed = bytes.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    table = bytes.slice(Self.headerSize..<bytes.count)
  }

  /// Whether a word seems to belong to the set.
  func contains(_ word: [UInt8]) -> Bool {
    let hash = hash(word)
    let part = UInt64(table.count / 3)
    return table.withBytes { table in
      var mark = UInt8(truncatingIfNeeded: hash ^ hash >> 32)
      for third in 0..<UInt64(3) {
        let turn = 21 * third
        let turned = turn == 0 ? hash : hash << turn | hash >> (64 - turn)
        mark ^= table[Int(third * part + ((turned & 0xFFFF_FFFF) * part) >> 32)]
      }
      return mark == 0
    }
  }

  /// FNV-1a of the letters and the seed, mixed as MurmurHash3 ends.
  private func hash(_ word: [UInt8]) -> UInt64 {
    var hash = word.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 } &+ seed
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 33
  }
}
