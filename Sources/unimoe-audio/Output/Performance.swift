import UniMoEAudio

/// An engine at work for one command: opens the model, makes requests in batches, and shows progress.
struct Performance {
  private let model: ModelSummary
  private let engine: Engine
  private let interruption: Interruption
  private let isQuiet: Bool

  /// How many requests share a batch: each adds rows to every step, and memory for its keys and values.
  static let batchLimit = 4

  /// Opens the model. To be called when all input is read: from here on Ctrl-C cancels.
  init(
    model: ModelSummary, common: CommonOptions, arithmetic: PromptArithmetic, words: UserWords = UserWords()
  ) throws {
    var options = try common.engineOptions(promptArithmetic: arithmetic)
    options.words = words
    self.model = model
    interruption = Interruption.watch()
    engine = try interruption.guarding {
      try Engine(model, options: options, cancellation: $0)
    }
    isQuiet = common.quiet
  }

  /// What notes a request for music is played from, in a few words; `nil` where nobody writes any.
  func composition(of request: Request) -> String? { engine.score(for: request)?.title }

  /// The pieces in which a request is made.
  func pieces(of request: Request) throws -> [SpeechPiece] {
    do throws(UniMoEError) {
      return try engine.pieces(of: request)
    } catch {
      // The text is input, not usage.
      throw error.field == "text" ? CommandFailure(.badData, "text: \(error.problem)") : CommandFailure(error)
    }
  }

  /// What a run gave and how long it took.
  struct Outcome {
    /// One result per request, in order.
    var results: [GenerationResult]
    /// Wall-clock seconds for all of them.
    var seconds: Double
    /// How many requests shared a batch.
    var batchLimit = Performance.batchLimit
  }

  /// What became of a request's pieces.
  struct Work {
    /// Results of the pieces that can be heard.
    var outcome: Outcome
    var joined: JoinedSound
    var written: SoundOutput.Written
  }

  /// Makes pieces and writes their sound: into a file when all are made, several at a time; to a pipe or a device one after
  /// the other, while they are made.
  ///
  /// - Parameters:
  ///   - verb: What is done, for the progress bar.
  ///   - longest: The longest sound of several pieces in seconds.
  ///   - title: What a picture of the sound is headed with.
  /// - Throws: if the user interrupts, and if the sound cannot be written.
  func make(
    _ pieces: [SpeechPiece], verb: String, longest: Double?, to output: SoundOutput, title: String
  ) throws -> Work {
    let joined = try JoinedSound(pieces, sampleRate: model.sampleRate, longest: longest)
    let requests = pieces.map(\.request)
    if output.file.isStream { return try stream(requests, verb: verb, joined, to: output, title: title) }
    var outcome = try make(requests, verb: verb) { results in
      for result in results where !joined.isFull {
        _ = joined.push(result.samples)
        _ = joined.endPiece()
      }
      return !joined.isFull
    }
    outcome.results = Array(outcome.results.prefix(joined.places.count))
    let sound = sound(joined, outcome, title)
    let written = try interruption.guarding { try output.write(sound, cancellation: $0) }
    return Work(outcome: outcome, joined: joined, written: written)
  }

  /// Makes all requests, or those until `goesOn` is false for a batch's results.
  ///
  /// Throws if the user interrupts.
  func make(
    _ requests: [Request], verb: String, recordsRoutes: Bool = false,
    while goesOn: ([GenerationResult]) -> Bool = { _ in true }
  ) throws -> Outcome {
    let bar = ProgressBar(verb: verb, codeRate: model.codeRate, requests: requests.count, isQuiet: isQuiet)
    defer { bar?.clear() }
    let start = ContinuousClock.now
    var results: [GenerationResult] = []
    while results.count < requests.count {
      let batch = Array(requests[results.count...].prefix(Self.batchLimit))
      let made = try engine.generate(
        batch, cancellation: interruption.cancellation, observer: bar, recordsRoutes: recordsRoutes)
      try interruption.check()
      bar?.finishBatch()
      results += made
      if !goesOn(made) { break }
    }
    return Outcome(results: results, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// Makes requests one after the other and writes their sound meanwhile.
  private func stream(
    _ requests: [Request], verb: String, _ joined: JoinedSound, to output: SoundOutput, title: String
  ) throws -> Work {
    let cancellation = interruption.cancellation
    let rate = output.rate ?? model.sampleRate
    let bar = ProgressBar(verb: verb, codeRate: model.codeRate, requests: requests.count, isQuiet: isQuiet)
    defer { bar?.clear() }
    var outcome = Outcome(results: [], seconds: 0, batchLimit: 1)
    var hasBegun = false
    var written = SoundOutput.Written(name: output.file.name, sampleRate: rate, samples: 0)
    do {
      try output.file.withStream(cancellation) { descriptor in
        let stream = try SoundStream(
          descriptor, name: output.file.name, from: model.sampleRate, to: rate, cancellation: cancellation)
        let listener = SoundListener(bar) { stream.append(joined.push($0)) }
        hasBegun = true
        let start = ContinuousClock.now
        for request in requests where !joined.isFull && !cancellation.isCancelled {
          outcome.results += try engine.generate([request], cancellation: cancellation, observer: listener)
          bar?.finishBatch()
          stream.append(joined.endPiece())
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        try interruption.check("only a part was written")
        written.samples = try stream.finish()
      }
    } catch {
      if !hasBegun { try interruption.check() }
      throw error
    }
    written = try output.complete(.success(written), sound(joined, outcome, title), cancellation)
    return Work(outcome: outcome, joined: joined, written: written)
  }

  private func sound(_ joined: JoinedSound, _ outcome: Outcome, _ title: String) -> SoundOutput.Sound {
    SoundOutput.Sound(
      samples: joined.samples, sampleRate: model.sampleRate, codes: outcome.results.map(\.codes),
      plans: model.planChannels.isEmpty ? nil : outcome.results.map { $0.plan ?? GivenPlan(codeFrames: 0) },
      title: title)
  }
}

/// Hears the samples of a request, and shows its progress.
private final class SoundListener: GenerationObserver {
  private let bar: ProgressBar?
  private let hear: (UnsafeBufferPointer<Float>) -> Void

  init(_ bar: ProgressBar?, _ hear: @escaping (UnsafeBufferPointer<Float>) -> Void) {
    self.bar = bar
    self.hear = hear
  }

  func request(_ index: Int, progressed progress: GenerationProgress) { bar?.request(index, progressed: progress) }
  func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) { hear(samples) }
}
