/// Words that are made of others: possessives, plurals, -ed and -ing, words put together.
struct WordForms {
  let lexicon: Lexicon
  /// Which of the lexicon's words may be used.
  var mayUse: @Sendable (String) -> Bool = { _ in true }

  /// The phonemes of a word in lower case: as listed, made of others, or as its letters sound.
  func phonemes(of word: String) -> [Phoneme] { listed(word) ?? unlisted(word) }

  /// The phonemes of a word that is not listed.
  func unlisted(_ word: String) -> [Phoneme] {
    if let phonemes = clitic(word) ?? suffixed(word) ?? prefixed(word) ?? compound(word) { return phonemes }
    let letters = word.filter { $0 != "'" }
    if let one = letters.first, letters.count == 1 { return lexicon.pronunciations(of: "\(one).").first ?? [] }
    return lexicon.letterToSound.phonemes(of: letters)
  }

  private func listed(_ word: String) -> [Phoneme]? { pronunciations(word).first }

  private func pronunciations(_ word: String) -> [[Phoneme]] { mayUse(word) ? lexicon.pronunciations(of: word) : [] }

  // MARK: Endings

  private static func list(_ names: String) -> [Phoneme] {
    names.split(separator: " ").compactMap { Phoneme(String($0)) }
  }
  private static let sibilants = Set(list("S Z SH ZH CH JH"))
  private static let voiceless = Set(list("P T K F TH S SH CH HH"))
  private static let (s, z, iz) = (list("S"), list("Z"), list("IH0 Z"))
  private static let (t, d, id) = (list("T"), list("D"), list("IH0 D"))

  /// A noun or verb with its ending -s.
  static func withS(_ phonemes: [Phoneme]) -> [Phoneme] {
    guard let last = phonemes.last else { return phonemes }
    return phonemes + (sibilants.contains(last) ? iz : voiceless.contains(last) ? s : z)
  }

  /// A verb with its ending -ed.
  private static func withD(_ phonemes: [Phoneme]) -> [Phoneme] {
    guard let last = phonemes.last else { return phonemes }
    return phonemes + (t.contains(last) || d.contains(last) ? id : voiceless.contains(last) ? t : d)
  }

  private static let clitics = [
    "'ll": list("AH0 L"), "'ve": list("AH0 V"), "'re": list("ER0"), "'d": list("D"), "'m": list("M"),
    "n't": list("AH0 N T"),
  ]

  /// Names and nouns with `'s`, `'ll` and their like; also of words that are not listed themselves.
  private func clitic(_ word: String) -> [Phoneme]? {
    guard word.contains("'") else { return nil }
    if word.hasSuffix("'s") { return Self.withS(phonemes(of: String(word.dropLast(2)))) }
    for (ending, phonemes) in Self.clitics where word.hasSuffix(ending) && word.count > ending.count {
      return self.phonemes(of: String(word.dropLast(ending.count))) + phonemes
    }
    return nil
  }

  private static let endings: [(ending: String, phonemes: [Phoneme])] = [
    ("ing", list("IH0 NG")), ("ers", list("ER0 Z")), ("ness", list("N AH0 S")), ("ship", list("SH IH2 P")),
    ("less", list("L AH0 S")), ("ful", list("F AH0 L")), ("town", list("T AW2 N")), ("like", list("L AY2 K")),
    ("wise", list("W AY2 Z")),
  ]

  private func suffixed(_ word: String) -> [Phoneme]? {
    guard word.count > 3 else { return nil }
    if word.hasSuffix("s"), !word.hasSuffix("ss"), let base = plural(word) { return Self.withS(base) }
    if word.hasSuffix("ed"), let found = likeliest(stems(word, dropping: 2).map(Self.withD), word) { return found }
    if word.hasSuffix("ly"), let phonemes = adverb(word) { return phonemes }
    for (ending, phonemes) in Self.endings where word.hasSuffix(ending) {
      if let found = likeliest(stems(word, dropping: ending.count).map { $0 + phonemes }, word) { return found }
    }
    return nil
  }

  private func plural(_ word: String) -> [Phoneme]? {
    if word.hasSuffix("ies"), let base = listed(word.dropLast(3) + "y") { return base }
    if let base = longEnough(word.dropLast(1)) { return base }
    return word.hasSuffix("es") ? longEnough(word.dropLast(2)) : nil
  }

  private func longEnough(_ word: Substring) -> [Phoneme]? { word.count > 2 ? listed(String(word)) : nil }

  /// How what stands before an ending sounds: as it is, with a silent e, with a letter less, with y for i.
  private func stems(_ word: String, dropping count: Int) -> [[Phoneme]] {
    let base = word.dropLast(count)
    guard base.count > 2 else { return [] }
    for candidate in isShort(base) ? [base + "e", String(base)] : [String(base), base + "e"] {
      let found = pronunciations(candidate)
      if !found.isEmpty { return found }
    }
    if base.last == "i" { return pronunciations(base.dropLast() + "y") }
    guard let last = base.last, last == base.dropLast().last, base.count > 3 else { return [] }
    return pronunciations(String(base.dropLast()))
  }

  /// The reading that a word's letters tell, as of "to convert" before -ed; the first one if they tell another.
  private func likeliest(_ readings: [[Phoneme]], _ word: String) -> [Phoneme]? {
    guard readings.count > 1 else { return readings.first }
    let told = lexicon.letterToSound.phonemes(of: word).map { $0.stressed(0) }
    return readings.first { $0.map { $0.stressed(0) } == told } ?? readings.first
  }

  /// Whether a verb that ends so doubles its last letter before an ending: what has only one there lost an e.
  private func isShort(_ base: Substring) -> Bool {
    let letters = base.suffix(3).map { "aeiou".contains($0) }
    return letters == [false, true, false] && !"wxy".contains(base.last ?? "x")
  }

  private static let l = list("L")
  private static let ly = list("L IY0")
  private static let al = list("AH0 L")

  private func adverb(_ word: String) -> [Phoneme]? {
    if let base = longEnough(word.dropLast(2)) {
      return base.suffix(1) == Self.l[...] ? base + Self.ly.suffix(1) : base + Self.ly
    }
    if word.hasSuffix("ily"), let base = listed(word.dropLast(3) + "y") {
      return base.dropLast() + [Self.al[0]] + Self.ly
    }
    if let base = listed(word.dropLast(1) + "e"), base.suffix(2) == Self.al[...] { return base.dropLast(2) + Self.ly }
    return nil
  }

  // MARK: Beginnings and compounds

  private static let beginnings: [(beginning: String, phonemes: [Phoneme])] = [
    ("un", list("AH0 N")), ("over", list("OW2 V ER0")), ("under", list("AH2 N D ER0")), ("inter", list("IH2 N T ER0")),
    ("super", list("S UW2 P ER0")), ("out", list("AW2 T")), ("non", list("N AA0 N")),
    ("micro", list("M AY2 K R OW0")), ("multi", list("M AH2 L T IY0")),
  ]

  private func prefixed(_ word: String) -> [Phoneme]? {
    for (beginning, phonemes) in Self.beginnings where word.hasPrefix(beginning) {
      let rest = word.dropFirst(beginning.count)
      if rest.count > 3, let base = listed(String(rest)) ?? suffixed(String(rest)) { return phonemes + base }
    }
    return nil
  }

  private static let shortestPart = 5

  /// Two words in one, the second of which has no more than secondary stress.
  private func compound(_ word: String) -> [Phoneme]? {
    guard word.count >= 2 * Self.shortestPart else { return nil }
    for length in Self.shortestPart...(word.count - Self.shortestPart) {
      if let first = listed(String(word.prefix(length))), let second = listed(String(word.dropFirst(length))) {
        return first + second.map { $0.stress == 1 ? $0.stressed(2) : $0 }
      }
    }
    return nil
  }
}
