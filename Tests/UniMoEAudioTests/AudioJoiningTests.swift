import TestSupport
import Testing

@testable import UniMoEAudio

@Suite struct AudioJoiningTests {
  private let rate = 16000
  private let tone = sine(300, seconds: 0.5, rate: 16000)

  private func silence(_ seconds: Double) -> [Float] { [Float](repeating: 0, count: Int(seconds * Double(rate))) }

  @Test func longSilenceAtTheEndsIsCutToItsMargin() throws {
    var joiner = try SilenceJoiner(sampleRate: rate)
    let output = joiner.append(silence(1) + tone + silence(2), endingWith: .sentence)
    #expect(output.count == tone.count + 2 * 960)
    #expect(Array(output[960..<960 + tone.count]) == tone)
  }

  @Test func pauseDependsOnWhatEnded() throws {
    var joiner = try SilenceJoiner(sampleRate: rate)
    let first = joiner.append(tone, endingWith: .sentence)
    let second = joiner.append(tone, endingWith: .paragraph)
    let third = joiner.append(tone, endingWith: .sentence)
    #expect(first.count == 8000 && second.count == 8000 + 4000 && third.count == 8000 + 8000)
    #expect(second.prefix(4000).allSatisfy { $0 == 0 } && Array(second.dropFirst(4000)) == first)
  }

  @Test func noStepIsLargerThanThoseOfTheSoundItself() throws {
    // Pieces that begin and end at full amplitude would click.
    let abrupt = tone.map { _ in Float(0.5) }
    var joiner = try SilenceJoiner(sampleRate: rate)
    let output = joiner.append(abrupt, endingWith: .sentence) + joiner.append(abrupt, endingWith: .sentence) + [0]
    var last: Float = 0
    for sample in output {
      #expect(abs(sample - last) < 0.5 * .pi / 80)
      last = sample
    }
  }

  @Test func silentPieceAddsNothingButItsParagraph() throws {
    var joiner = try SilenceJoiner(sampleRate: rate)
    #expect(joiner.append(silence(1), endingWith: .paragraph).isEmpty)
    #expect(joiner.append(tone, endingWith: .sentence).count == 8000)
    #expect(joiner.append([], endingWith: .paragraph).isEmpty)
    #expect(joiner.append(silence(1), endingWith: .sentence).isEmpty)
    #expect(joiner.append(tone, endingWith: .sentence).count == 16000)
  }

  @Test func quietHissIsTakenForSilence() throws {
    let hiss = pseudoRandom(16000, seed: 1).map { $0 * 0.0005 }
    var joiner = try SilenceJoiner(sampleRate: rate)
    #expect(joiner.append(hiss + tone + hiss, endingWith: .sentence).count == tone.count + 2 * 960)
  }

  @Test func absurdSettingsAreRefused() {
    #expect(
      errorText { _ = try SilenceJoiner(sampleRate: 0) } == "joiner: sample rate: expected 1000 to 768000 Hz, found 0")
    var options = SilenceJoiner.Options()
    options.sentencePause = -1
    #expect(
      errorText { _ = try SilenceJoiner(sampleRate: rate, options: options) }
        == "joiner: expected times from 0 to 60 seconds, found -1.0")
  }

  @Test func statisticsCountWhatIsThere() {
    var statistics = SoundStatistics(sampleRate: 10)
    statistics.add([0, 0, 0.5, -1.5, 0, 0, 0, 0.001, 1, -1])
    #expect(statistics.seconds == 1 && statistics.peak == 1.5 && statistics.clippedSamples == 1)
    #expect(statistics.longestSilence == 0.4)
    #expect(abs(statistics.rms - (4.500001 / 10).squareRoot()) < 1e-9)
  }

  @Test func statisticsDoNotDependOnThePieces() {
    let samples = pseudoRandom(1000, seed: 2) + silence(0.1) + pseudoRandom(500, seed: 3)
    var whole = SoundStatistics(sampleRate: rate)
    whole.add(samples)
    var pieces = SoundStatistics(sampleRate: rate)
    for sample in samples { pieces.add([sample]) }
    #expect(whole == pieces && SoundStatistics(sampleRate: rate).rms == 0)
  }
}
