import Testing
import UniMoEAudio

@Suite struct SamplingChangesTests {
  private let rule = Sampling(
    guidanceScale: 2, isRandom: true, temperature: 0.5, topK: 45, topP: 0.9, endFactor: 0.6)

  @Test func noChangesLeaveTheRule() {
    #expect(SamplingChanges().applied(to: rule) == rule)
  }

  @Test func everyChangeTakesEffectAlone() {
    var expected = rule
    expected.guidanceScale = 0
    #expect(SamplingChanges(guidanceScale: 0).applied(to: rule) == expected)
    expected = rule
    expected.isRandom = false
    #expect(SamplingChanges(isRandom: false).applied(to: rule) == expected)
    expected = rule
    expected.temperature = 0
    #expect(SamplingChanges(temperature: 0).applied(to: rule) == expected)
    expected = rule
    expected.topP = 1
    #expect(SamplingChanges(topP: 1).applied(to: rule) == expected)
    expected = rule
    expected.endFactor = 1.5
    #expect(SamplingChanges(endFactor: 1.5).applied(to: rule) == expected)
  }

  @Test func topKOfZeroKeepsAllCodes() {
    #expect(SamplingChanges(topK: 0).applied(to: rule).topK == nil)
    #expect(SamplingChanges(topK: 3).applied(to: rule).topK == 3)
  }
}
