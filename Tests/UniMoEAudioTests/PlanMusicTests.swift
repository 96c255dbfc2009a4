import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

/// Music on a model with plan channels: from a caption or from notes to sound.
@Suite struct PlanMusicTests {
  /// The folder and the engine of the miniature with a plan.
  struct Rig {
    let folder: ScratchFolder
    let engine: Engine

    init() throws {
      folder = try ScratchFolder()
      engine = try Engine(modelDirectory: PlanModel.make(in: folder.path))
    }
  }

  private static let midi = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/midi")

  private func codes(_ result: GenerationResult, _ channel: String) throws -> [Int32] {
    let plan = try #require(result.plan)
    return try #require(plan.codes[channel])
  }

  @Test func aCaptionIsComposedAsScoreComposesIt() throws {
    let rig = try Rig()
    let caption = "a slow waltz for violin in E minor, no drums"
    let request = Request(.music(caption: caption), seed: 5, minimumSeconds: 3, maximumSeconds: 3)
    let result = try rig.engine.generate([request])[0]
    #expect(result.stopReason == .end && result.codes.frameCount == 150)
    let brief = Brief(CaptionReader.read(caption).attributes, seed: 5, seconds: 3)
    let plan = ScorePlan(Composer.compose(brief))
    for channel in ScorePlan.Channel.allCases {
      let codes = try codes(result, channel.rawValue)
      #expect(codes == Array(plan.codes(of: channel).prefix(150)), "\(channel)")
    }
    #expect(Set(try codes(result, "lead")) == [16])
    #expect(Set(try codes(result, "drums")) == [0])
    #expect(Set(try codes(result, "tempo").map { $0 % 2 }) == [1])
    #expect(result.samples.contains { $0 != 0 })
  }

  @Test func aCaptionsLengthIsThatOfTheMusicUnlessTheRequestLimitsIt() throws {
    let rig = try Rig()
    func frames(_ request: Request) throws -> Int { try rig.engine.plan(request).maximumCodeFrames }
    #expect(try frames(Request(.music(caption: "rock, 5 seconds"))) == 250)
    #expect(try frames(Request(.music(caption: "rock, 5 seconds"), maximumSeconds: 2)) == 100)
    #expect(try frames(Request(.music(caption: "rock, 5 seconds"), minimumSeconds: 7)) == 350)
    #expect(try frames(Request(.music(caption: "rock, 5 seconds"), minimumSeconds: 30, maximumSeconds: 30)) == 1500)
    for seconds in [Double.nan, -1, .infinity] {
      #expect(throws: UniMoEError.self) { try frames(Request(.music(caption: "rock"), maximumSeconds: seconds)) }
    }
  }

  private struct Expected: Decodable {
    let melody: [[Int]]
    let seconds: Double
  }

  /// What mido says of the file (`Tests/tools/midi_fixtures.py`): every note stands in the plan at its time.
  @Test func notesOfAMIDIFileStandInThePlanAtTheirTimes() throws {
    let rig = try Rig()
    let data = try Data(contentsOf: Self.midi.appendingPathComponent("expected.json"))
    let expected = try #require(try JSONDecoder().decode([String: Expected].self, from: data)["joy"])
    let score = try Score(contentsOf: Self.midi.appendingPathComponent("joy.mid").path)
    var request = Request(.music(caption: "played on a cello"), seed: 1)
    request.plan = .score(score)
    let result = try rig.engine.generate([request])[0]
    #expect(result.stopReason == .end)
    #expect(abs(Double(result.codes.frameCount) / 50 - expected.seconds) < 0.05)
    let melody = try codes(result, "melody")
    for (index, note) in expected.melody.enumerated() {
      let middle = score.tempo.microseconds(at: note[0] + note[1] / 2) + ScorePlan.leadIn
      #expect(Int(melody[middle / 20_000]) / 2 == note[2], "note \(index + 1)")
      let first = (score.tempo.microseconds(at: note[0]) + ScorePlan.leadIn) / 20_000
      let onset = (max(0, first - 1)...first + 1).first { $0 == 0 || melody[$0] != melody[$0 - 1] }
      #expect(onset != nil, "note \(index + 1) begins at code frame \(first)")
    }
    #expect(Set(try codes(result, "lead")) == [17])
    let tempo = try codes(result, "tempo")
    #expect(tempo[0] == Int32(28))  // 100 a minute: 50 * 1.05^14 = 99.0
    #expect(Set(try codes(result, "drums")).count > 1)
  }

  @Test func aCaptionSaysWhoPlaysGivenNotesAndWhatIsLeftOut() throws {
    let score = try Score(contentsOf: Self.midi.appendingPathComponent("joy.mid").path)
    func arranged(_ caption: String) -> Score { score.arranged(by: CaptionReader.read(caption).attributes) }
    #expect(arranged("quiet and sad") == score)
    #expect(arranged("a trumpet with drums").lead?.name == "trumpet")
    #expect(arranged("no drums, without bass").parts.map(\.role) == [.melody, .chords])
    #expect(arranged("slow, 60 bpm").tempo == score.tempo)
  }

  @Test func anInstrumentThatTheModelLacksIsTheNearestOfItsFamily() {
    let names = ["piano", "violin", "cello", "flute"]
    func code(_ name: String) -> Int32? { Instrument.named(name)?.code(among: names) }
    #expect(code("cello") == 2 && code("viola") == 1 && code("piccolo") == 3 && code("trumpet") == nil)
  }

  @Test func aDrawnPlanKeepsTheTempoThatItDrew() throws {
    let rig = try Rig()
    var request = Request(.music(caption: "anything"), seed: 9, minimumSeconds: 2, maximumSeconds: 2)
    request.plan = .free
    let result = try rig.engine.generate([request])[0]
    let tempo = try codes(result, "tempo")
    #expect(tempo.count == 100 && Set(tempo).count == 1)
    let clock = BeatClock(tempo: tempo[0], codeRate: 50)
    let beat = try codes(result, "beat")
    #expect(beat == (0..<100).map { clock[$0] })
  }

  /// Longer than the window of 400 code frames, in pieces and whole, alone and beside another.
  @Test func longMusicIsTheSameTwiceInABatchAndStreamed() throws {
    let rig = try Rig()
    let requests = [
      Request(.music(caption: "march"), seed: 2, minimumSeconds: 9, maximumSeconds: 9),
      Request(.music(caption: "techno with a synth bass"), seed: 3, minimumSeconds: 2, maximumSeconds: 2),
    ]
    let observer = SampleCollector(requests: 2)
    let together = try rig.engine.generate(requests, observer: observer)
    #expect(together.map(\.codes.frameCount) == [450, 100])
    #expect(observer.samples == together.map(\.samples))
    for (request, result) in zip(requests, together) {
      let alone = try rig.engine.generate([request])[0]
      #expect(alone.codes == result.codes && alone.samples == result.samples && alone.plan == result.plan)
    }
  }

  @Test func musicThatEndsByItsNotesIsNotFadedOutAndOneThatIsCutIs() throws {
    let rig = try Rig()
    let score = try Score(contentsOf: Self.midi.appendingPathComponent("joy.mid").path)
    var request = Request(.music(caption: "organ"), maximumSeconds: 2)
    request.plan = .score(score)
    let cut = try rig.engine.generate([request])[0]
    #expect(cut.stopReason == .length && cut.codes.frameCount == 100)
    request = Request(.music(caption: "organ"), minimumSeconds: 2, maximumSeconds: 2)
    let composed = try rig.engine.generate([request])[0]
    #expect(composed.stopReason == .end && composed.codes.frameCount == 100)
    for (result, isFaded) in [(cut, true), (composed, false)] {
      let decoded = try rig.engine.codec.decode(result.codes)
      let place = result.samples.count - 400  // behind the fade of the end alone, within that of a cut
      #expect((result.samples[place] != decoded[place]) == isFaded)
    }
  }

  @Test func aModelWithoutAPlanForMusicRefusesNotes() throws {
    let engine = try EngineTests.engine.get()
    var request = Request(.music(caption: "organ"))
    request.plan = .score(try Score(contentsOf: Self.midi.appendingPathComponent("joy.mid").path))
    let error = #expect(throws: UniMoEError.self) { try engine.plan(request) }
    #expect(error?.description == "request: plan: expected none: the model has no plan for music, found one")
  }
}

/// Keeps the samples and marks of a batch as they come.
final class SampleCollector: GenerationObserver {
  var samples: [[Float]]
  var marks: [[Mark]]

  init(requests: Int) {
    samples = Array(repeating: [], count: requests)
    marks = Array(repeating: [], count: requests)
  }

  func request(_ index: Int, produced new: UnsafeBufferPointer<Float>) { samples[index] += new }
  func request(_ index: Int, reached mark: Mark, atSample sample: Int) { marks[index].append(mark) }
}
