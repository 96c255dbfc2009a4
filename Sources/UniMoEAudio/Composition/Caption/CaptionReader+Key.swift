/// Key and mode.
extension CaptionReader {
  private static let letters: [Character: Int] = ["c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11]
  private static let modes: [String: MusicalKey.Scale] = [
    "major": .major, "maj": .major, "minor": .minor, "min": .minor, "m": .minor, "dorian": .dorian,
    "mixolydian": .mixolydian, "lydian": .lydian, "phrygian": .phrygian, "aeolian": .minor, "ionian": .major,
  ]
  /// Words before which "a minor" is no key but an article.
  private static let afterKey: Set<String> = [
    "", "with", "for", "at", "and", "on", "by", "played", "without", "no", "of", "in", "but", "please", "from", "as",
    "over",
    "using", "featuring", "solo", "/",
  ]

  mutating func readKeys() {
    for index in words.words.indices where !words.isUsed[index] {
      guard let (tonic, scale, count) = key(at: index) else { continue }
      var start = index
      while start > 0, ["in", "key", "of", "the", "=", "scale"].contains(words[start - 1]), !words.isUsed[start - 1] {
        start -= 1
      }
      attributes.tonic = tonic
      var meaning = "key: \(MusicalKey.tonics[tonic])"
      if let scale {
        attributes.mode = scale.mode
        if scale != .major, scale != .minor { attributes.scale = scale }
        meaning += " \(scale.rawValue)"
      }
      let end = words[index + count] == "key" ? index + count + 1 : index + count
      note(start..<end, meaning)
      return
    }
    for index in words.words.indices where !words.isUsed[index] {
      if let scale = Self.modes[words[index]], scale != .major, scale != .minor {
        (attributes.scale, attributes.mode) = (scale, scale.mode)
        note(index..<index + 1, "mode: \(scale.rawValue)")
      }
    }
  }

  /// A key that is named at an index: its tonic, its scale if it is said, and how many words it takes.
  private func key(at index: Int) -> (tonic: Int, scale: MusicalKey.Scale?, count: Int)? {
    let word = words[index]
    guard let first = word.first, let letter = Self.letters[first], word.count <= 8 else { return nil }
    var (tonic, count, suffix) = (letter, 1, word.dropFirst())
    if let sign = suffix.first, sign == "#" || sign == "b" && suffix.count != 1 || sign == "b" && suffix.count == 1 {
      tonic += sign == "#" ? 1 : -1
      suffix = suffix.dropFirst()
    }
    let isLed = ["in", "of", "key"].contains(words[index - 1]) || words[index - 1] == "=" && words[index - 2] == "key"
    let isCapital = words.words[index].original.first?.isUppercase ?? false
    if !suffix.isEmpty {
      // "Am", "F#min": "am" and "em" are words, too.
      guard let scale = Self.modes[String(suffix)], isCapital || isLed || suffix.count > 1 && word.count > 3 else {
        return nil
      }
      return ((tonic + 12) % 12, scale, 1)
    }
    let accidental = words[index + 1]
    if word.count == 1, accidental == "sharp" || accidental == "flat" || accidental == "#" {
      tonic += accidental == "flat" ? -1 : 1
      count = 2
    }
    let isPlain = count == 1 && word.count == 1
    if let scale = Self.modes[words[index + count]], !words.startsPhrase(index + count),
      words[index + count] != "m" || !isPlain
    {
      let after = words.startsPhrase(index + count + 1) ? "" : words[index + count + 1]
      let isArticle =
        isPlain && first == "a" && !(isCapital && index > 0 && !words.startsPhrase(index))
        && !Self.afterKey.contains(after)
      return isArticle ? nil : ((tonic + 12) % 12, scale, count + 1)
    }
    // "B flat" may stand alone.
    if !isPlain, words.startsPhrase(index), words.startsPhrase(index + count) { return ((tonic + 12) % 12, nil, count) }
    guard isLed, !(isPlain && first == "a" && !isCapital) else { return nil }
    let after = words.startsPhrase(index + count) ? "" : words[index + count]
    return isPlain && !isCapital && !Self.afterKey.contains(after) ? nil : ((tonic + 12) % 12, nil, count)
  }
}
