import UniMoEAudio

/// How a text is read, for people: a line a piece, below it a line a word.
enum TextTable {
  static func text(_ result: TextFrontEnd.Result) -> String {
    let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
    let words = result.normalized.words
    let width = min(24, words.map { $0.spoken.count }.max() ?? 0)
    var next = 0
    var lines = ""
    for piece in result.pieces {
      lines += style.bold(piece.text) + "\n"
      while next < words.count, words[next].place.lowerBound < piece.range.upperBound {
        if let phonemes = result.phonemes?[next] {
          let padding = String(repeating: " ", count: max(0, width - words[next].spoken.count))
          let names = phonemes.map(\.name).joined(separator: " ")
          lines += "  " + words[next].spoken + padding + "  " + style.dim(names) + "\n"
        }
        next += 1
      }
    }
    return lines
  }
}
