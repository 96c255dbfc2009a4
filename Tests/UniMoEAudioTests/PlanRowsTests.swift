import Testing

@testable import UniMoEAudio

/// The rules of docs/plan-channels.md that no generation shows apart.
@Suite struct PlanRowsTests {
  private static let phonemes = ["SIL", "AH0", "HH", "L", "OW1", "UW1", "Y"]
  private static let plan = PlanConfiguration(
    channels: [
      PlanChannel(name: .phoneme, codes: 14, isWritten: true, delay: 0),
      PlanChannel(name: .ahead1, codes: 22, isWritten: false, delay: 0),
      PlanChannel(name: .ahead2, codes: 22, isWritten: false, delay: 0),
      PlanChannel(name: .beat, codes: 192, isWritten: false, delay: 0),
      PlanChannel(name: .tempo, codes: 56, isWritten: true, delay: 0),
      PlanChannel(name: .drums, codes: 8, isWritten: true, delay: 1),
    ], phonemes: phonemes, instruments: [])

  private static let hello = SpokenWord(phonemes: ["HH", "AH0", "L", "OW1"], range: 0..<5)
  private static let you = SpokenWord(phonemes: ["Y", "UW1"], mayPauseBefore: true, range: 7..<10)

  @Test func headsLieBelowEachOtherFilledUpToMultiplesOf32() {
    #expect(Self.plan.headStarts == [0, 15, 15, 15, 15, 72])
    #expect(Self.plan.headRows == 96)
    #expect(
      Self.plan.tensors(hiddenSize: 8).map(\.shape) == [
        [18, 8], [26, 8], [26, 8], [196, 8], [60, 8], [12, 8], [96, 8],
      ])
  }

  @Test func rowsHoldBosThenCodesThenEosThenPadBehindEachDelay() {
    var rows = PlanRows(Self.plan, .music) { $0.name == .tempo }
    for _ in 0..<6 { rows.append(length: 3) { channel, frame in channel.name == .drums && frame == 1 ? nil : 4 } }
    let drums = (0..<6).map { rows.embedded($0)[2].code }
    #expect(drums == [10, 10, 4, 11, 4, 8])
    #expect((0..<6).map { rows.embedded($0)[0].code } == [194, 4, 4, 4, 192, 193])
    #expect((0..<6).allSatisfy { rows.embedded($0)[1].code == 59 })
    #expect(rows.embedded(4, inWindowRow: 0).map(\.code) == [194, 59, 10])
    #expect(rows.unknown.map(\.code) == [195, 59, 11])
  }

  @Test func statesArePhonemesAndPausesWithWhatLiesAhead() throws {
    let states = try PhonemeStates([Self.hello, Self.you], phonemes: Self.phonemes).states
    #expect(states.map(\.phoneme) == [0, 2, 1, 3, 4, 0, 6, 5, 0])
    #expect(states.map(\.word) == [nil, 0, 0, 0, 0, nil, 1, 1, nil])
    // 3 times the phoneme, plus 1 where a later word begins, 2 where punctuation stands before it; 21 behind the last.
    #expect(states.map { $0.ahead[0] } == [7, 3, 9, 12, 20, 20, 15, 21, 21])
    #expect(states.map { $0.ahead[1] } == [4, 9, 12, 20, 17, 17, 21, 21, 21])
  }

  @Test func onlyPausesMayBeLeftOut() throws {
    let states = try PhonemeStates([Self.hello, Self.you], phonemes: Self.phonemes)
    #expect(states.options(after: nil) == 0..<2)
    #expect(states.options(after: 1) == 2..<3)
    #expect(states.options(after: 4) == 5..<7)
    #expect(states.options(after: 7) == 8..<9)
    #expect(states.options(after: 8).isEmpty)
    #expect((0...8).filter { states.mayEnd(after: $0) } == [7, 8])
    #expect(!states.mayEnd(after: nil))
  }

  @Test func wordsThatTheModelCannotSayAreRefused() {
    let strange = SpokenWord(phonemes: ["HH", "XX"], range: 0..<2)
    let unknown = #expect(throws: UniMoEError.self) { try PhonemeStates([strange], phonemes: Self.phonemes) }
    #expect(unknown?.kind == .request && unknown?.description.contains("XX") == true)
    let silent = SpokenWord(phonemes: [], range: 0..<1)
    #expect(throws: UniMoEError.self) { try PhonemeStates([silent], phonemes: Self.phonemes) }
  }

  @Test func givenCodesThatTheModelDoesNotKnowAreRefused() {
    var given = GivenPlan(codeFrames: 2)
    given.give("drums", [1, 8])
    let error = #expect(throws: UniMoEError.self) {
      try MusicPlan(given, draws: false, Self.plan, codeRate: 50)
    }
    #expect(error?.description == "plan: drums[1]: expected 0 to 7, or -1, found 8")
  }

  /// 120 quarter notes a minute are 25 code frames each; the first lies 0.02 s behind the beginning.
  @Test func theBeatIsSteppedFromTheTempo() {
    let code = Int32(2 * 18)  // 50 * 1.05^18 = 120.33
    let clock = BeatClock(tempo: code, codeRate: 50)
    #expect(clock.meter == 4 && abs(clock.beatsPerMinute - 120.331) < 0.01)
    let beats = (0..<400).map { clock[$0] }
    #expect(beats[0] == 0 && beats[1] == 0)
    #expect(beats.firstIndex(of: 12) == 26)
    #expect(beats.firstIndex(of: 48) == 101)
    #expect(beats.contains(191) && beats.allSatisfy { $0 < 192 })
    #expect(BeatClock(tempo: code + 1, codeRate: 50).meter == 3)
  }

  @Test func aVoiceKeepsItsPlanInItsFile() throws {
    let folder = try TemporaryFolder()
    var voice = Voice(name: "v", codes: Codes(codebooks: 2, values: [1, 2, 3, 4]), transcript: "Hello.")
    try VoiceFile.write(voice, to: folder.path + "/plain.safetensors", replacing: false)
    #expect(try TensorStore(safetensors: folder.path + "/plain.safetensors").metadata["version"] == "1")
    voice.plan = VoicePlan(phonemes: Self.phonemes, codes: [4, 9, 12, -1, -1, -1])
    try VoiceFile.write(voice, to: folder.path + "/planned.safetensors", replacing: false)
    #expect(try TensorStore(safetensors: folder.path + "/planned.safetensors").metadata["version"] == "2")
    #expect(try VoiceFile.read(folder.path + "/planned.safetensors", name: "v") == voice)
    voice.plan = VoicePlan(phonemes: Self.phonemes, codes: [4, 9, 12, 14, 0, 0])
    try VoiceFile.write(voice, to: folder.path + "/broken.safetensors", replacing: false)
    let error = #expect(throws: UniMoEError.self) {
      try VoiceFile.read(folder.path + "/broken.safetensors", name: "v")
    }
    #expect(error?.description.hasSuffix("plan[1][0]: expected -1 to 13, found 14") == true)
  }
}
