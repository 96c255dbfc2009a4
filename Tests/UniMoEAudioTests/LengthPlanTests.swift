import Testing

@testable import UniMoEAudio

@Suite struct LengthPlanTests {
  private let defaults = GenerationDefaults.reference

  private func plan(_ request: Request) throws -> LengthPlan {
    try LengthPlan(request, defaults: defaults.music, maximumDelay: 18, codeRate: 50)
  }

  @Test func checkpointDefaultGivesTheReferencesLongestLength() throws {
    // 1000 tokens are 981 code frames: 19.62 s at 50 Hz (reference semantics, section d).
    #expect(try plan(Request(.music(caption: "a"))).maximumCodeFrames == 981)
  }

  @Test func secondsBecomeCodeFrames() throws {
    let plan = try plan(Request(.music(caption: "a"), minimumSeconds: 0.5, maximumSeconds: 1.01))
    #expect(plan.minimumCodeFrames == 25)
    #expect(plan.maximumCodeFrames == 51)
  }

  @Test func shortTextsAreCappedAndDigitsCountAsWords() throws {
    let voice = Voice(name: "v", codes: Codes(codebooks: 1), transcript: "")
    let short = try LengthPlan(
      Request(.speech(text: "Hello.", voice: voice)), defaults: defaults.speech, maximumDelay: 18, codeRate: 50)
    #expect(short.maximumCodeFrames == Int((3 + 6 * 0.2) * 50 + 0.5))
    #expect(LengthPlan.cap("1234") > LengthPlan.cap("abcd") + 2)
  }

  @Test(arguments: [-1, .nan, .infinity, 1e9]) func lengthsThatAreNoLengthAreRefused(seconds: Double) {
    #expect(throws: UniMoEError.self) { try plan(Request(.music(caption: "a"), maximumSeconds: seconds)) }
  }

  @Test func shortestBeyondLongestIsRefusedWithBoth() {
    let error = #expect(throws: UniMoEError.self) {
      try plan(Request(.music(caption: "a"), minimumSeconds: 3, maximumSeconds: 2))
    }
    #expect(
      error?.description
        == "request: shortest length: expected at most the longest length (2.0 s), found 3.0 s")
  }
}
