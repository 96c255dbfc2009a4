/// How long the music is to be.
extension CaptionReader {
  static let secondWords: Set<String> = ["s", "sec", "secs", "second", "seconds"]
  static let minuteWords: Set<String> = ["min", "mins", "minute", "minutes"]

  mutating func readLengths() {
    for index in words.words.indices where !words.isUsed[index] {
      if words[index].contains(":"), let length = Self.clock(words[index]) {
        setSeconds(length, index..<index + 1)
      } else if let (value, count) = words.number(at: index), !words.isUsed[index] {
        let unit = words[index + count]
        if Self.secondWords.contains(unit), !isDecade(index, value, unit) {
          setSeconds(value, index..<index + count + 1)
        } else if Self.minuteWords.contains(unit) {
          minutes(value, index, count + 1)
        } else if ["bar", "bars", "measure", "measures"].contains(unit), words[index + count + 1] != "blues",
          (1...1000).contains(value)
        {
          attributes.bars = Int(value)
          note(index..<index + count + 1, "length: \(Int(value)) bars")
        }
      } else if words.matches(["half", "a", "minute"], at: index) {
        setSeconds(30, index..<index + 3)
      } else if words.matches(["a", "minute"], at: index) || words.matches(["a", "min"], at: index) {
        minutes(1, index, 2)
      } else if words.matches(["a", "couple", "of", "minutes"], at: index) {
        setSeconds(120, index..<index + 4)
      }
    }
  }

  private mutating func minutes(_ value: Double, _ index: Int, _ count: Int) {
    var (seconds, end) = (value * 60, index + count)
    if words.matches(["and", "a", "half"], at: end) {
      (seconds, end) = (seconds + 30, end + 3)
    } else {
      let and = words[end] == "and" ? 1 : 0
      if let (more, count) = words.number(at: end + and), Self.secondWords.contains(words[end + and + count]) {
        (seconds, end) = (seconds + more, end + and + count + 1)
      }
    }
    setSeconds(seconds, index..<end)
  }

  private mutating func setSeconds(_ seconds: Double, _ range: Range<Int>) {
    guard seconds > 0, seconds <= Brief.lengths.upperBound else { return }
    attributes.seconds = seconds
    note(range, "length: \(seconds) s")
  }

  /// "80s rock" is rock of a decade; "60s of rock" is a minute of it.
  private func isDecade(_ index: Int, _ value: Double, _ unit: String) -> Bool {
    let next = index + 2
    guard unit == "s", value >= 50, value.truncatingRemainder(dividingBy: 10) == 0 || value >= 1900 else {
      return false
    }
    guard value < 1900, words.words.indices.contains(next) else { return value >= 1900 }
    return !words.words[next].startsPhrase
      && !["long", "of", "piece", "clip", "with", "in", "at"].contains(words[next])
  }

  private static func clock(_ text: String) -> Double? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, parts[1].count == 2, let minutes = Int(parts[0]), let seconds = Int(parts[1]), minutes < 60,
      seconds < 60
    else { return nil }
    return Double(60 * minutes + seconds)
  }
}
