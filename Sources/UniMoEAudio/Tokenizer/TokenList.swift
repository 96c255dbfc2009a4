/// Token texts and ids as `vocab.json` and `added_tokens.json` list them: one JSON object from text to integer.
///
/// Read by a parser of its own: a vocabulary of 150,000 tokens takes a general JSON decoder longer than the rest of the
/// start.
struct TokenList {
  /// The texts in file order, one after the other, in UTF-8.
  private(set) var texts: [UInt8] = []
  /// Where each text ends in `texts`.
  private(set) var ends: [Int] = []
  /// The number beside each text.
  private(set) var ids: [Int] = []

  /// Files above this size are refused before they are read.
  static let sizeLimit = 64 << 20

  /// How many tokens there are.
  var count: Int { ids.count }

  /// Where the UTF-8 of a token's text lies in `texts`.
  func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
  /// A token's text, for errors.
  func text(_ index: Int) -> String { String(decoding: texts[range(index)], as: UTF8.self) }

  /// Takes over tokens that were read otherwise, in the order of their ids.
  init(_ tokens: [String: Int]) {
    for (text, id) in tokens.sorted(by: { $0.value < $1.value }) {
      texts += text.utf8
      ends.append(texts.count)
      ids.append(id)
    }
  }

  /// Parses a file that lies in memory.
  ///
  /// Throws an error of kind `model` that names the byte at which the file stops being such a list.
  init(json bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    guard bytes.count <= Self.sizeLimit else {
      throw UniMoEError(.model, path, expected: "at most \(Self.sizeLimit) bytes", found: "\(bytes.count)")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw UniMoEError(.model, path, expected: "UTF-8 text", found: "other bytes")
    }
    var scanner = Scanner(bytes: bytes, path: path)
    try scanner.take(UInt8(ascii: "{"), "\"{\"")
    if !scanner.takes(UInt8(ascii: "}")) {
      repeat {
        try scanner.take(UInt8(ascii: "\""), "a token in quotes")
        try scanner.takeString(into: &texts)
        try scanner.take(UInt8(ascii: ":"), "\":\"")
        ids.append(try scanner.takeInteger())
        ends.append(texts.count)
      } while scanner.takes(UInt8(ascii: ","))
      try scanner.take(UInt8(ascii: "}"), "\",\" or \"}\"")
    }
    try scanner.takeEnd()
  }
}

/// Reads JSON strings and integers from bytes that are known to be UTF-8.
private struct Scanner {
  let bytes: UnsafeRawBufferPointer
  let path: String
  private var position = 0

  init(bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// Skips white space and returns the next byte without taking it.
  private mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  private func failure(expected: String) -> UniMoEError {
    var found = "the end of the file"
    if position < bytes.count {
      let rest = bytes[position..<min(bytes.count, position + 4)]
      found = quoted(String(String(decoding: rest, as: UTF8.self).unicodeScalars.prefix(1)))
    }
    return UniMoEError(.model, path, field: "byte \(position)", expected: expected, found: found)
  }

  /// Takes a byte if it is the next one.
  mutating func takes(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  mutating func take(_ byte: UInt8, _ expected: String) throws(UniMoEError) {
    if !takes(byte) { throw failure(expected: expected) }
  }

  mutating func takeEnd() throws(UniMoEError) {
    if peek() != nil { throw failure(expected: "the end of the file") }
  }

  /// Takes the rest of a string whose opening quotation mark is taken, and its closing one.
  mutating func takeString(into text: inout [UInt8]) throws(UniMoEError) {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        try takeEscape(into: &text)
      case 0..<0x20:
        throw failure(expected: "a character above U+001F or an escape")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw failure(expected: "a closing quotation mark")
  }

  private mutating func takeEscape(into text: inout [UInt8]) throws(UniMoEError) {
    let pairs: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
    ]
    let letter = position + 1 < bytes.count ? bytes[position + 1] : 0
    if let byte = pairs[letter] {
      text.append(byte)
      position += 2
      return
    }
    guard letter == UInt8(ascii: "u"), let first = codeUnit(at: position + 2) else {
      throw failure(expected: "an escape of JSON")
    }
    if let scalar = Unicode.Scalar(UInt32(first)) {
      text.append(contentsOf: Unicode.UTF8.encode(scalar) ?? .encodedReplacementCharacter)
      position += 6
      return
    }
    guard position + 7 < bytes.count, bytes[position + 6] == UInt8(ascii: "\\"),
      bytes[position + 7] == UInt8(ascii: "u"), let second = codeUnit(at: position + 8),
      UTF16.isLeadSurrogate(first), UTF16.isTrailSurrogate(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(second) & 0x3FF)
    else {
      throw failure(expected: "a pair of surrogates")
    }
    text.append(contentsOf: Unicode.UTF8.encode(scalar) ?? .encodedReplacementCharacter)
    position += 12
  }

  /// Four hexadecimal digits.
  private func codeUnit(at start: Int) -> UInt16? {
    guard start + 4 <= bytes.count else { return nil }
    var value: UInt16 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  /// Takes an integer of at most 18 digits.
  mutating func takeInteger() throws(UniMoEError) -> Int {
    let isNegative = takes(UInt8(ascii: "-"))
    guard let first = isNegative && position < bytes.count ? bytes[position] : peek(),
      (0x30...0x39).contains(first)
    else {
      throw failure(expected: "an integer")
    }
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      guard position - start < 18 else { throw failure(expected: "an integer of at most 18 digits") }
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    if first == 0x30, position - start > 1 {
      position = start
      throw failure(expected: "an integer without leading zeros")
    }
    if position < bytes.count, [0x2E, 0x45, 0x65].contains(bytes[position]) { throw failure(expected: "an integer") }
    return isNegative ? -value : value
  }
}
