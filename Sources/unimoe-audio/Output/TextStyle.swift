import Glibc

/// How text looks on a terminal; plain where the stream is no terminal, or `NO_COLOR` is set.
struct TextStyle {
  private let isStyled: Bool
  /// Whether characters beyond ASCII can be shown.
  let isUnicode: Bool

  /// The style for a stream.
  init(isTerminal: Bool) {
    isStyled = isTerminal && getenv("NO_COLOR") == nil && Self.variable("TERM") != "dumb"
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.map(Self.variable).first { !$0.isEmpty } ?? ""
    isUnicode = locale.lowercased().replacing("-", with: "").hasSuffix("utf8")
  }

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func green(_ text: String) -> String { wrap(text, "32") }
  func yellow(_ text: String) -> String { wrap(text, "33") }
  func red(_ text: String) -> String { wrap(text, "31") }
  func cyan(_ text: String) -> String { wrap(text, "36") }

  private func wrap(_ text: String, _ code: String) -> String { isStyled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

  private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
}
