/// The 256 printable characters that stand for bytes in `vocab.json` and `merges.txt` (GPT-2's byte-to-character map).
///
/// Printable Latin-1 bytes stand for themselves, all others follow from U+0100 on in ascending order.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255).map { byte in
      if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
        return Unicode.Scalar(UInt8(byte))
      }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? "\u{FFFD}"
    }
  }()

  /// The byte of each character up to the alphabet's last one; -1 where a character is not of the alphabet.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, character) in characters.enumerated() { bytes[Int(character.value)] = Int16(byte) }
    return bytes
  }()

  /// Appends the bytes that a spelling in valid UTF-8 stands for; `false` if a character is not of the alphabet.
  static func append(bytesOf spelling: some Sequence<UInt8>, to result: inout [UInt8]) -> Bool {
    var lead: Int?
    for unit in spelling {
      var value = Int(unit)
      if let high = lead {
        value = (high & 0x1F) << 6 | value & 0x3F
        lead = nil
      } else if value >= 0xE0 {
        return false
      } else if value >= 0xC0 {
        lead = value
        continue
      }
      guard value < bytes.count, bytes[value] >= 0 else { return false }
      result.append(UInt8(truncatingIfNeeded: bytes[value]))
    }
    return true
  }

  /// How bytes are spelled in the alphabet.
  static func spelling(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: bytes.lazy.map { characters[Int($0)] })
    return String(text)
  }
}
