/// Letters with the phonemes that they are heard as, the most frequent ones of a letter first.
///
/// Layout: for each letter from a to z the number of its graphones, then of each the number of its phonemes, at most
/// three, and these. Source: Bisani and Ney, Joint-sequence models for grapheme-to-phoneme conversion, 2008.
struct Graphones: Sendable {
  /// The phonemes of each graphone.
  private(set) var phonemes: [[Phoneme]] = []
  /// The graphones of each letter: their places in `phonemes`.
  private(set) var ranges: [Range<Int>] = []

  static let letters = 26

  /// Reads a file's graphones.
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {
    let all = bytes.withBytes { Array($0) }
    var position = 0
    func next() throws(UniMoEError) -> Int {
      guard position < all.count else {
        throw UniMoEError(.model, path, field: "graphones", expected: "\(Self.letters) letters", found: "their end")
      }
      defer { position += 1 }
      return Int(all[position])
    }
    for _ in 0..<Self.letters {
      let start = phonemes.count
      for _ in 0..<(try next()) {
        let count = try next()
        guard count <= 3 else {
          throw UniMoEError(.model, path, field: "graphones", expected: "at most 3 phonemes", found: "\(count)")
        }
        var list: [Phoneme] = []
        for _ in 0..<count {
          let code = try next()
          guard let phoneme = Phoneme(code: UInt8(code)) else {
            throw UniMoEError(
              .model, path, field: "graphones", expected: "phonemes below \(Phoneme.names.count)", found: "\(code)")
          }
          list.append(phoneme)
        }
        phonemes.append(list)
      }
      ranges.append(start..<phonemes.count)
    }
    guard position == all.count else {
      throw UniMoEError(
        .model, path, field: "graphones", expected: "\(position) bytes of \(Self.letters) letters",
        found: "\(all.count)")
    }
  }

  /// The place of a letter in the alphabet; `nil` of everything else.
  static func letter(_ byte: UInt8) -> Int? { (0x61...0x7A).contains(byte) ? Int(byte) - 0x61 : nil }
}
