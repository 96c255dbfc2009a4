import Foundation
import Testing

@testable import UniMoEAudio

/// The lexicon that ships, measured against CMUdict's own pronunciations and a table of heteronyms.
@Suite struct LexiconTests {
  private static let tree = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let path = tree.appendingPathComponent("models/default/lexicon.bin").path
  private let lexicon: Lexicon

  init() throws { lexicon = try Lexicon(path: Self.path) }

  private static func rows(_ file: String) throws -> [[String]] {
    let text = try String(contentsOf: tree.appendingPathComponent("Tests/Fixtures/text/" + file), encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      line.split(separator: "\t").map(String.init)
    }
  }

  /// Words that the letter-to-sound model never saw, and their pronunciations; every eighth one without optimisation,
  /// where all of them would take minutes.
  private static func heldOut() throws -> [(word: String, listed: [[Phoneme]])] {
    #if DEBUG
      let step = 8
    #else
      let step = 1
    #endif
    let rows = try rows("held-out-words.tsv")
    return try stride(from: 0, to: rows.count, by: step).map { index in
      (rows[index][0], try rows[index][1].split(separator: "|").map { try Phoneme.list($0) })
    }
  }

  private func phonemes(_ text: String) throws -> [String: String] {
    let normalized = try Normalizer().normalize(text)
    let found = Pronouncer(lexicon: lexicon).phonemes(of: normalized)
    return Dictionary(
      zip(normalized.words.map(\.spoken), found.map { $0.map(\.name).joined(separator: " ") }),
      uniquingKeysWith: { first, _ in first })
  }

  @Test func lexiconAndModelTakeTwoMegabytesAtTheMost() throws {
    let size = try FileManager.default.attributesOfItem(atPath: Self.path)[.size] as? Int
    #expect(try #require(size) <= 2_000_000 && lexicon.wordCount > 120_000)
  }

  @Test func listedWordsSoundAsCMUdictSays() throws {
    for (word, listed) in try Self.heldOut() {
      #expect(lexicon.pronunciations(of: word) == listed, "\(word)")
    }
    #expect(lexicon.pronunciations(of: "xyzzyx").isEmpty && lexicon.pronunciations(of: "").isEmpty)
  }

  /// Words right and phonemes right, stress ignored, any listed pronunciation accepted.
  private func share(_ sound: (String) -> [Phoneme]) throws -> (words: Double, phonemes: Double) {
    var (right, wrongPhonemes, allPhonemes) = (0, 0, 0)
    let rows = try Self.heldOut()
    for (word, pronunciations) in rows {
      let found = sound(word).map { $0.stressed(0) }
      let listed = pronunciations.map { $0.map { $0.stressed(0) } }
      if listed.contains(found) { right += 1 }
      let nearest = try #require(listed.map { (Self.distance(found, $0), $0.count) }.min { $0.0 < $1.0 })
      wrongPhonemes += nearest.0
      allPhonemes += nearest.1
    }
    return (Double(right) / Double(rows.count), 1 - Double(wrongPhonemes) / Double(allPhonemes))
  }

  private static func distance(_ one: [Phoneme], _ other: [Phoneme]) -> Int {
    var row = Array(0...other.count)
    for (index, phoneme) in one.enumerated() {
      var next = [index + 1]
      for (place, second) in other.enumerated() {
        next.append(min(next[place] + 1, row[place + 1] + 1, row[place] + (phoneme == second ? 0 : 1)))
      }
      row = next
    }
    return row[other.count]
  }

  private static func isHeldOut(_ word: String) -> Bool {
    word.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 } % 10 == 0
  }

  @Test func wordsThatTheModelNeverSawAreMostlyRight() throws {
    #if DEBUG
      // Of an eighth of the words the share of phonemes is uncertain by 0.007.
      let least = (words: 0.70, phonemes: 0.92)
    #else
      let least = (words: 0.73, phonemes: 0.933)
    #endif
    let alone = try share { lexicon.letterToSound.phonemes(of: $0) }
    #expect(alone.words >= least.words && alone.phonemes >= least.phonemes, "\(alone)")
    let forms = WordForms(lexicon: lexicon, mayUse: { !Self.isHeldOut($0) })
    let whole = try share { forms.unlisted($0) }
    #expect(whole.words >= least.words && whole.phonemes >= least.phonemes, "\(whole)")
  }

  @Test func neighboursTellHeteronymsApart() throws {
    let rows = try Self.rows("heteronyms.tsv")
    let wrong = try rows.filter { try phonemes($0[0])[$0[1]] != $0[2] }
    #expect(rows.count > 90 && wrong.count <= 3, "\(wrong.map { $0.joined(separator: " | ") }.joined(separator: "\n"))")
  }

  @Test func figuresThatStayAsTheyAreWrittenAreReadDigitByDigit() throws {
    let text = try Normalizer(isVerbatim: true).normalize("Room 42")
    let found = Pronouncer(lexicon: lexicon).phonemes(of: text).map { $0.map(\.name).joined(separator: " ") }
    #expect(found == ["R UW1 M", "F AO1 R T UW1"])
  }

  @Test(arguments: [
    ("JACK's", "jack's", "JH AE1 K S"), ("the daemons", "daemons", "D IY1 M AH0 N Z"),
    ("unmuted", "unmuted", "AH0 N M Y UW1 T IH0 D"),
    ("tweeting", "tweeting", "T W IY1 T IH0 NG"), ("well-known", "known", "N OW1 N"), ("A B", "b", "B IY1"),
  ])
  func wordsAreMadeOfOthers(_ text: String, _ word: String, _ expected: String) throws {
    #expect(try phonemes(text)[word] == expected)
  }

  @Test func ownWordsComeFirst() throws {
    let own = try UserWords(text: "# names\nNguyen W IH1 N  # a name\nhello HH AH0 L OW1\n", path: "words.txt")
    let text = try Normalizer().normalize("Nguyen's hello")
    let found = Pronouncer(lexicon: lexicon, own: own).phonemes(of: text).map { $0.map(\.name) }
    #expect(found == [["W", "IH1", "N", "Z"], ["HH", "AH0", "L", "OW1"]])
    let error = #expect(throws: UniMoEError.self) { try UserWords(text: "a AH0\nb QQ\n", path: "words.txt") }
    #expect(error?.description == "words.txt: line 2: expected phonemes of CMUdict such as HH AH0 L OW1, found \"QQ\"")
  }

  @Test func brokenLexiconsAreRefused() throws {
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Self.path)))
    #expect(throws: UniMoEError.self) { try Lexicon(SharedBytes(copying: []), path: "lexicon.bin") }
    #expect(throws: UniMoEError.self) { try Lexicon(SharedBytes(copying: whole.dropLast(4000)), path: "lexicon.bin") }
    for place in [0, 8, 16, 20, 24, 28, 32] {
      var broken = whole
      broken[place] ^= 0x15
      #expect(throws: UniMoEError.self, "byte \(place)") {
        try Lexicon(SharedBytes(copying: broken), path: "lexicon.bin")
      }
    }
  }

  @Test func nGramsOutOfOrderAreRefused() throws {
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Self.path)))
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) } }
    let model = 36 + (number(16) + 15) / 16 * 4 + number(20) + number(24) + number(28)
    let (symbols, ngrams, contexts) = (number(model + 4), number(model + 8), number(model + 12))
    let lastSymbols = model + 16 + 4 * ((ngrams + 31) / 32 + (contexts + 31) / 32)
    bytes.swapAt(lastSymbols + symbols, lastSymbols + symbols + 1)
    let broken = bytes
    let error = #expect(throws: UniMoEError.self) { try Lexicon(SharedBytes(copying: broken), path: "lexicon.bin") }
    #expect(error?.description.contains("ascending symbols behind n-gram 0") == true)
  }
}
