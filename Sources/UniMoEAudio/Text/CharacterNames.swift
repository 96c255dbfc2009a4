/// What characters are called, for texts that are spoken character by character: a password, an identifier, the key that
/// somebody typed.
public enum CharacterNames {
  /// A text that says the names of another text's characters: "a.#" gives "ay, dot, hash."
  public static func spoken(_ text: some StringProtocol) -> String {
    let names = text.map(name)
    return names.isEmpty ? "" : names.joined(separator: separator) + "."
  }

  /// What stands between two names.
  static let separator = ", "

  /// What a character is called in English: letters by name, signs as programmers and screen readers call them, others
  /// as Unicode does.
  static func name(of character: Character) -> String {
    if character.isNewline { return "new line" }
    if let name = signs[character] { return name }
    if let name = letter(character) { return name }
    return character.unicodeScalars.map(unicodeName).joined(separator: " with ").replacing(
      "with combining ", with: "with ")
  }

  private static func letter(_ character: Character) -> String? {
    guard let ascii = character.asciiValue, character.isLetter else { return nil }
    let name = letters[Int(ascii | 0x20) - Int(UInt8(ascii: "a"))]
    return character.isUppercase ? "capital " + name : name
  }

  /// The Unicode name in lower case; a Latin letter's, such as "LATIN SMALL LETTER E WITH ACUTE", by the letter's own name.
  private static func unicodeName(_ scalar: Unicode.Scalar) -> String {
    guard let name = scalar.properties.name ?? scalar.properties.nameAlias else {
      return scalar.properties.generalCategory == .control
        ? "control character" : "character " + hexadecimalDigits(scalar.value)
    }
    for (prefix, form) in [("LATIN SMALL LETTER ", ""), ("LATIN CAPITAL LETTER ", "capital ")]
    where name.hasPrefix(prefix) {
      let words = name.dropFirst(prefix.count).split(separator: " ")
      if let first = words.first, first.count == 1,
        let letter = first.first.flatMap({ Self.letter($0.lowercased().first ?? $0) })
      {
        return form + ([letter] + words.dropFirst().map { $0.lowercased() }).joined(separator: " ")
      }
    }
    return name.lowercased()
  }

  /// A code point digit by digit: "four e zero zero".
  private static func hexadecimalDigits(_ value: UInt32) -> String {
    String(value, radix: 16).map(name).joined(separator: " ")
  }

  /// Names of a to z, spelt as they are said.
  private static let letters = [
    "ay", "bee", "see", "dee", "ee", "eff", "gee", "aitch", "eye", "jay", "kay", "ell", "em", "en", "oh", "pee", "cue",
    "ar", "ess", "tee", "you", "vee", "double-you", "ex", "why", "zee",
  ]

  private static let signs: [Character: String] = [
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
    "8": "eight", "9": "nine",
    " ": "space", "\t": "tab", "\u{A0}": "space",
    ".": "dot", ",": "comma", ":": "colon", ";": "semicolon", "!": "exclamation mark", "?": "question mark",
    "'": "apostrophe", "\"": "quote", "`": "backtick", "‘": "left quote", "’": "right quote", "“": "left double quote",
    "”": "right double quote", "(": "left parenthesis", ")": "right parenthesis", "[": "left bracket",
    "]": "right bracket", "{": "left brace", "}": "right brace", "<": "less than", ">": "greater than",
    "-": "dash", "–": "en dash", "—": "em dash", "_": "underscore", "/": "slash", "\\": "backslash", "|": "bar",
    "@": "at", "#": "hash", "$": "dollar", "%": "percent", "&": "and", "*": "star", "+": "plus", "=": "equals",
    "^": "caret", "~": "tilde", "…": "ellipsis", "•": "bullet", "·": "middle dot", "°": "degrees", "§": "section",
    "©": "copyright", "®": "registered", "™": "trademark", "€": "euro", "£": "pound", "¥": "yen", "¢": "cent",
    "¿": "inverted question mark", "¡": "inverted exclamation mark", "×": "times", "÷": "divided by",
  ]
}
