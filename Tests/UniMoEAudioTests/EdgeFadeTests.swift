import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

/// Results begin and end in silence, whatever the codec makes of a signal's two ends.
@Suite(.serialized) struct EdgeFadeTests {
  /// 10 ms at 16 kHz.
  private static let fade = 160

  @Test func noResultOfFortySeedsClicksAtEitherEnd() throws {
    let engine = try EngineTests.engine.get()
    let voices = VoiceStore(modelDirectory: engine.model.directory, userDirectory: nil)
    let voice = try voices.load("default", codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    var clicks = 0
    for start in stride(from: UInt64(0), to: 40, by: 8) {
      let requests = (start..<start + 8).map { seed in
        seed % 2 == 0
          ? Request(.speech(text: "It works.", voice: voice), seed: seed, minimumSeconds: 0.2, maximumSeconds: 0.3)
          : Request(.music(caption: "slow sad piano"), seed: seed, minimumSeconds: 0.2, maximumSeconds: 0.3)
      }
      for result in try engine.generate(requests) {
        let raw = try engine.codec.decode(result.codes)
        #expect(raw.count == result.samples.count)
        if abs(raw[0]) > 0.01 { clicks += 1 }
        // Of full scale: -80 dB at the very end, -60 dB within the first and the last quarter of a millisecond.
        for end in [result.samples, result.samples.reversed()] {
          #expect(abs(end[0]) < 1e-4 && end[..<4].allSatisfy { abs($0) < 1e-3 })
        }
      }
    }
    // The codec still makes the click that the fade takes away.
    #expect(clicks > 30)
  }

  @Test func betweenTheFadesEverySampleOfSpeechIsTheCodecs() throws {
    let engine = try EngineTests.engine.get()
    let result = try engine.generate([EngineTests.requests(engine)[1]])[0]
    let raw = try engine.codec.decode(result.codes)
    let middle = Self.fade..<raw.count - Self.fade
    #expect(result.samples[middle] == raw[middle])
    for index in 0..<Self.fade {
      #expect(abs(result.samples[index]) <= abs(raw[index]))
      #expect(abs(result.samples[raw.count - 1 - index]) <= abs(raw[raw.count - 1 - index]))
    }
  }

  @Test func musicAtItsLimitIsFadedOutAndSpeechIsNot() throws {
    let engine = try EngineTests.engine.get()
    let music = try engine.generate([
      Request(.music(caption: "fast drums"), seed: 3, minimumSeconds: 3, maximumSeconds: 3)
    ])[0]
    let raw = try engine.codec.decode(music.codes)
    let fade = raw.count - engine.sampleRate / 2
    #expect(music.stopReason == .length)
    #expect(music.samples[Self.fade..<fade] == raw[Self.fade..<fade])
    // Half of the amplitude in the middle of a raised cosine, little in its last tenth.
    let middle = raw.count - engine.sampleRate / 4
    #expect(abs(music.samples[middle] - raw[middle] / 2) <= abs(raw[middle]) * 0.01)
    for index in raw.count - engine.sampleRate / 20..<raw.count {
      #expect(abs(music.samples[index]) <= abs(raw[index]) * 0.025)
    }
  }

  @Test(arguments: [1, 7, 159, 160, 161, 320, 1000])
  func cutsChangeNoSample(piece: Int) {
    for count in [0, 1, 159, 160, 161, 319, 320, 321, 3000] {
      let sound = pseudoRandom(count, seed: 5)
      #expect(Self.faded(sound, piece: piece) == Self.faded(sound, piece: max(1, count)))
      #expect(Self.faded(sound, piece: piece).count == count)
    }
  }

  /// The joiner trims what is below -60 dB in windows of 10 ms.
  @Test func endsOfSpokenPiecesAreSilenceForTheJoiner() throws {
    let engine = try EngineTests.engine.get()
    let voices = VoiceStore(modelDirectory: engine.model.directory, userDirectory: nil)
    let voice = try voices.load("default", codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    let requests = (0..<6).map { Request(.speech(text: "Good morning.", voice: voice), seed: UInt64($0)) }
    func level(_ part: ArraySlice<Float>) -> Float {
      (part.reduce(0) { $0 + $1 * $1 } / Float(part.count)).squareRoot()
    }
    for result in try engine.generate(requests) {
      let raw = try engine.codec.decode(result.codes)
      #expect(level(result.samples.prefix(160)) < 0.001 && level(result.samples.suffix(160)) < 0.001)
      #expect(level(raw.prefix(160)) > 0.001 && level(raw.suffix(160)) > 0.001)
    }
  }

  private static func faded(_ sound: [Float], piece: Int) -> [Float] {
    var fade = EdgeFade(sampleRate: 16000, musicLimit: 2500)
    var result: [Float] = []
    for start in stride(from: 0, to: sound.count, by: piece) {
      sound[start..<min(start + piece, sound.count)].withUnsafeBufferPointer { result += fade.push($0) }
    }
    return result + fade.finish()
  }
}
