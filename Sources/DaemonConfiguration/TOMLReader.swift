/// Reads one TOML text from front to end.
struct TOMLReader {
  /// How deep arrays may lie in each other.
  private static let depthLimit = 8

  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var line = 1
  private var table: [String] = []
  private var tables: Set<String> = []
  private var keys: [String: Int] = [:]
  private var entries: [TOMLFile.Entry] = []

  init(_ text: String, file: String) {
    let bytes = Array(text.utf8)
    self.bytes = Array(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...])
    self.file = file
  }

  mutating func readAll() throws(ConfigurationError) -> [TOMLFile.Entry] {
    while true {
      try skipBlank(lines: true)
      guard let byte = current else { return entries }
      if byte == UInt8(ascii: "[") { try readHeader() } else { try readAssignment() }
      try endLine()
    }
  }

  private mutating func readHeader() throws(ConfigurationError) {
    position += 1
    if current == UInt8(ascii: "[") { throw error("arrays of tables are not used here") }
    table = try readKey()
    guard take("]") else { throw error(expected: "]", found: foundHere) }
    let name = table.joined(separator: ".")
    guard tables.insert(name).inserted else { throw error("the table [\(name)] is there twice") }
  }

  private mutating func readAssignment() throws(ConfigurationError) {
    let key = (table + (try readKey())).joined(separator: ".")
    guard take("=") else { throw error(key: key, expected: "=", found: foundHere) }
    let start = line
    if let earlier = keys.updateValue(start, forKey: key) {
      throw error(key: key, "has a value already, on line \(earlier)")
    }
    try skipBlank(lines: false)
    entries.append(TOMLFile.Entry(key: key, line: start, value: try readValue(key: key, depth: 0)))
  }

  private mutating func readKey() throws(ConfigurationError) -> [String] {
    var parts: [String] = []
    repeat {
      try skipBlank(lines: false)
      switch current {
      case UInt8(ascii: "\""): parts.append(try readBasicString(key: "key"))
      case UInt8(ascii: "'"): parts.append(try readLiteralString(key: "key"))
      default:
        let start = position
        while let byte = current, Self.isBare(byte) { position += 1 }
        guard position > start else { throw error(expected: "a key", found: foundHere) }
        parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      try skipBlank(lines: false)
    } while take(".")
    return parts
  }

  private mutating func readValue(key: String, depth: Int) throws(ConfigurationError) -> TOMLValue {
    switch current {
    case UInt8(ascii: "\""): return .string(try readBasicString(key: key))
    case UInt8(ascii: "'"): return .string(try readLiteralString(key: key))
    case UInt8(ascii: "["): return try readArray(key: key, depth: depth)
    case UInt8(ascii: "{"): throw error(key: key, "inline tables are not used here")
    default: return try readWord(key: key)
    }
  }

  private mutating func readArray(key: String, depth: Int) throws(ConfigurationError) -> TOMLValue {
    guard depth < Self.depthLimit else { throw error(key: key, "arrays lie deeper than \(Self.depthLimit)") }
    position += 1
    var values: [TOMLValue] = []
    while true {
      try skipBlank(lines: true)
      if take("]") { return .array(values) }
      values.append(try readValue(key: key, depth: depth + 1))
      try skipBlank(lines: true)
      if take("]") { return .array(values) }
      guard take(",") else { throw error(key: key, expected: ", or ]", found: foundHere) }
    }
  }

  private mutating func readLiteralString(key: String) throws(ConfigurationError) -> String {
    try refuseMultiLine("'", key: key)
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "'") {
      guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { break }
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard take("'") else { throw error(key: key, expected: "a closing '", found: foundHere) }
    return text
  }

  private mutating func readBasicString(key: String) throws(ConfigurationError) -> String {
    try refuseMultiLine("\"", key: key)
    position += 1
    var text: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { break }
      position += 1
      if byte == UInt8(ascii: "\\") { text += try readEscape(key: key) } else { text.append(byte) }
    }
    guard take("\"") else { throw error(key: key, expected: "a closing \"", found: foundHere) }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func readEscape(key: String) throws(ConfigurationError) -> [UInt8] {
    guard let byte = current else { throw error(key: key, expected: "an escape", found: foundHere) }
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12,
      UInt8(ascii: "r"): 13, UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    ]
    position += 1
    if let value = plain[byte] { return [value] }
    let count = byte == UInt8(ascii: "u") ? 4 : byte == UInt8(ascii: "U") ? 8 : 0
    let end = position + count
    guard count > 0, end <= bytes.count, bytes[position..<end].allSatisfy(Self.isHexadecimal),
      let number = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(number)
    else { throw error(key: key, "unknown escape after \\") }
    position = end
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func refuseMultiLine(_ quote: Character, key: String) throws(ConfigurationError) {
    let text = String(repeating: quote, count: 3)
    if bytes[position...].starts(with: Array(text.utf8)) {
      throw error(key: key, "multi-line strings are not used here")
    }
  }

  /// A number or a truth value.
  private mutating func readWord(key: String) throws(ConfigurationError) -> TOMLValue {
    let start = position
    while let byte = current, Self.isBare(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+") {
      position += 1
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    if word == "true" || word == "false" { return .boolean(word == "true") }
    if let value = Self.number(word) { return value }
    let found = word.isEmpty ? foundHere : "\(word.prefix(40))"
    throw error(key: key, expected: "a string in quotes, a number, true, false or a list", found: found)
  }

  private static func number(_ word: String) -> TOMLValue? {
    let digits = Array(word.utf8)
    guard !digits.isEmpty, digits.count <= 64 else { return nil }
    // An underscore stands between two digits.
    for (index, byte) in digits.enumerated() where byte == UInt8(ascii: "_") {
      guard index > 0, index + 1 < digits.count, isHexadecimal(digits[index - 1]), isHexadecimal(digits[index + 1])
      else { return nil }
    }
    let plain = word.filter { $0 != "_" }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
      let rest = plain.dropFirst(2)
      return rest.utf8.allSatisfy(isHexadecimal) ? Int(rest, radix: radix).map(TOMLValue.integer) : nil
    }
    let unsigned = plain.drop { $0 == "+" || $0 == "-" }
    guard plain.count - unsigned.count <= 1, let first = unsigned.utf8.first else { return nil }
    if unsigned == "inf" || unsigned == "nan" { return Double(plain).map(TOMLValue.float) }
    let isZeroLed = first == UInt8(ascii: "0") && unsigned.utf8.dropFirst().first.map(isDigit) == true
    guard isDigit(first), !isZeroLed else { return nil }
    if unsigned.utf8.allSatisfy(isDigit) { return Int(plain).map(TOMLValue.integer) }
    let isDecimal = unsigned.utf8.allSatisfy { isDigit($0) || "eE+-.".utf8.contains($0) }
    guard isDecimal, unsigned.utf8.last.map(isDigit) == true, !unsigned.contains(".e"), !unsigned.contains(".E") else {
      return nil
    }
    return Double(plain).map(TOMLValue.float)
  }

  private mutating func endLine() throws(ConfigurationError) {
    try skipBlank(lines: false)
    guard let byte = current else { return }
    guard byte == 0x0A else { throw error(expected: "the end of the line", found: foundHere) }
    advanceLine()
  }

  /// Steps over blanks and a comment, and over line ends too if told so.
  private mutating func skipBlank(lines: Bool) throws(ConfigurationError) {
    while let byte = current {
      switch byte {
      case 0x20, 0x09: position += 1
      case 0x0D where position + 1 < bytes.count && bytes[position + 1] == 0x0A: position += 1
      case UInt8(ascii: "#"):
        while let byte = current, byte != 0x0A {
          if byte < 0x20 && byte != 0x09 && byte != 0x0D || byte == 0x7F {
            throw error(expected: "printable text in a comment", found: foundHere)
          }
          position += 1
        }
      case 0x0A where lines: advanceLine()
      default: return
      }
    }
  }

  private mutating func advanceLine() {
    position += 1
    line += 1
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  /// What stands at the position, for an error.
  private var foundHere: String {
    guard let byte = current else { return "the end of the file" }
    if byte == 0x0A || byte == 0x0D { return "the end of the line" }
    if byte < 0x20 || byte == 0x7F { return "the control character \(byte)" }
    let rest = String(decoding: bytes[position..<min(bytes.count, position + 4)], as: UTF8.self)
    return rest.first.map { "\($0)" } ?? "nothing"
  }

  private func error(key: String = "", _ problem: String) -> ConfigurationError {
    ConfigurationError("\(file):\(line)", key: key, problem)
  }

  private func error(key: String = "", expected: String, found: String) -> ConfigurationError {
    ConfigurationError("\(file):\(line)", key: key, expected: expected, found: found)
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: isDigit(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
