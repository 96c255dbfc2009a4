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

  /// The pieces in which a request's text is spoken.
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
  }

  /// Writes what was made, with the samples of all of it; throws if the user interrupts.
  func write(
    _ samples: [Float], of outcome: Outcome, to output: SoundOutput, title: String
  ) throws -> SoundOutput.Written {
    let sound = SoundOutput.Sound(
      samples: samples, sampleRate: model.sampleRate, codes: outcome.results.map(\.codes),
      plans: model.planChannels.isEmpty ? nil : outcome.results.map { $0.plan ?? GivenPlan(codeFrames: 0) },
      title: title)
    return try interruption.guarding { try output.write(sound, cancellation: $0) }
  }

  /// Makes all requests, or those until `goesOn` is false for a batch's results. `verb` says on the progress bar what is
  /// done.
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
}
