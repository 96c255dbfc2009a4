/// Cuts text into the pieces that byte-pair merges stay within, as the Qwen2 pattern does:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n]*
///       | \s*[\r\n]+ | \s+(?!\S) | \s+
///
/// The alternatives are tried in this order at each position; between them they take every character. Written by hand
/// because it runs in linear time on every text and needs no regular expression engine.
struct PreTokenizer {
  /// What the pattern tells apart.
  private enum Kind {
    case letter  // \p{L}
    case number  // \p{N}
    case lineEnd  // [\r\n]
    case space  // \s but for line ends
    case other
  }

  /// Valid UTF-8.
  private let text: ArraySlice<UInt8>

  /// - Parameter text: Valid UTF-8.
  init(_ text: ArraySlice<UInt8>) {
    self.text = text
  }

  /// Calls `body` with the pieces in order; joined, they are the text.
  func forEach(_ body: (ArraySlice<UInt8>) -> Void) {
    var start = text.startIndex
    while start < text.endIndex {
      let end = end(start)
      body(text[start..<end])
      start = end
    }
  }

  /// Where the piece that starts at a position ends.
  private func end(_ start: Int) -> Int {
    if let end = contractionEnd(start) { return end }
    let (kind, next) = character(start)
    switch kind {
    case .letter: return skip(.letter, from: next)
    case .number: return next
    case .space, .other:
      if self.kind(next) == .letter { return skip(.letter, from: next) }
    case .lineEnd: break
    }
    if kind == .other { return skip(.lineEnd, from: skip(.other, from: next)) }
    if text[start] == UInt8(ascii: " "), self.kind(next) == .other {
      return skip(.lineEnd, from: skip(.other, from: next))
    }
    return spaceEnd(start)
  }

  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`; U+017F, the long s, counts as an s in another case.
  private func contractionEnd(_ start: Int) -> Int? {
    guard text[start] == UInt8(ascii: "'") else { return nil }
    switch lowercase(start + 1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return lowercase(start + 2) == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"): return lowercase(start + 2) == UInt8(ascii: "l") ? start + 3 : nil
    case 0xC5: return text.dropFirst(start + 2 - text.startIndex).first == 0xBF ? start + 3 : nil
    default: return nil
    }
  }

  /// `\s*[\r\n]+`, `\s+(?!\S)` and `\s+`, of which one holds at every white space.
  private func spaceEnd(_ start: Int) -> Int {
    var position = start
    var lastStart = start
    var lineEnd: Int?
    while position < text.endIndex {
      let (kind, next) = character(position)
      guard kind == .space || kind == .lineEnd else { break }
      if kind == .lineEnd { lineEnd = next }
      lastStart = position
      position = next
    }
    if let lineEnd { return lineEnd }
    // Before other text the last space is left for the next piece, unless it is the only one.
    return position < text.endIndex && lastStart > start ? lastStart : position
  }

  private func lowercase(_ position: Int) -> UInt8? {
    guard position < text.endIndex else { return nil }
    let byte = text[position]
    return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  private func skip(_ kind: Kind, from start: Int) -> Int {
    var position = start
    while position < text.endIndex {
      let (found, next) = character(position)
      if found != kind { break }
      position = next
    }
    return position
  }

  private func kind(_ position: Int) -> Kind? {
    position < text.endIndex ? character(position).kind : nil
  }

  /// The kind of the character at a position, and where the next one starts.
  private func character(_ position: Int) -> (kind: Kind, next: Int) {
    let lead = text[position]
    if lead < 0x80 { return (Self.asciiKinds[Int(lead)], position + 1) }
    let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = UInt32(lead) & (0x7F >> UInt32(length))
    for byte in text[position + 1..<position + length] { value = value << 6 | UInt32(byte & 0x3F) }
    return (Unicode.Scalar(value).map(Self.kind) ?? .other, position + length)
  }

  private static let asciiKinds: [Kind] = (UInt8(0)..<0x80).map { kind(Unicode.Scalar($0)) }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default:
      if scalar == "\r" || scalar == "\n" { return .lineEnd }
      return scalar.properties.isWhitespace ? .space : .other
    }
  }
}
