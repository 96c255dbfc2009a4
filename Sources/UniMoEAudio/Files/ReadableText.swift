/// Text from outside made fit for one line of an error: at most 120 characters, control characters escaped.
func readable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(120) {
    result += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text.unicodeScalars.dropFirst(120).isEmpty ? result : result + "…"
}

/// The same in quotation marks.
func quoted(_ text: String) -> String { "\"\(readable(text))\"" }
