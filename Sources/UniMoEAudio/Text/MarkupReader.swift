/// Finds what belongs to the writing of a text and not to what it says: tags of HTML, marks of Markdown.
struct MarkupReader {
  private let text: [Unicode.Scalar]
  /// Whether a line is a heading, of which the end is a paragraph's.
  private var headingEnd: Int?

  init(_ text: [Unicode.Scalar]) {
    self.text = text
    isPlain = !text.contains { Self.starters.contains($0) }
  }

  /// Whether nothing in the text can begin markup.
  private let isPlain: Bool
  private static let starters: Set<Unicode.Scalar> = [
    "<", "&", "#", "*", "_", "`", "~", "[", "|", ">", "\n", "-", "+", "•", "‣", "◦", "▪", "●",
  ]

  /// What stands at a position and is replaced, and where it ends; `nil` if the character stays.
  mutating func read(at position: Int) -> (replacement: String, end: Int)? {
    if isPlain { return nil }
    if let end = headingEnd, position >= end {
      headingEnd = nil
      if position < text.count { return ("\n\n", position + 1) }
    }
    if isLineStart(position), let found = lineMark(position) { return found }
    switch text[position] {
    case "<": return tag(position)
    case "&": return entity(position)
    case "*", "_", "`", "~": return emphasis(position)
    case "[": return link(position)
    case "]": return linkEnd(position).map { ("", $0) }
    case "!" where at(position + 1) == "[": return link(position + 1).map { ("", $0.end) }
    case "|": return at(position - 1) == " " || at(position + 1) == " " ? (", ", position + 1) : nil
    default: return nil
    }
  }

  private func at(_ index: Int) -> Unicode.Scalar? { text.indices.contains(index) ? text[index] : nil }

  private func isLineStart(_ position: Int) -> Bool {
    var index = position - 1
    while let scalar = at(index) {
      if scalar == "\n" { return !(at(position) == " ") }
      if scalar != " " { return false }
      index -= 1
    }
    return at(position) != " "
  }

  private func lineEnd(_ position: Int) -> Int {
    text[position...].firstIndex { $0 == "\n" } ?? text.count
  }

  // MARK: Lines

  /// A heading's, a quotation's or a list item's mark, a rule or the fence of code.
  private mutating func lineMark(_ position: Int) -> (replacement: String, end: Int)? {
    let mark = text[position]
    var end = position
    while at(end) == mark { end += 1 }
    let count = end - position
    switch mark {
    case "#" where count <= 6 && at(end) == " ":
      headingEnd = lineEnd(position)
      return ("\n\n", end + 1)
    case ">" where at(end) == " " || at(end) == "\n": return ("", end)
    case "`" where count >= 3, "~" where count >= 3: return ("\n\n", lineEnd(position))
    case "-", "*", "_", "=":
      let line = text[position..<lineEnd(position)]
      if line.count >= 3, line.allSatisfy({ $0 == mark || $0 == " " }), position > 0 || line.count < text.count {
        return ("\n\n", lineEnd(position))
      }
      return mark != "_" && mark != "=" && count == 1 && isItem(end) ? ("\n\n", behindBox(end + 1)) : nil
    case "+" where count == 1 && isItem(end), "•", "‣", "◦", "▪", "●":
      return ("\n\n", at(end) == " " ? behindBox(end + 1) : end)
    case "|" where text[position..<lineEnd(position)].allSatisfy({ "|-: ".unicodeScalars.contains($0) }):
      return ("", lineEnd(position))
    case "|": return ("", end)
    default: return nil
    }
  }

  /// The place behind the box of a task: `[ ]` or `[x]`.
  private func behindBox(_ position: Int) -> Int {
    guard at(position) == "[", at(position + 2) == "]", at(position + 3) == " " else { return position }
    return at(position + 1) == " " || at(position + 1) == "x" || at(position + 1) == "X" ? position + 4 : position
  }

  /// Whether an item's text begins behind its mark: a sign before a number is none.
  private func isItem(_ end: Int) -> Bool {
    guard at(end) == " ", let next = at(end + 1) else { return false }
    return next != " " || at(end + 2) != nil
  }

  // MARK: Within a line

  private static let blockTags: Set<String> = [
    "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "hr", "blockquote",
    "section",
    "article", "header", "footer", "title",
  ]
  private static let longestMarkup = 400

  private func tag(_ position: Int) -> (replacement: String, end: Int)? {
    guard let first = at(position + 1) else { return nil }
    if first == "!", at(position + 2) == "-", at(position + 3) == "-" {
      var index = position + 4
      while index + 2 < text.count {
        if text[index] == "-", text[index + 1] == "-", text[index + 2] == ">" { return ("", index + 3) }
        index += 1
      }
      return nil
    }
    guard first == "/" || first == "!" || isLetter(first) else { return nil }
    guard let end = text[position...].prefix(Self.longestMarkup).firstIndex(of: ">") else { return nil }
    let inside = text[(position + 1)..<end]
    // An address in angle brackets is said.
    if inside.contains("@") || inside.contains("<") || inside.starts(with: "http".unicodeScalars) {
      return ("", position + 1)
    }
    var name = ""
    for scalar in inside.drop(while: { $0 == "/" }).prefix(while: { isLetter($0) || $0.properties.numericType != nil })
    {
      name.unicodeScalars.append(scalar)
    }
    return (Self.blockTags.contains(name.lowercased()) ? "\n\n" : "", end + 1)
  }

  private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    (0x41...0x5A).contains(scalar.value) || (0x61...0x7A).contains(scalar.value)
  }

  private static let entities: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "\u{2013}", "mdash": "\u{2014}",
    "hellip": "...", "lsquo": "'", "rsquo": "'", "ldquo": "\"", "rdquo": "\"", "copy": "", "reg": "", "trade": "",
    "deg": "\u{B0}", "pound": "\u{A3}", "euro": "\u{20AC}", "cent": "\u{A2}", "yen": "\u{A5}", "times": "\u{D7}",
    "frac12": "\u{BD}", "frac14": "\u{BC}", "frac34": "\u{BE}", "bull": "\n", "shy": "", "eacute": "e",
    "middot": "\u{B7}",
  ]

  private func entity(_ position: Int) -> (replacement: String, end: Int)? {
    guard let end = text[position...].prefix(12).firstIndex(of: ";"), end > position + 1 else { return nil }
    var name = ""
    name.unicodeScalars.append(contentsOf: text[(position + 1)..<end])
    if let plain = Self.entities[name] { return (plain, end + 1) }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let value, let scalar = Unicode.Scalar(value) else { return nil }
    return (PlainCharacters.table[scalar] ?? PlainCharacters.folded(scalar) ?? String(scalar), end + 1)
  }

  /// Marks around words: they begin before a character and end behind one, with white space or nothing outside.
  private func emphasis(_ position: Int) -> (replacement: String, end: Int)? {
    let mark = text[position]
    var end = position
    while at(end) == mark { end += 1 }
    if mark == "~" && end - position != 2 { return nil }
    func isOutside(_ scalar: Unicode.Scalar?) -> Bool {
      guard let scalar else { return true }
      return scalar.properties.isWhitespace
        || "([{\"'.,;:!?)]}*_`~\u{2014}\u{2013}-<>/|".unicodeScalars.contains(scalar)
    }
    func isInside(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { !$0.properties.isWhitespace } ?? false }
    let (before, after) = (at(position - 1), at(end))
    let opens = isOutside(before) && isInside(after)
    let closes = isInside(before) && (isOutside(after) || mark == "*" || mark == "`")
    guard opens || closes else { return nil }
    // A mark alone is none: the other one must stand in the same line.
    let ahead = text[end...].prefix(Self.longestMarkup).prefix { $0 != "\n" }
    let behind = text[..<position].suffix(Self.longestMarkup)
    let line = behind[(behind.lastIndex { $0 == "\n" }.map { $0 + 1 } ?? behind.startIndex)...]
    return opens && ahead.contains(mark) || closes && line.contains(mark) ? ("", end) : nil
  }

  /// `[text](address)` and `![text](address)`: the text is said, the address is not.
  private func link(_ position: Int) -> (replacement: String, end: Int)? {
    let line = text[position...].prefix(Self.longestMarkup).prefix { $0 != "\n" }
    guard let end = line.firstIndex(of: "]"), at(end + 1) == "(", linkEnd(end) != nil else { return nil }
    return ("", position + 1)
  }

  /// Where the address ends that the closing bracket of a link's text begins.
  private func linkEnd(_ position: Int) -> Int? {
    guard at(position + 1) == "(" else { return nil }
    let address = text[(position + 2)...].prefix(Self.longestMarkup).prefix { $0 != " " && $0 != "\n" && $0 != ")" }
    let title = text[address.endIndex...].prefix(Self.longestMarkup).prefix { $0 != "\n" && $0 != ")" }
    let isAddress = address.contains("/") || address.contains(".") || address.first == "#"
    return isAddress && at(title.endIndex) == ")" ? title.endIndex + 1 : nil
  }
}
