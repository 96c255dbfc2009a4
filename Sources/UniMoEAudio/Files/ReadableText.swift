/// Text from outside made fit for one line of an error: at most `limit` characters, control characters escaped.
func readable(_ text: String, limit: Int = 120) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    result += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text.unicodeScalars.dropFirst(limit).isEmpty ? result : result + "…"
}

/// The same in quotation marks.
func quoted(_ text: String) -> String { "\"\(readable(text))\"" }
