extension Normalizer {
  /// What is said for a text that is spoken character by character: the characters' names, each in its character's place.
  public static func spell(_ text: String) throws(UniMoEError) -> NormalizedText {
    var result = try Normalizer(isVerbatim: true).normalize(CharacterNames.spoken(text))
    /// Where the name of each character ends, and where the character stands.
    var names: [(end: Int, source: Range<Int>, bytes: Range<Int>)] = []
    var (place, source, byte) = (0, 0, 0)
    for character in text {
      let name = CharacterNames.name(of: character).unicodeScalars.count
      let (scalars, bytes) = (character.unicodeScalars.count, character.utf8.count)
      names.append((place + name, source..<source + scalars, byte..<byte + bytes))
      (place, source, byte) = (place + name + CharacterNames.separator.count, source + scalars, byte + bytes)
    }
    var name = 0
    for index in result.words.indices {
      while name + 1 < names.count, names[name].end <= result.words[index].place.lowerBound { name += 1 }
      (result.words[index].source, result.words[index].bytes) = (names[name].source, names[name].bytes)
    }
    return result
  }
}
