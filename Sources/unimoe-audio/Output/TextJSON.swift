import UniMoEAudio

/// How a text is read, as a line of JSON; written by hand, because a training reads a hundred thousand of them.
enum TextJSON {
  /// The line with its end.
  static func line(_ result: TextFrontEnd.Result) -> String {
    let words = result.normalized.words
    var json = "{\"before\":"
    list(words, to: &json) { word, json in json += "\"" + word.pause.rawValue + "\"" }
    json += ",\"ends\":"
    list(words, to: &json) { word, json in json += String(word.source.upperBound) }
    if let foreign = result.normalized.foreign {
      json += ",\"foreign\":{\"character\":"
      string(String(foreign.character), to: &json)
      json += ",\"offset\":\(foreign.offset)}"
    }
    json += ",\"letters\":"
    list(words, to: &json) { word, json in json += word.isLetter ? "true" : "false" }
    json += ",\"marks\":"
    list(words.map(\.mark) + [result.normalized.closingMark], to: &json) { mark, json in string(mark, to: &json) }
    json += ",\"phonemes\":"
    if let phonemes = result.phonemes {
      list(phonemes, to: &json) { word, json in
        list(word, to: &json) { phoneme, json in json += "\"" + phoneme.name + "\"" }
      }
    } else {
      json += "null"
    }
    json += ",\"pieces\":"
    list(result.pieces, to: &json) { piece, json in add(piece, result, to: &json) }
    json += ",\"starts\":"
    list(words, to: &json) { word, json in json += String(word.source.lowerBound) }
    json += ",\"text\":"
    string(result.normalized.text, to: &json)
    json += ",\"words\":"
    list(words, to: &json) { word, json in string(word.spoken, to: &json) }
    return json + "}\n"
  }

  private static func add(_ piece: SentenceSplitter.Piece, _ result: TextFrontEnd.Result, to json: inout String) {
    let places = result.words(of: piece)
    let words = result.normalized.words[places]
    let source = (words.first?.source.lowerBound ?? 0)..<(words.last?.source.upperBound ?? 0)
    json +=
      "{\"end\":\(source.upperBound),\"paragraph\":\(piece.endsParagraph),\"start\":\(source.lowerBound),\"text\":"
    string(piece.text, to: &json)
    json += ",\"words\":[\(places.lowerBound),\(places.upperBound)]}"
  }

  private static func list<Element>(
    _ elements: [Element], to json: inout String, _ add: (Element, inout String) -> Void
  ) {
    json += "["
    for (index, element) in elements.enumerated() {
      if index > 0 { json += "," }
      add(element, &json)
    }
    json += "]"
  }

  private static func string(_ text: String, to json: inout String) {
    json += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": json += "\\\""
      case "\\": json += "\\\\"
      case "\n": json += "\\n"
      default:
        if scalar.value < 0x20 {
          json += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          json.unicodeScalars.append(scalar)
        }
      }
    }
    json += "\""
  }
}
