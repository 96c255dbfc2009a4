import TestSupport
import Testing

@testable import UniMoEAudio

/// Speech on a model with plan channels: words, their marks and their pace.
@Suite struct PlanSpeechTests {
  private struct Rig {
    let folder: ScratchFolder
    let engine: Engine
    let voice: Voice

    init() throws {
      folder = try ScratchFolder()
      engine = try Engine(modelDirectory: PlanModel.make(in: folder.path))
      voice = try VoiceFile.read("\(folder.path)/plan/voices/default.safetensors", name: "default")
    }

    func request(_ text: String, seed: UInt64 = 0, reading: Request.Reading = .english) -> Request {
      var request = Request(.speech(text: text, voice: voice), seed: seed)
      request.reading = reading
      return request
    }
  }

  private func slice(_ text: String, _ mark: Mark) -> String {
    String(decoding: Array(text.utf8)[mark.textRange], as: UTF8.self)
  }

  /// Where the walk enters a word's first phoneme and leaves its last, from the codes of `phoneme` alone.
  private func frames(of words: [[Phoneme]], in codes: [Int32], _ phonemes: [String]) -> [Range<Int>] {
    let starts = codes.indices.filter { ($0 == 0 || codes[$0] != codes[$0 - 1]) && codes[$0] / 2 != 0 }
    var left = starts[...]
    return words.map { word in
      let own = left.prefix(word.count)
      left = left.dropFirst(word.count)
      #expect(own.map { phonemes[Int(codes[$0]) / 2] } == word.map(\.name))
      let last = own.last ?? 0
      return own.startIndex < own.endIndex
        ? own[own.startIndex]..<(codes[last...].firstIndex { $0 != codes[last] } ?? codes.count) : 0..<0
    }
  }

  @Test func marksAreTheWalksFramesAndNameTheTextAsItWasWritten() throws {
    let rig = try Rig()
    let text = "Dr. Smith paid $5 — at the “station”, & met you."
    let result = try rig.engine.generate([rig.request(text)])[0]
    #expect(result.stopReason == .end)
    let starts = result.marks.filter { $0.kind == .wordStart }
    #expect(
      starts.map { slice(text, $0) } == ["Dr.", "Smith", "paid", "$5", "$5", "at", "the", "station", "&", "met", "you"])
    #expect(starts.map(\.word) == Array(0..<11))
    #expect(zip(result.marks, result.marks.dropFirst()).allSatisfy { $0.codeFrame <= $1.codeFrame })
    let said = try Normalizer().normalize(text)
    let pronouncer = try #require(rig.engine.pronouncer)
    let plan = try #require(result.plan)
    let codes = try #require(plan.codes["phoneme"])
    let configuration = try Checkpoint(directory: "\(rig.folder.path)/plan").configuration
    let phonemes = try #require(configuration.plan).phonemes
    let walked = frames(of: pronouncer.phonemes(of: said), in: codes, phonemes)
    for (index, range) in walked.enumerated() {
      let marks = result.marks.filter { $0.word == index }
      #expect(marks.map(\.codeFrame) == [range.lowerBound, range.upperBound], "word \(index)")
    }
  }

  /// A text is normalised once: what is said of it is the same as of its normal form, and only the places differ.
  @Test func aTextAndItsNormalFormAreSaidAlike() throws {
    let rig = try Rig()
    let text = "It cost $50 at 9 o'clock."
    let said = try Normalizer().normalize(text).text
    #expect(said != text)
    let results = try rig.engine.generate([rig.request(text), rig.request(said, reading: .verbatim)])
    #expect(results[0].codes == results[1].codes && results[0].plan == results[1].plan)
    #expect(results[0].marks.map(\.codeFrame) == results[1].marks.map(\.codeFrame))
    let spoken = results[1].marks.filter { $0.kind == .wordStart }.map { slice(said, $0) }
    #expect(spoken == ["It", "cost", "fifty", "dollars", "at", "nine", "o'clock"])
  }

  @Test func namesOfCharactersHaveTheCharactersPlaces() throws {
    let said = try Normalizer.spell("A é.")
    #expect(said.text == "capital ay, space, ee with acute, dot.")
    #expect(said.words.map(\.spoken) == ["capital", "ay", "space", "ee", "with", "acute", "dot"])
    #expect(said.words.map(\.bytes) == [0..<1, 0..<1, 1..<2, 2..<4, 2..<4, 2..<4, 4..<5])
  }

  @Test func speechIsTheSameTwiceInABatchAndStreamed() throws {
    let rig = try Rig()
    let text = "The cat sat on the mat. It was five o'clock, and we were at home: good evening to you."
    let requests = [rig.request(text, seed: 3), rig.request("Hello.", seed: 4)]
    let collector = SampleCollector(requests: 2)
    let together = try rig.engine.generate(requests, observer: collector)
    #expect(collector.samples == together.map(\.samples) && collector.marks == together.map(\.marks))
    for (request, result) in zip(requests, together) {
      let alone = try rig.engine.generate([request])[0]
      #expect(alone.codes == result.codes && alone.samples == result.samples && alone.marks == result.marks)
    }
  }

  /// Far longer than the window of 400 code frames, in one go.
  @Test func aLongTextIsSaidToItsEndInOneGo() throws {
    let rig = try Rig()
    let sentence = "The train was in the station at nine, and the cat sat on a mat. "
    let text = String(repeating: sentence, count: 8)
    let result = try rig.engine.generate([rig.request(text)])[0]
    #expect(result.stopReason == .end && result.codes.frameCount > Window.frames)
    #expect(result.marks.filter { $0.kind == .wordEnd }.map(\.word) == Array(0..<8 * 15))
  }

  /// The prompt holds the piece that the walk is in, so that neither prompt nor memory grows with the text.
  @Test func aTextOfAnyLengthHasThePromptOfOnePiece() throws {
    let rig = try Rig()
    let sentence = "The train was in the station at nine, and the cat sat on a mat. "
    let long = rig.request(String(repeating: sentence, count: 400))
    let piece = rig.request(String(repeating: sentence, count: 2))
    #expect(long.content.text.utf8.count > 2 * rig.engine.model.maximumPositions)
    #expect(try rig.engine.plan(long).promptTokens == rig.engine.plan(piece).promptTokens)
    let said = try #require(try rig.engine.said(for: long))
    let prompts = try #require(try rig.engine.piecePrompts(of: long, said))
    #expect(prompts.pieces.count == 200 && prompts.pieces.map(\.firstWord) == (0..<200).map { $0 * 30 })
    #expect([0, 29, 30, 5999].map(prompts.piece(ofWord:)) == [0, 0, 1, 199])
    #expect(try rig.engine.piecePrompts(of: piece, rig.engine.said(for: piece)) == nil)
  }

  @Test func aTextOfPiecesIsTheSameTwiceAndInABatch() throws {
    let rig = try Rig()
    let sentence = "The train was in the station at nine, and the cat sat on a mat. "
    var request = rig.request(String(repeating: sentence, count: 40), seed: 5)
    request.maximumSeconds = 13  // the window moves at 8 and at 12 seconds
    let results = try rig.engine.generate([request, rig.request("Hello.")])
    let alone = try rig.engine.generate([request])[0]
    #expect(alone.codes.frameCount == 650 && alone.stopReason == .length)
    #expect(alone.codes == results[0].codes && alone.samples == results[0].samples && alone.plan == results[0].plan)
    let words = alone.marks.filter { $0.kind == .wordStart }.map(\.word)
    #expect(words == Array(0..<words.count) && words.count > 30)
  }

  /// One frame of rounding apart, a state lasts `1 / speed` of what it lasts at speed 1.
  @Test(arguments: [0.7, 0.8, 1.25, 1.5]) func speedDividesDurations(speed: Double) throws {
    func durations(_ speed: Double) throws -> [Int] {
      var settings = WalkSettings()
      (settings.speed, settings.longestPhoneme) = (speed, 1000)
      let plan = PlanConfiguration(
        channels: [
          PlanChannel(name: .phoneme, codes: 8, isWritten: true, delay: 0),
          PlanChannel(name: .ahead1, codes: 13, isWritten: false, delay: 0),
          PlanChannel(name: .ahead2, codes: 13, isWritten: false, delay: 0),
        ], phonemes: ["SIL", "AH0", "L", "OW1"], instruments: [])
      let walk = try PhonemeWalk(
        [SpokenWord(phonemes: ["L", "OW1", "L", "AH0"], range: 0..<4)], plan, settings: settings)
      // Far likelier to stay than to leave, by a share that each phoneme has of its own.
      let logits: [Float] = [-30, -30, 6, 6, 5.5, 5.5, 6.5, 6.5, 3]
      var lasted: [Int] = []
      var latest: Int32?
      for frame in 0... {
        let goesOn = logits.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return false }
          let logits = PlanLogits(values: base, configuration: plan, isGreedy: true) { _, _ in (0, 0) }
          guard walk.begins(codeFrame: frame, logits) else { return false }
          let code = walk.code(of: plan.channels[0], in: frame, logits)
          if code == latest { lasted[lasted.count - 1] += 1 } else { lasted.append(1) }
          latest = code
          return true
        }
        if !goesOn { break }
      }
      return lasted
    }
    let usual = try durations(1)
    let other = try durations(speed)
    #expect(usual.count == 4 && other.count == 4)
    for (one, two) in zip(usual, other) {
      #expect(abs(Double(one) - Double(two) * speed) <= max(1, speed), "\(one) \(two)")
    }
  }

  @Test func aModelWithoutAPlanRefusesASpeedAndOneWithAPlanAWrongOne() throws {
    let plain = try EngineTests.engine.get()
    var request = Request(.speech(text: "Hello.", voice: EngineTests.voice(plain)))
    var walk = WalkSettings()
    walk.speed = 1.2
    request.walk = walk
    let refused = #expect(throws: UniMoEError.self) { try plain.plan(request) }
    #expect(
      refused?.description
        == "request: speed: expected none: only speech of a model with plan channels has one, found 1.2")
    let rig = try Rig()
    request = rig.request("Hello.")
    walk.speed = 1.6
    request.walk = walk
    let wrong = #expect(throws: UniMoEError.self) { try rig.engine.plan(request) }
    #expect(wrong?.description == "request: speed: expected 0.7 to 1.5, found 1.6")
  }
}
