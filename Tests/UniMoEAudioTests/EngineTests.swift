import Foundation
import Testing

@testable import UniMoEAudio

/// The whole way from text to samples on the miniature checkpoint.
@Suite(.serialized) struct EngineTests {
  /// The model that ships with the repository.
  static let engine = Result { try Engine(modelDirectory: defaultModel) }

  private static let defaultModel: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return root.deletingLastPathComponent().appendingPathComponent("models/default").path
  }()

  static func voice(_ engine: Engine) -> Voice {
    let frames = 25
    let values = (0..<frames * engine.codec.codebooks).map { Int32($0 * 37 % engine.codec.codebookSize) }
    return Voice(
      name: "test", codes: Codes(codebooks: engine.codec.codebooks, values: values), transcript: "Hello world.")
  }

  static func requests(_ engine: Engine) -> [Request] {
    [
      Request(.music(caption: "slow sad piano"), seed: 7, minimumSeconds: 0, maximumSeconds: 0.6),
      Request(
        .speech(text: "It works.", voice: voice(engine)), seed: 1 << 40, minimumSeconds: 0.3, maximumSeconds: 0.8),
      Request(
        .music(caption: "fast drums"), seed: 7, sampling: Sampling(guidanceScale: 0, temperature: 0.8, topP: 0.9),
        minimumSeconds: 1, maximumSeconds: 1),
    ]
  }

  /// What no fade at the ends of a result reaches.
  private static func middle(_ samples: [Float]) -> ArraySlice<Float> { samples[160..<samples.count * 3 / 4 - 160] }

  @Test func aRequestGivesTheSameSamplesTwiceAloneAndInABatchOnOneThreadAndTwo() throws {
    let engine = try Self.engine.get()
    let requests = Self.requests(engine)
    let threads = WorkerPool.shared.threads
    defer { WorkerPool.shared.setThreads(threads) }
    var runs: [[GenerationResult]] = []
    for threads in [1, 2] {
      WorkerPool.shared.setThreads(threads)
      runs.append(try engine.generate(requests))
      runs.append(try requests.map { try engine.generate([$0])[0] })
    }
    for run in runs {
      for (result, first) in zip(run, runs[0]) {
        #expect(result.codes == first.codes)
        #expect(result.samples == first.samples)
        #expect(result.stopReason == first.stopReason)
      }
    }
    #expect(runs[0].allSatisfy { $0.samples.contains { $0 != 0 } })
    #expect(runs[0][0].samples != runs[0][2].samples)
  }

  @Test func aRoundedPromptKeepsTheShapeOfResultsAndDependsOnNothingElse() throws {
    let engine = try Engine(modelDirectory: Self.defaultModel, options: Engine.Options(promptArithmetic: .bfloat16))
    let requests = Self.requests(engine)
    let threads = WorkerPool.shared.threads
    defer { WorkerPool.shared.setThreads(threads) }
    var runs: [[GenerationResult]] = []
    for threads in [1, 2] {
      WorkerPool.shared.setThreads(threads)
      runs.append(try engine.generate(requests))
      runs.append(try requests.map { try engine.generate([$0])[0] })
    }
    for run in runs { #expect(run.map(\.samples) == runs[0].map(\.samples)) }
    for (result, request) in zip(runs[0], requests) {
      #expect([.end, .length].contains(result.stopReason))
      #expect(Self.middle(result.samples) == Self.middle(try engine.codec.decode(result.codes)))
      #expect(result.samples.allSatisfy { $0.isFinite })
      let most = try engine.plan(request).maximumCodeFrames
      #expect((1...most).contains(result.codes.frameCount))
    }
    #expect(runs[0][2].codes.frameCount == 50)
  }

  @Test func anotherSeedGivesOtherCodes() throws {
    let engine = try Self.engine.get()
    var request = Self.requests(engine)[0]
    let first = try engine.generate([request])[0]
    request.seed += 1
    #expect(try engine.generate([request])[0].codes != first.codes)
  }

  @Test func streamedSamplesAreTheResultAndTheOfflineDecode() throws {
    let engine = try Self.engine.get()
    let observer = Recorder(requests: 3)
    let results = try engine.generate(Self.requests(engine), observer: observer)
    for (index, result) in results.enumerated() {
      #expect(observer.samples[index] == result.samples)
      #expect(Self.middle(try engine.codec.decode(result.codes)) == Self.middle(result.samples))
      let progress = observer.progress[index]
      #expect(progress.first?.phase == .prefill)
      #expect(progress.last?.phase == .decode)
      #expect(progress.last?.codeFramesDone == result.codes.frameCount)
      #expect(progress.last?.codeFramesExpected == result.codes.frameCount)
      #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.codeFramesDone <= $1.codeFramesDone })
    }
    #expect(results[2].codes.frameCount == 50)
    #expect(results[2].stopReason == .length)
  }

  @Test func cancellationKeepsWhatWasMadeAndSaysSo() throws {
    let engine = try Self.engine.get()
    let cancellation = Cancellation()
    let observer = Recorder(requests: 1)
    observer.onProgress = { if $0.codeFramesDone >= 10 { cancellation.cancel() } }
    let request = Request(.music(caption: "endless"), minimumSeconds: 5, maximumSeconds: 5)
    let result = try engine.generate([request], cancellation: cancellation, observer: observer)[0]
    #expect(result.stopReason == .cancelled)
    #expect((1...11).contains(result.codes.frameCount))
    #expect(result.samples == observer.samples[0])
  }

  @Test func openingCanBeCancelled() {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: UniMoEError.cancelled) {
      try Engine(modelDirectory: Self.defaultModel, cancellation: cancellation)
    }
    #expect(throws: UniMoEError.cancelled) {
      try Codec(directory: Self.defaultModel + "/codec", cancellation: cancellation)
    }
  }

  @Test func theCallersFloatingPointModeStaysItsOwn() throws {
    let engine = try Self.engine.get()
    _ = try engine.generate([Self.requests(engine)[0]])
    // Would be zero in the mode that the engine computes in.
    let denormal = try #require([Float.leastNormalMagnitude].randomElement()) / 2
    #expect(denormal > 0)
  }

  @Test func cancelledBeforeTheStartMakesNothing() throws {
    let engine = try Self.engine.get()
    let cancellation = Cancellation()
    cancellation.cancel()
    let results = try engine.generate(Self.requests(engine), cancellation: cancellation)
    #expect(results.map(\.stopReason) == [.cancelled, .cancelled, .cancelled])
    #expect(results.allSatisfy { $0.samples.isEmpty && $0.codes.frameCount == 0 })
  }

  @Test func routesTellTheExpertsOfEveryStep() throws {
    let engine = try Self.engine.get()
    let requests = Self.requests(engine)
    let results = try engine.generate(requests, recordsRoutes: true)
    for result in results {
      let routes = try #require(result.routes)
      #expect(routes.steps == result.statistics.steps)
      #expect(routes.weights.count == routes.steps * routes.layers * routes.experts)
      for (weight, isChosen) in zip(routes.weights, routes.isChosen) { #expect(isChosen || weight == 0) }
      for place in stride(from: 0, to: routes.weights.count, by: routes.experts) {
        #expect(abs(routes.weights[place..<place + routes.experts].reduce(0, +) - 1) < 1e-4)
      }
    }
    #expect(results.map(\.samples) == (try engine.generate(requests)).map(\.samples))
  }

  @Test func emptyTextIsRefusedBeforeAnythingIsComputed() throws {
    let engine = try Self.engine.get()
    for text in ["", " \n\t"] {
      #expect(throws: UniMoEError.self) { try engine.generate([Request(.music(caption: text))]) }
      #expect(throws: UniMoEError.self) {
        try engine.generate([Request(.speech(text: text, voice: Self.voice(engine)))])
      }
    }
  }

  @Test(arguments: [".", "… — !", "* * *", "♪ ♫", "?!", "😀", "\u{301}"])
  func textWithoutLettersAndDigitsIsRefusedUnlessItsCharactersAreSpoken(text: String) throws {
    let engine = try Self.engine.get()
    var request = Request(.speech(text: text, voice: Self.voice(engine)), maximumSeconds: 0.1)
    let error = #expect(throws: UniMoEError.self) { try engine.generate([request]) }
    #expect(error?.description == "request: text: expected letters or digits, found neither")
    request.speaksCharacters = true
    #expect(try engine.plan(request).promptTokens > 0)
  }

  @Test func lengthBeyondTheModelIsToldInSeconds() throws {
    let engine = try Self.engine.get()
    let error = #expect(throws: UniMoEError.self) {
      try engine.plan(Request(.music(caption: "slow sad piano"), maximumSeconds: 120))
    }
    let text = try #require(error?.description)
    #expect(
      text.hasPrefix("request: length: expected at most ")
        && text.hasSuffix(" s of sound after this prompt, found 120.0 s"))
    let seconds = try #require(text.split(separator: " ").compactMap { Double($0) }.first)
    _ = try engine.plan(Request(.music(caption: "slow sad piano"), maximumSeconds: seconds))
    #expect(throws: UniMoEError.self) {
      try engine.plan(Request(.music(caption: "slow sad piano"), maximumSeconds: seconds + 0.1))
    }
  }

  @Test func aVoiceOfAnotherCodecIsRefused() throws {
    let engine = try Self.engine.get()
    let other = Voice(name: "other", codes: Codes(codebooks: 3, values: [1, 2, 3]), transcript: "x")
    let error = #expect(throws: UniMoEError.self) {
      try engine.generate([Request(.speech(text: "Hello.", voice: other))])
    }
    #expect(
      error?.description
        == "voice \"other\": expected \(engine.codec.codebooks) codebooks, as the model has, found 3")
  }
}

/// Keeps what a batch reported.
private final class Recorder: GenerationObserver {
  var samples: [[Float]]
  var progress: [[GenerationProgress]]
  var onProgress: (GenerationProgress) -> Void = { _ in }

  init(requests: Int) {
    samples = Array(repeating: [], count: requests)
    progress = Array(repeating: [], count: requests)
  }

  func request(_ index: Int, progressed progress: GenerationProgress) {
    self.progress[index].append(progress)
    onProgress(progress)
  }

  func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) { self.samples[index] += samples }
}
