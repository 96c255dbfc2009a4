/// A value of a configuration file.
public indirect enum TOMLValue: Equatable, Sendable {
  /// Text.
  case string(String)
  /// A whole number.
  case integer(Int)
  /// A number with a point or an exponent.
  case float(Double)
  /// `true` or `false`.
  case boolean(Bool)
  /// Several values.
  case array([TOMLValue])

  /// What the value is, for an error: `the text "x"`, `the number 3`.
  public var inWords: String {
    switch self {
    case .string(let text): "the text \(Self.quoted(text.count > 40 ? text.prefix(40) + "…" : text))"
    case .integer(let number): "the number \(number)"
    case .float(let number): "the number \(number)"
    case .boolean(let flag): "\(flag)"
    case .array(let values): "a list of \(values.count)"
    }
  }

  /// The value as a configuration file writes it.
  public var text: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    }
  }

  /// A basic string with its escapes.
  static func quoted(_ text: some StringProtocol) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value):
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
