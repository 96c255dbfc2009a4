/// A look over a JSON text before it is decoded (RFC 8259): where it is broken, whether it nests too deeply, and whether
/// an object has a key twice. The decoder says of a broken text only that it is broken, and takes one of two equal keys.
struct JSONStructure {
  /// What may come next.
  private enum Expectation { case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd }

  private let bytes: UnsafeRawBufferPointer
  private let depthLimit: Int
  private var position = 0
  private var expectation = Expectation.value
  /// Keys of the open objects, outermost first; `nil` for an open array. Canonically equivalent keys count as the same,
  /// as in the dictionaries that are made of them.
  private var open: [Set<String>?] = []

  /// Says what is wrong, or `nil`.
  static func problem(in bytes: UnsafeRawBufferPointer, depthLimit: Int) -> String? {
    var scan = JSONStructure(bytes: bytes, depthLimit: depthLimit)
    return scan.run()
  }

  private init(bytes: UnsafeRawBufferPointer, depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  private mutating func run() -> String? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
        position += 1
      } else if let problem = take(byte) {
        return problem
      }
    }
    return open.isEmpty && expectation == .commaOrEnd ? nil : "JSON that ends too early"
  }

  /// Takes the token that begins with `byte`.
  private mutating func take(_ byte: UInt8) -> String? {
    switch (byte, expectation) {
    case (UInt8(ascii: "\""), .key), (UInt8(ascii: "\""), .keyOrEnd): return takeKey()
    case (UInt8(ascii: ":"), .colon): return advance(to: .value)
    case (UInt8(ascii: ","), .commaOrEnd) where !open.isEmpty:
      return advance(to: open[open.count - 1] == nil ? .value : .key)
    case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "}"), .commaOrEnd): return close(isObject: true)
    case (UInt8(ascii: "]"), .valueOrEnd), (UInt8(ascii: "]"), .commaOrEnd): return close(isObject: false)
    case (_, .value), (_, .valueOrEnd): return takeValue(byte)
    default: return broken
    }
  }

  private mutating func advance(to next: Expectation) -> String? {
    position += 1
    expectation = next
    return nil
  }

  private mutating func close(isObject: Bool) -> String? {
    guard let innermost = open.last, (innermost != nil) == isObject else { return broken }
    open.removeLast()
    return advance(to: .commaOrEnd)
  }

  private mutating func takeKey() -> String? {
    guard let key = takeString() else { return broken }
    expectation = .colon
    let isNew = open[open.count - 1]?.insert(key).inserted ?? true
    return isNew ? nil : "key \(quoted(key)) is there twice"
  }

  private mutating func takeValue(_ byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if open.count == depthLimit { return "nested more than \(depthLimit) deep" }
      let isObject = byte == UInt8(ascii: "{")
      open.append(isObject ? [] : nil)
      return advance(to: isObject ? .keyOrEnd : .valueOrEnd)
    case UInt8(ascii: "\""):
      if takeString() == nil { return broken }
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      guard let word = ["true", "false", "null"].first(where: hasPrefix) else { return broken }
      position += word.utf8.count
    default:
      if !takeNumber() { return broken }
    }
    expectation = .commaOrEnd
    return nil
  }

  private func hasPrefix(_ word: String) -> Bool { bytes[position...].starts(with: word.utf8) }

  /// Takes a number and says whether it is one.
  private mutating func takeNumber() -> Bool {
    takeOne(of: "-")
    let first = position < bytes.count ? bytes[position] : 0
    guard takeDigits(), first != UInt8(ascii: "0") || bytes[position - 1] == first else { return false }
    if takeOne(of: "."), !takeDigits() { return false }
    if takeOne(of: "eE") {
      takeOne(of: "+-")
      return takeDigits()
    }
    return true
  }

  @discardableResult private mutating func takeOne(of characters: String) -> Bool {
    guard position < bytes.count, characters.utf8.contains(bytes[position]) else { return false }
    position += 1
    return true
  }

  private mutating func takeDigits() -> Bool {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    return position > start
  }

  /// Takes a string and returns what it says, or `nil` if it is broken; then `position` is at the fault.
  private mutating func takeString() -> String? {
    var content: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        if !takeEscape(into: &content) { return nil }
      } else if bytes[position] < 0x20 {
        return nil
      } else {
        content.append(bytes[position])
        position += 1
      }
    }
    guard position < bytes.count, let text = String(validating: content, as: UTF8.self) else { return nil }
    position += 1
    return text
  }

  private mutating func takeEscape(into content: inout [UInt8]) -> Bool {
    guard position + 1 < bytes.count else { return false }
    let escaped = bytes[position + 1]
    if escaped == UInt8(ascii: "u") {
      guard let unit = hexadecimal(at: position + 2) else { return false }
      // Halves of a surrogate pair stay apart, as text; they only have to be the same for the same key.
      content += UnicodeScalar(unit).map { Array(String($0).utf8) } ?? Array("\\u\(unit)".utf8)
      position += 6
      return true
    }
    guard let index = Array("\"\\/bfnrt".utf8).firstIndex(of: escaped) else { return false }
    content.append(Array("\"\\/\u{8}\u{c}\n\r\t".utf8)[index])
    position += 2
    return true
  }

  private func hexadecimal(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    let digits = String(decoding: bytes[start..<start + 4], as: UTF8.self)
    return digits.utf8.contains(UInt8(ascii: "+")) ? nil : UInt32(digits, radix: 16)
  }

  /// The error of a text that is no JSON at `position`.
  private var broken: String {
    if position >= bytes.count { return "JSON that ends too early" }
    let before = bytes[..<position]
    let line = before.count { $0 == 0x0a } + 1
    let column = position - (before.lastIndex(of: 0x0a) ?? -1)
    return "not valid JSON at line \(line), column \(column)"
  }
}
