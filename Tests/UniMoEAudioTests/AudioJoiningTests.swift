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

  @Test(arguments: [1, 7, 160, 5000]) func theResultDoesNotDependOnHowSamplesCome(count: Int) throws {
    let pieces = [
      silence(0.3) + tone + silence(0.2) + tone + silence(1), silence(1), tone, [0.5], [], tone + silence(0.05),
    ]
    var whole = try SilenceJoiner(sampleRate: rate)
    var parts = try SilenceJoiner(sampleRate: rate)
    for piece in pieces {
      let expected = whole.append(piece, endingWith: .sentence)
      var samples: [Float] = []
      for start in stride(from: 0, to: piece.count, by: count) {
        samples += parts.push(piece[start..<min(start + count, piece.count)])
      }
      samples += parts.end(with: .sentence)
      #expect(samples == expected)
      #expect(parts.kept == whole.kept && parts.place == whole.place && parts.count == whole.count)
    }
  }

  @Test func soundIsHandedOnAsItComes() throws {
    var joiner = try SilenceJoiner(sampleRate: rate)
    #expect(joiner.push(silence(1)).isEmpty)
    // All but the fade, which the last sample that is heard decides on.
    #expect(joiner.push(tone).count == 960 + tone.count - 80)
    #expect(joiner.place == SilenceJoiner.Place(kept: 16000 - 960, start: 0))
    #expect(joiner.keptUntil == 16000 + tone.count - 80)
  }

  @Test func theLongestLengthIsFadedOutAndNothingFollows() throws {
    var joiner = try SilenceJoiner(sampleRate: rate, longest: 0.7)
    let first = joiner.append(tone, endingWith: .sentence)
    #expect(!joiner.isFull && first.count == tone.count)
    let second = joiner.append(tone, endingWith: .sentence)
    #expect(joiner.isFull && first.count + second.count == 11200)
    #expect(abs(try #require(second.last)) < 1e-3)
    #expect(joiner.kept == 0..<0)
    #expect(joiner.append(tone, endingWith: .sentence).isEmpty && joiner.kept.isEmpty)
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
