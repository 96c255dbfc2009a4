import Testing

@testable import UniMoEAudio

@Suite struct WatchdogTests {
  private let rate = 16000
  private let hop = 320

  private func hear(_ watchdog: inout Watchdog, seconds: Double, _ sample: (Int) -> Float) {
    let samples = (0..<Int(seconds * Double(rate))).map(sample)
    for start in stride(from: 0, to: samples.count, by: hop) {
      Array(samples[start..<min(start + hop, samples.count)]).withUnsafeBufferPointer { watchdog.hear($0) }
    }
  }

  @Test func silenceBitesAfterFourSecondsAndNotBefore() {
    var watchdog = Watchdog(sampleRate: rate, hopLength: hop)
    hear(&watchdog, seconds: 3.9) { _ in 0.0005 }
    #expect(!watchdog.isTriggered)
    hear(&watchdog, seconds: 0.2) { _ in -0.0005 }
    #expect(watchdog.isTriggered)
  }

  @Test func soundBetweenSilencesKeepsItQuiet() {
    var watchdog = Watchdog(sampleRate: rate, hopLength: hop)
    for _ in 0..<10 {
      hear(&watchdog, seconds: 3) { _ in 0 }
      hear(&watchdog, seconds: 0.1) { $0 % 2 == 0 ? 0.1 : -0.1 }
    }
    #expect(!watchdog.isTriggered)
  }

  @Test(arguments: [1, 2, 7, 50]) func repeatedCodeFramesBite(period: Int) {
    var watchdog = Watchdog(sampleRate: rate, hopLength: hop)
    for frame in 0..<period + 199 {
      watchdog.see(Codes(codebooks: 2, values: [Int32(frame % period), 3]))
    }
    #expect(!watchdog.isTriggered)
    for frame in period + 199..<period + 202 {
      watchdog.see(Codes(codebooks: 2, values: [Int32(frame % period), 3]))
    }
    #expect(watchdog.isTriggered)
  }

  @Test func aPatternLongerThanASecondIsMusic() {
    var watchdog = Watchdog(sampleRate: rate, hopLength: hop)
    for frame in 0..<2000 { watchdog.see(Codes(codebooks: 2, values: [Int32(frame % 60), 3])) }
    #expect(!watchdog.isTriggered)
  }
}
