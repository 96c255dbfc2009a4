/// Tempo and metre.
extension CaptionReader {
  mutating func readMeters() {
    for index in words.words.indices where words[index + 1] == "/" || words.isJoined(index + 1) {
      let hasSlash = words[index + 1] == "/"
      let next = hasSlash ? index + 2 : index + 1
      guard let beats = Int(words[index]), let unit = Int(words[next]), let meter = Meter(beats: beats, unit: unit),
        hasSlash || words[next + 1] == "time" || words[next + 1] == "meter" || words[next + 1] == "metre"
      else { continue }
      attributes.meter = meter
      note(index..<next + 1, "metre: \(beats)/\(unit)")
    }
  }

  mutating func readTempi() {
    for index in words.words.indices where !words.isUsed[index] {
      guard let (value, count) = words.number(at: index), (20...400).contains(value) else { continue }
      var (bpm, end) = (value, index + count)
      // A range: its middle.
      let dash = words[end] == "to" ? 1 : 0
      if let (upper, more) = words.number(at: end + dash), words.isJoined(end) || dash == 1, upper > value,
        upper <= 400,
        tempoUnit(at: end + dash + more) > 0
      {
        (bpm, end) = ((value + upper) / 2, end + dash + more)
      }
      var start = index
      let unit = tempoUnit(at: end)
      let before = max(0, index - 1)
      let isLed =
        ["bpm", "tempo", "at", "around", "about", "mm", "speed", "=", "roughly", "circa"].contains(words[before])
        && index > 0
        || words[before] == "of" && words[before - 1] == "tempo"
      let next = words[end]
      let isOther =
        Self.secondWords.contains(next) || Self.minuteWords.contains(next)
        || ["bar", "bars", "/", "%", "s"].contains(next)
      let standsAlone =
        (words.startsPhrase(index) || end == words.words.count && attributes.bpm == nil) && words.startsPhrase(end)
        && (40...220).contains(bpm) && words.words.count > 1
      guard unit > 0 || (isLed && !isOther || standsAlone) && (30...300).contains(bpm) else { continue }
      end += unit
      while start > 0,
        ["bpm", "tempo", "at", "around", "about", "of", "=", "mm", "a", "is", "roughly", "circa"].contains(
          words[start - 1]),
        !words.isUsed[start - 1], !words.startsPhrase(start)
      { start -= 1 }
      attributes.bpm = Int(bpm.rounded())
      note(start..<end, "tempo: \(Int(bpm.rounded())) bpm")
    }
  }

  /// How many words of "beats per minute" stand at an index.
  private func tempoUnit(at index: Int) -> Int {
    if words[index] == "bpm" || words[index] == "bpms" { return 1 }
    if words[index] == "b", words[index + 1] == "p", words[index + 2] == "m" { return 3 }
    guard words[index] == "beats" || words[index] == "quarter" else { return 0 }
    let per = words[index] == "quarter" ? index + 2 : index + 1
    if ["per", "a", "in", "/", "each"].contains(words[per]),
      Self.minuteWords.contains(words[per + 1])
        || words[per + 1] == "a" && Self.minuteWords.contains(words[per + 2])
    {
      return per + 2 - index
    }
    return 0
  }
}
