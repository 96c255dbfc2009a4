/// A look over a JSON text before it is decoded: how deeply it nests, and whether an object has a key twice (a decoder
/// would silently take one of the two). What is not JSON at all is left for the decoder to report.
struct JSONStructure {
  private var bytes: UnsafeRawBufferPointer
  private var position = 0
  /// Keys of the open objects, outermost first; `nil` for an open array. Canonically equivalent keys count as the same,
  /// as in the dictionaries that are made of them.
  private var open: [Set<String>?] = []

  /// Says what is wrong, or `nil`.
  static func problem(in bytes: UnsafeRawBufferPointer, depthLimit: Int) -> String? {
    var scan = JSONStructure(bytes: bytes)
    return scan.run(depthLimit: depthLimit)
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func run(depthLimit: Int) -> String? {
    var expectsKey = false
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        expectsKey = byte == UInt8(ascii: "{")
        open.append(expectsKey ? [] : nil)
        if open.count > depthLimit { return "nested more than \(depthLimit) deep" }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if open.popLast() == nil { return nil }
        expectsKey = false
      case UInt8(ascii: ","):
        expectsKey = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let text = takeString()
        if expectsKey && open[open.count - 1]?.insert(text).inserted == false {
          return "key \(quoted(text)) is there twice"
        }
        expectsKey = false
      default: break
      }
    }
    return nil
  }

  /// The string that began before `position`, escapes resolved so far as keys need it: `\u` escapes to their scalars,
  /// others to the escaped character.
  private mutating func takeString() -> String {
    var content: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
        takeEscape(into: &content)
      } else {
        content.append(bytes[position])
        position += 1
      }
    }
    position += 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func takeEscape(into content: inout [UInt8]) {
    let digits = bytes.dropFirst(position + 2).prefix(4)
    if bytes[position + 1] == UInt8(ascii: "u"), digits.count == 4,
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    {
      // Halves of a surrogate pair stay apart; they only need to be the same for the same key.
      content += Array("\(UnicodeScalar(value).map(Character.init).map(String.init) ?? "\\u\(value)")".utf8)
      position += 6
    } else {
      content.append(bytes[position + 1])
      position += 2
    }
  }
}
