import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct TokenizerTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try Tokenizer(directory: ReferenceFixtures.model) }

  private func pieces(_ text: String) -> [String] {
    var pieces: [String] = []
    PreTokenizer(Array(text.utf8)[...]).forEach { pieces.append(String(decoding: $0, as: UTF8.self)) }
    return pieces
  }

  @Test(arguments: [
    ("I'm she'LL", ["I", "'m", " she", "'LL"]),
    ("'\u{17F}x ''s 'x", ["'\u{17F}", "x", " ''", "s", " '", "x"]),
    ("'r 're 'l", ["'r", " '", "re", " '", "l"]),
    ("a  b\t\tc", ["a", " ", " b", "\t", "\tc"]),
    ("a \r\n \n  b", ["a", " \r\n \n", " ", " b"]),
    ("end.\n\n  next", ["end", ".\n\n", " ", " next"]),
    ("tail   ", ["tail", "   "]),
    ("x12½²", ["x", "1", "2", "½", "²"]),
    (" ?! \u{A0}?", [" ?!", " ", "\u{A0}", "?"]),
    ("\u{3000}全\u{85}角", ["\u{3000}全", "\u{85}角"]),
    ("e\u{327}\u{301}x", ["e", "\u{327}\u{301}", "x"]),
    ("\u{200B}a\0b", ["\u{200B}a", "\0b"]),
  ])
  func textIsCutAsThePatternDoes(_ text: String, _ expected: [String]) {
    #expect(pieces(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test(arguments: [
    ("e\u{301}", "\u{E9}"), ("e\u{301}\u{327}", "\u{229}\u{301}"), ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"),
    ("\u{AC00}\u{11A7}", "\u{AC00}\u{11A7}"), ("\u{212B}\u{2126}", "\u{C5}\u{3A9}"), ("\u{958}", "\u{915}\u{93C}"),
    ("\u{344}", "\u{308}\u{301}"), ("\u{2ADC}", "\u{2ADD}\u{338}"), ("\u{1D15E}", "\u{1D157}\u{1D165}"),
    ("x\u{325}\u{F73}\u{35B}", "x\u{F71}\u{F72}\u{325}\u{35B}"), ("<\u{338}", "\u{226E}"),
    ("\u{9C7}\u{9BE}", "\u{9CB}"), ("\u{FB1D}", "\u{5D9}\u{5B4}"),
  ])
  func textIsComposedCanonically(_ text: String, _ composed: String) {
    #expect(CanonicalComposition.utf8(text) == Array(composed.utf8))
  }

  @Test func longRunsOfMarksAreOrderedLikeShortOnes() {
    for count in [20, 5000] {
      let text = "a" + String(repeating: "\u{301}\u{327}\u{F73}\u{344}", count: count)
      let marks = [
        String(repeating: "\u{F71}", count: count), String(repeating: "\u{F72}", count: count),
        String(repeating: "\u{327}", count: count), String(repeating: "\u{301}\u{308}\u{301}", count: count),
      ]
      let ordered = "\u{E1}" + marks[0] + marks[1] + marks[2] + String(marks[3].unicodeScalars.dropFirst())
      #expect(CanonicalComposition.utf8(text) == Array(ordered.utf8))
    }
  }

  private struct Case: Decodable {
    let text: String
    let ids: [Int32]
  }

  /// Texts and ids from Tests/tools/tokenizer_cases.py.
  @Test func randomTextsGiveThePublicTokenizersIds() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: tests.appendingPathComponent("Fixtures/tokenizer_cases.json"))
    let cases = try JSONDecoder().decode([Case].self, from: data)
    let tokenizer = try Tokenizer(directory: tests.appendingPathComponent("Reference/tiny-model").path)
    #expect(cases.count >= 300)
    for example in cases { #expect(tokenizer.encode(example.text) == example.ids, "\(quoted(example.text))") }
  }

  @Test func brokenBytesAreReadAsReplacementCharacters() {
    let examples: [([UInt8], String)] = [
      ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0xE4, 0xBD, 0x61], "\u{FFFD}a"),
      ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
      ([0xF0, 0x9F, 0x98], "\u{FFFD}"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"), ([0xF4, 0x90], "\u{FFFD}\u{FFFD}"),
    ]
    for (bytes, text) in examples { #expect(tokenizer.encode(bytes: bytes) == tokenizer.encode(text)) }
  }

  @Test func everyByteHasATokenAndComesBack() {
    for byte in UInt8.min...0x7F {
      let text = String(Unicode.Scalar(byte))
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }
    for byte in UInt8(0x80)...UInt8.max {
      let id = tokenizer.id(of: ByteAlphabet.spelling(of: [byte]))
      #expect(id.map { tokenizer.decode([$0]) } == "\u{FFFD}")
    }
  }

  @Test func idsThatNoTokenHasGiveNothing() {
    #expect(tokenizer.decode([-1, Int32.max, Int32(tokenizer.idBound)]) == "")
    #expect(tokenizer.token(of: Int32(tokenizer.idBound)) == nil)
    #expect(tokenizer.id(of: "no such token") == nil)
  }

  @Test func namesOfControlTokensCanBeOrdinaryText() {
    for text in tokenizer.added.ids.keys.map({ String(decoding: $0, as: UTF8.self) }) {
      let ids = tokenizer.encode("a\(text)b", allowingSpecial: false)
      #expect(ids.allSatisfy { tokenizer.added.texts[$0] == nil })
      #expect(tokenizer.decode(ids) == "a\(text)b")
    }
  }

  @Test func longestAddedTokenWins() throws {
    var added = AddedTokens()
    let first = tokenizer.idBound
    for (index, text) in ["<a", "<a>", "<a>b<c"].enumerated() {
      try added.add(Array(text.utf8), id: first + index, vocabulary: tokenizer.vocabulary, path: "added")
    }
    func match(_ text: String) -> Int32? { added.longestMatch(in: Array(text.utf8)[...], at: 0)?.id }
    #expect(match("<a>b<c>") == Int32(first + 2))
    #expect(match("<a>b<d>") == Int32(first + 1))
    #expect(match("<ab") == Int32(first))
    #expect(match("<b") == nil)
  }

  @Test func longWordsTakeTimeInProportion() {
    let clock = ContinuousClock()
    var state: UInt32 = 1
    let letters: [UInt8] = (0..<100_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(ascii: "a") + UInt8(state >> 24) % 26
    }
    var ids: [Int32] = []
    let time = clock.measure { ids = tokenizer.encode(bytes: letters) }
    #expect(Array(tokenizer.decode(ids).utf8) == letters)
    #expect(time < .seconds(20), "a quadratic merge takes minutes")
  }

  @Test func allOccurrencesOfAPairAreMergedBeforeWhatTheyMake() throws {
    // "ab" makes a pair of an earlier rank, which waits until every "a b" is merged.
    let merges = "ab a\na b\n"
    var vocabulary = (UInt8.min...UInt8.max).map { ByteAlphabet.spelling(of: [$0]) } + ["ab", "aba"]
    let table = vocabulary.enumerated().map { "\(jsonString($1)): \($0)" }.joined(separator: ",")
    let tokenizer = try TokenizerFiles(vocabulary: "{\(table)}", merges: merges, added: "{\"<|endoftext|>\": 258}")
      .open()
    vocabulary.append("<|endoftext|>")
    #expect(tokenizer.encode("aba").map { vocabulary[Int($0)] } == ["aba"])
    #expect(tokenizer.encode("abab").map { vocabulary[Int($0)] } == ["ab", "ab"])
    #expect(tokenizer.encode("aaba").map { vocabulary[Int($0)] } == ["a", "aba"])
  }
}
