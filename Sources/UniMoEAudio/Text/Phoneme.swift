/// A phoneme of American English as CMUdict writes it (ARPAbet); a vowel with its stress.
///
/// Source: the CMU Pronouncing Dictionary.
public struct Phoneme: Hashable, Sendable, CustomStringConvertible {
  /// The place in `names`.
  public let code: UInt8

  /// Every phoneme: the vowels with stress 0 (none), 1 (primary) and 2 (secondary), then the consonants.
  public static let names: [String] =
    vowels.flatMap { vowel in ["0", "1", "2"].map { vowel + $0 } } + consonants

  private static let vowels = [
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW",
  ]
  private static let consonants = [
    "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W", "Y",
    "Z", "ZH",
  ]
  private static let codes = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt8($0)) })

  /// The phoneme of a code; `nil` if there is none.
  init?(code: UInt8) {
    guard Int(code) < Self.names.count else { return nil }
    self.code = code
  }

  /// The phoneme of a name in either case. A vowel without stress has primary stress.
  public init?(_ name: String) {
    let name = name.uppercased()
    guard let code = Self.codes[name] ?? Self.codes[name + "1"] else { return nil }
    self.code = code
  }

  /// The name, as `AH0` or `K`.
  public var name: String { Self.names[Int(code)] }
  /// The name.
  public var description: String { name }
  /// Whether it is a vowel.
  public var isVowel: Bool { Int(code) < Self.vowels.count * 3 }
  /// A vowel's stress, 0 to 2; `nil` of a consonant.
  public var stress: Int? { isVowel ? Int(code) % 3 : nil }

  /// A vowel with another stress; a consonant stays as it is.
  func stressed(_ stress: Int) -> Phoneme {
    isVowel ? Phoneme(code: code / 3 * 3 + UInt8(stress)) ?? self : self
  }

  /// The phonemes of names between spaces; the first name that is none is thrown.
  static func list(_ text: some StringProtocol) throws(UnknownPhoneme) -> [Phoneme] {
    var phonemes: [Phoneme] = []
    for name in text.split(whereSeparator: \.isWhitespace) {
      guard let phoneme = Phoneme(String(name)) else { throw UnknownPhoneme(name: String(name)) }
      phonemes.append(phoneme)
    }
    return phonemes
  }

  /// A name that is no phoneme's.
  struct UnknownPhoneme: Error {
    let name: String
  }
}
