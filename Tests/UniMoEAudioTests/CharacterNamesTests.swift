import Testing

@testable import UniMoEAudio

@Suite struct CharacterNamesTests {
  @Test(arguments: [
    ("a.#", "ay, dot, hash."),
    ("Wz9", "capital double-you, zee, nine."),
    ("C:\\ ", "capital see, colon, backslash, space."),
    ("é", "ee with acute."), ("Ü", "capital you with diaeresis."), ("ß", "latin small letter sharp s."),
    ("λ", "greek small letter lamda."), ("😀", "grinning face."), ("e\u{301}", "ee with acute accent."),
    ("\u{7}", "control character."), ("a\r\nb", "ay, new line, bee."), ("", ""),
  ])
  func everyCharacterIsSaidByItsName(text: String, spoken: String) {
    #expect(CharacterNames.spoken(text) == spoken)
  }

  @Test func everyPrintableASCIICharacterHasANameOfLetters() {
    for value in UInt8(32)...126 {
      let name = CharacterNames.name(of: Character(Unicode.Scalar(value)))
      #expect(name.allSatisfy { $0.isLetter || $0 == " " || $0 == "-" } && !name.isEmpty, "\(value): \(name)")
    }
  }
}
