import Testing

@testable import UniMoEAudio

@Suite struct SentenceSplitterTests {
  @Test(arguments: [
    ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
    ("  One sentence without an end  ", ["One sentence without an end"]),
    ("Dr. Smith met Mrs. Jones. They talked.", ["Dr. Smith met Mrs. Jones.", "They talked."]),
    ("J. S. Bach wrote it. Listen.", ["J. S. Bach wrote it.", "Listen."]),
    ("Pi is 3.14159. It goes on.", ["Pi is 3.14159.", "It goes on."]),
    ("Version 2.0 costs $1.50. Buy it.", ["Version 2.0 costs $1.50.", "Buy it."]),
    ("See e.g. Mozart, i.e. the best. No. 5 is fine.", ["See e.g. Mozart, i.e. the best.", "No. 5 is fine."]),
    ("No. That is wrong.", ["No.", "That is wrong."]),
    ("At 5 p.m. we left. At 6 p.m. They came.", ["At 5 p.m. we left.", "At 6 p.m.", "They came."]),
    ("Wait... what? Well… Yes.", ["Wait... what?", "Well…", "Yes."]),
    ("“Stop!” he said. “Why?” She left.", ["“Stop!” he said.", "“Why?”", "She left."]),
    ("He said: \"Go.\" (They went.) Then peace.", ["He said: \"Go.\"", "(They went.)", "Then peace."]),
    ("Really?! Yes!!! No.", ["Really?!", "Yes!!!", "No."]),
    (
      "Title\n\nThe first line\nruns on, and\nthen ends.\nNext.",
      ["Title", "The first line\nruns on, and\nthen ends.", "Next."]
    ),
    ("今天天气很好。我们去公园吧！你去吗？", ["今天天气很好。", "我们去公园吧！", "你去吗？"]),
    ("他说：「走吧。」然后走了。", ["他说：「走吧。」", "然后走了。"]),
    ("Visit www.example.org. It is free.", ["Visit www.example.org.", "It is free."]),
    ("1. First item. 2. Second item.", ["1. First item.", "2. Second item."]),
    ("¿Qué? ¡Nada! Adiós.", ["¿Qué?", "¡Nada!", "Adiós."]),
    ("So do I. You too.", ["So do I.", "You too."]),
    ("", []), (" \n\t ", []), ("...", ["..."]),
  ])
  func textIsCutAtSentenceEnds(_ text: String, _ sentences: [String]) {
    #expect(SentenceSplitter().split(text) == sentences)
  }

  @Test func longSentencesAreCutAtClausesThenWordsThenAnywhere() {
    let splitter = SentenceSplitter(maximumLength: 20)
    #expect(splitter.split("When it rains, all of us stay.") == ["When it rains,", "all of us stay."])
    #expect(splitter.split("aaaa bbbb cccc dddd eeee ffff") == ["aaaa bbbb cccc dddd", "eeee ffff"])
    #expect(splitter.split("aaaaaaaaaaaaaaaaaaaa b") == ["aaaaaaaaaaaaaaaaaaaa", "b"])
    let word = String(repeating: "x", count: 45)
    #expect(splitter.split(word).map(\.count) == [20, 20, 5])
    #expect(splitter.split("It is 1,000,000 dollars, not less").first == "It is 1,000,000")
  }

  @Test func piecesAreAsLongAsTheModelSpeaksWell() {
    let splitter = SentenceSplitter(longest: 20)
    let pieces = splitter.split("Yes. No. When it rains, all of us stay.")
    #expect(pieces == ["Yes. No.", "When it rains,", "all of us stay."])
    let unknown = SentenceSplitter(longest: nil)
    #expect(unknown.preferredLength == 160 && unknown.maximumLength == 240)
  }

  @Test(arguments: [
    ("When it rains,", "When it rains."), ("all of us", "all of us."), ("in 1984", "in 1984."), ("Stop!", "Stop!"),
    ("He said: “Go.”", "He said: “Go.”"), ("not only –", "not only."), ("我们去公园", "我们去公园"), ("很好，", "很好，"),
  ])
  func aPieceThatBreaksOffIsClosedByAFullStop(_ text: String, _ closed: String) {
    #expect(SentenceSplitter.Piece(text: text, endsParagraph: false).closed == closed)
  }

  /// 75 characters, as the default model speaks well.
  @Test(arguments: [
    "The old dog slept all day in the warm shade of the tall trees and under the hedge.",
    "The cat that we saw yesterday in the garden, slept on the warm wall of the shed, then.",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fif",
  ])
  func lastPieceOfASentenceIsNoOrphan(text: String) {
    let pieces = SentenceSplitter(longest: 75).split(text)
    #expect(pieces.count == 2 && pieces.allSatisfy { (25...75).contains($0.count) }, "\(pieces)")
    #expect(pieces.joined(separator: " ") == text)
  }

  @Test func piecesWithNothingToSayAreSilence() {
    let pieces = SentenceSplitter().pieces(of: "*** One. ... Two!\n\n— — —\n\nThree. 4.")
    let sayable = SentenceSplitter.sayable(pieces)
    #expect(sayable.map(\.text) == ["*** One.", "Two!", "Three.", "4."])
    #expect(sayable.map(\.endsParagraph) == [true, true, false, true])
    #expect(SentenceSplitter.sayable(SentenceSplitter().pieces(of: " ... \n\n?! ♪")).isEmpty)
  }

  @Test func onlyPiecesOfALongerTextAreClosed() {
    let splitter = SentenceSplitter(longest: 20)
    #expect(SentenceSplitter.spoken(splitter.pieces(of: "all of us")) == ["all of us"])
    let pieces = splitter.pieces(of: "When it rains, all of us stay")
    #expect(SentenceSplitter.spoken(pieces) == ["When it rains.", "all of us stay."])
  }

  @Test func paragraphsEndAtEmptyLines() {
    let text = "Title\r\n\r\nOne. Two.\n \n Three.\nFour.\n"
    let pieces = SentenceSplitter(preferredLength: 40).pieces(of: text)
    #expect(pieces.map(\.text) == ["Title", "One. Two.", "Three. Four."])
    #expect(pieces.allSatisfy { $0.endsParagraph })
    #expect(SentenceSplitter().pieces(of: text).map(\.endsParagraph) == [true, false, true, false, true])
  }

  @Test func shortSentencesAreJoined() {
    let splitter = SentenceSplitter(preferredLength: 20, maximumLength: 40)
    #expect(
      splitter.split("Yes. No. Well. This is a longer one. Ok.") == ["Yes. No. Well.", "This is a longer one.", "Ok."])
    #expect(splitter.split("好。不好。") == ["好。不好。"])
  }

  @Test func nothingIsLostAndOrderStays() {
    var state: UInt64 = 11
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let parts = [
      "a", "B", "word", "Dr.", "3.14", "p.m.", "…", "...", ".", "!", "?", "\"", "“", "”", "(", ")", ",", ";", " ", " ",
      "  ",
      "\n", "\n\n", "\r\n", "\t", "。", "，", "你好", "e\u{301}", "👨‍👩‍👧", "\u{3000}", "\u{A0}", "\u{200B}", "-", "—", "1.",
      "No.",
    ]
    func letters(_ text: String) -> [UInt8] { Array(String(text.filter { !$0.isWhitespace }).utf8) }
    for _ in 0..<500 {
      let text = (0..<random(80)).map { _ in parts[random(parts.count)] }.joined()
      let maximum = 1 + random(30)
      let splitter = SentenceSplitter(preferredLength: random(30), maximumLength: maximum)
      let pieces = splitter.split(text)
      #expect(letters(pieces.joined(separator: "\n")) == letters(text), "\(quoted(text))")
      #expect(pieces.allSatisfy { !$0.isEmpty && $0.count <= maximum })
      #expect(pieces.allSatisfy { $0.first?.isWhitespace == false && $0.last?.isWhitespace == false })
    }
  }

  @Test func longTextTakesTimeInProportion() {
    let text = String(repeating: "This is a sentence with no. 5 in it. ", count: 10_000)
    let time = ContinuousClock().measure { #expect(SentenceSplitter().split(text).count == 10_000) }
    #expect(time < .seconds(30))
    let dots = String(repeating: ". ", count: 50_000) + String(repeating: "a\n", count: 50_000)
    #expect(ContinuousClock().measure { _ = SentenceSplitter().split(dots) } < .seconds(30))
  }
}
