import TestSupport
import Testing

@testable import UniMoEAudio

@Suite struct SpeechRangeTests {
  private static let rate = 16000

  /// Bursts of a tone with pauses of 0.2 s, as syllables and words are.
  private static let speech: [Float] = (0..<6).flatMap { index in
    sine(150 + 40 * Double(index), seconds: 0.3, rate: rate) + [Float](repeating: 0, count: rate / 5)
  }.dropLast(rate / 5)

  private static func silence(_ seconds: Double, level: Float = 0) -> [Float] {
    pseudoRandom(Int(seconds * Double(rate)), seed: 9).map { $0 * level }
  }

  /// Digital silence, and noise of -70, -50 and -36 dB of full scale.
  @Test(arguments: [0, 0.0006, 0.006, 0.03] as [Float], [(0.0, 0.0), (2, 0), (0, 3), (1.5, 0.7), (0.1, 0.14)])
  func silenceIsLeftOutButForAMargin(level: Float, silence: (before: Double, after: Double)) {
    let speech = zip(Self.speech, pseudoRandom(Self.speech.count, seed: 3)).map { $0 + $1 * level }
    let recording = Self.silence(silence.before, level: level) + speech + Self.silence(silence.after, level: level)
    let range = SpeechRange(of: recording, sampleRate: Self.rate)
    for (found, there) in [(range.leftOut.before, silence.before), (range.leftOut.after, silence.after)] {
      // A margin of 0.1 s stays, and windows of 10 ms; less than half a margin more is not cut.
      #expect(there <= 0.15 ? found == 0 : abs(found - (there - 0.1)) <= 0.011, "\(found) of \(there)")
    }
  }

  @Test func aClickInTheSilenceIsNoSpeech() {
    var recording = Self.silence(1) + Self.speech + Self.silence(1)
    recording[3000] = 0.9
    recording[recording.count - 3000] = -0.9
    let range = SpeechRange(of: recording, sampleRate: Self.rate)
    #expect(abs(range.leftOut.before - 0.9) < 0.011 && abs(range.leftOut.after - 0.9) < 0.011)
  }

  @Test func quietSpeechAndShortSoundsStayWhole() {
    for recording in [Self.speech.map { $0 * 0.01 }, sine(200, seconds: 0.2, rate: Self.rate), [0.5], [], [0, 0, 0]] {
      #expect(SpeechRange(of: recording, sampleRate: Self.rate).samples == 0..<recording.count)
    }
  }

  @Test func silenceAloneStaysForItsOwnError() {
    #expect(SpeechRange(of: Self.silence(1, level: 0.0001), sampleRate: Self.rate).leftOut == (0, 0))
  }

  @Test func aVoiceIsMadeOfTheSpeechAlone() throws {
    let codec = try CodecFixture.open()
    func codeFrames(_ samples: [Float]) throws -> Int {
      try Voice(
        name: "anna", recording: AudioClip(samples: samples, sampleRate: Self.rate), source: "a.wav",
        transcript: "What Anna says.", codec: codec
      ).codes.frameCount
    }
    let bare = try codeFrames(Self.speech)
    let padded = try codeFrames(Self.silence(2) + Self.speech + Self.silence(2))
    // Two margins of 0.1 s at 50 code frames a second.
    #expect((bare...bare + 11).contains(padded))
  }

  @Test(arguments: [
    (String(repeating: "All work and no play makes Jack a dull boy. ", count: 20), 660),
    (
      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        + "eighteen nineteen twenty", 112
    ),
    (String(repeating: "7", count: 30), 120),
  ])
  func transcriptThatCannotBeSaidInTheTimeIsRefused(transcript: String, count: Int) throws {
    let codec = try CodecFixture.open()
    let recording = AudioClip(samples: sine(200, seconds: 2.3, rate: Self.rate), sampleRate: Self.rate)
    let text = errorText {
      _ = try Voice(name: "anna", recording: recording, source: "a.wav", transcript: transcript, codec: codec)
    }
    #expect(
      text
        == "anna: transcript: expected what is said in the 2.3 seconds of speech, at most 102 letters, found \(count)")
  }

  @Test(arguments: ["...", "— ?", "♪"])
  func transcriptWithoutWordsIsRefused(transcript: String) throws {
    let codec = try CodecFixture.open()
    let recording = AudioClip(samples: sine(200, seconds: 1, rate: Self.rate), sampleRate: Self.rate)
    let text = errorText {
      _ = try Voice(name: "anna", recording: recording, source: "a.wav", transcript: transcript, codec: codec)
    }
    #expect(text == "anna: transcript: expected what is said in the recording, found no letters or digits")
  }
}
