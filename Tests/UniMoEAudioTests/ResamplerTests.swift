import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

@Suite struct ResamplerReferenceTests {
  @Test func promptResamplerMatchesTheReference() throws {
    let arrays = try ReferenceFixtures.arrays("resample")
    let rates = arrays.store.names.compactMap { $0.hasSuffix(".input") ? Int($0.dropLast(6)) : nil }
    #expect(!rates.isEmpty)
    for rate in rates {
      let output = try PromptResampler.resample(arrays.floats("\(rate).input"), from: rate, to: 16000)
      #expect(largestDifference(output, try arrays.floats("\(rate).output")) <= 2e-5, "\(rate) Hz")
    }
  }

  @Test func promptFileIsFoldedAndResampledAsInTheReference() throws {
    let arrays = try ReferenceFixtures.arrays("dac_prompt")
    let clip = try AudioFile.read(ReferenceFixtures.path("prompt.wav"))
    let mono = clip.mono()
    #expect(largestDifference(mono, try arrays.floats("mono")) == 0)
    let configuration = try CodecConfiguration(directory: ReferenceFixtures.codec)
    let output = try PromptResampler.resample(mono, from: clip.sampleRate, to: configuration.sampleRate)
    #expect(largestDifference(output, try arrays.floats("resampled")) <= 2e-5)
  }
}

@Suite struct ResamplerTests {
  @Test(arguments: [
    (1, 44100, 16000), (1000, 44101, 16000), (777, 8000, 16000), (5, 768_000, 16000), (3, 16000, 16000),
  ])
  func promptResamplerRoundsItsLengthUp(_ count: Int, _ source: Int, _ target: Int) throws {
    let output = try PromptResampler.resample(pseudoRandom(count, seed: 1), from: source, to: target)
    #expect(output.count == (count * target + source - 1) / source)
  }

  @Test func promptResamplerKeepsASineAtAnOddRate() throws {
    let output = try PromptResampler.resample(sine(1000, seconds: 0.5, rate: 44101), from: 44101, to: 16000)
    let expected = sine(1000, seconds: 0.5, rate: 16000)
    #expect(largestDifference(Array(output[200..<7800]), Array(expected[200..<7800])) < 2e-3)
  }

  @Test(arguments: [(0, 16000), (16000, -5), (999, 16000), (16000, 768_001)])
  func promptResamplerRefusesAbsurdRates(_ source: Int, _ target: Int) {
    let bad = (1000...768_000).contains(source) ? target : source
    #expect(
      errorText { _ = try PromptResampler.resample([0], from: source, to: target) }
        == "resampler: sample rate: expected 1000 to 768000 Hz, found \(bad)")
  }

  @Test(arguments: [(16000, 48000), (16000, 44100), (48000, 16000), (44100, 48000), (16000, 16000), (8000, 767_999)])
  func streamingEqualsOfflineForEveryChunking(_ source: Int, _ target: Int) throws {
    let samples = pseudoRandom(1500, seed: 2)
    let whole = try Resampler.resample(samples, from: source, to: target)
    #expect(whole.count == (samples.count * target + source - 1) / source)
    for chunk in [1, 7, 64, 255, 256, 257, 1000] {
      let resampler = try Resampler(from: source, to: target)
      var output: [Float] = []
      for start in stride(from: 0, to: samples.count, by: chunk) {
        let end = min(start + chunk, samples.count)
        output += try resampler.process(Array(samples[start..<end]), end: chunk % 2 == 1 && end == samples.count)
      }
      output += try resampler.process([], end: true)
      #expect(output == whole, "chunks of \(chunk)")
    }
  }

  @Test(arguments: [(16000, 48000), (16000, 44100), (48000, 16000)])
  func resampledSineIsTheSameSineWithoutDelay(_ source: Int, _ target: Int) throws {
    let output = try Resampler.resample(sine(1000, seconds: 0.5, rate: source), from: source, to: target)
    let expected = sine(1000, seconds: 0.5, rate: target)
    let inner = target / 20..<output.count - target / 20
    #expect(largestDifference(Array(output[inner]), Array(expected[inner])) < 1e-4)
  }

  @Test func channelsStayApart() throws {
    let (left, right) = (pseudoRandom(3000, seed: 3), pseudoRandom(3000, seed: 4))
    let both = zip(left, right).flatMap { [$0, $1] }
    let output = try Resampler.resample(both, from: 16000, to: 44100, channels: 2)
    let expected = try Resampler.resample(left, from: 16000, to: 44100)
    #expect(largestDifference(stride(from: 0, to: output.count, by: 2).map { output[$0] }, expected) < 1e-6)
  }

  @Test func emptySoundStaysEmpty() throws {
    #expect(try Resampler.resample([], from: 16000, to: 48000).isEmpty)
  }

  @Test func extremeRatiosEnd() throws {
    #expect(try Resampler.resample(pseudoRandom(20, seed: 5), from: 1000, to: 256_000).count == 5120)
    #expect(try Resampler.resample(pseudoRandom(2570, seed: 5), from: 256_000, to: 1000).count == 11)
  }

  @Test func absurdRatesAreRefused() {
    #expect(
      errorText { _ = try Resampler(from: 0, to: 48000) } == "resampler: sample rate: expected at least 1 Hz, found 0")
    #expect(
      errorText { _ = try Resampler(from: 1, to: 257) }
        == "resampler: sample rate: expected rates at most 256 times apart, found 1 and 257 Hz")
    #expect(
      errorText { _ = try Resampler(from: 1, to: 2, channels: 0) }
        == "resampler: channels: expected 1 to 64, found 0")
  }

  @Test func soundAfterTheEndIsRefused() throws {
    let resampler = try Resampler(from: 16000, to: 48000)
    _ = try resampler.process([0, 1], end: true)
    #expect(try resampler.process([], end: true).isEmpty)
    #expect(errorText { _ = try resampler.process([1]) } == "resampler: sound after the end")
  }
}
