import CKernels

/// A model that is ready to speak and compose.
///
/// Thread: any. Several threads may generate on one engine at once; they share the machine.
public final class Engine: Sendable {
  /// How an engine uses the machine.
  public struct Options: Sendable {
    /// How many threads can be asked for.
    public static var threadRange: ClosedRange<Int> { 1...WorkerPool.limit }
    /// Threads that compute, the caller's included, in the whole process; `nil` leaves one per core.
    public var threads: Int?
    /// How prompts are computed.
    public var promptArithmetic: PromptArithmetic
    /// Words that the user says how to say.
    public var words: UserWords
    /// Creates options.
    public init(
      threads: Int? = nil, promptArithmetic: PromptArithmetic = .exact, words: UserWords = UserWords()
    ) {
      self.threads = threads
      self.promptArithmetic = promptArithmetic
      self.words = words
    }
  }

  /// The model and its facts.
  public let model: ModelSummary
  /// Turns sound into codes and back.
  public let codec: Codec
  /// The sample rate of everything the engine makes, in Hz.
  public var sampleRate: Int { codec.sampleRate }
  /// Code frames per second of sound.
  public var codeRate: Double { Double(codec.sampleRate) / Double(codec.hopLength) }

  /// How words sound; `nil` for a checkpoint without a lexicon.
  public let pronouncer: Pronouncer?

  var checkpoint: Checkpoint { model.checkpoint }
  let prompts: PromptTemplate
  private let languageModel: LanguageModel

  /// Opens a checkpoint directory. Throws as `init(_:options:cancellation:)`.
  public convenience init(
    modelDirectory: String, options: Options = Options(), cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    try self.init(ModelSummary(directory: modelDirectory), options: options, cancellation: cancellation)
  }

  /// Makes an opened model ready.
  ///
  /// Throws `UniMoEError` of kind `model` for any file that is missing, broken or contradicts another, and of kind
  /// `cancelled` soon after the flag was raised.
  public init(
    _ model: ModelSummary, options: Options = Options(), cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    if let threads = options.threads {
      guard Options.threadRange.contains(threads) else {
        throw UniMoEError(
          .request, "engine", field: "threads", expected: "1 to \(Options.threadRange.upperBound)",
          found: "\(threads)")
      }
      WorkerPool.shared.setThreads(threads)
    }
    self.model = model
    let checkpoint = model.checkpoint
    try cancellation.check()
    prompts = try PromptTemplate(Tokenizer(directory: model.directory), checkpoint.configuration)
    codec = try Codec(
      model.codecCheckpoint.configuration, model.codecCheckpoint.tensors, cancellation: cancellation)
    languageModel = try LanguageModel(checkpoint, promptArithmetic: options.promptArithmetic)
    pronouncer = try model.lexiconPath.map { (path) throws(UniMoEError) in
      Pronouncer(lexicon: try Lexicon(path: path), own: options.words)
    }
    let configuration = checkpoint.configuration
    guard codec.codebooks == configuration.codebooks, codec.codebookSize >= Int(configuration.eos) else {
      throw UniMoEError(
        .model, checkpoint.codecDirectory,
        expected: "\(configuration.codebooks) codebooks of at least \(configuration.eos) entries, as config.json says",
        found: "\(codec.codebooks) of \(codec.codebookSize)")
    }
  }

  /// How codes are drawn for a task unless a request says otherwise.
  public func defaultSampling(for content: Request.Content) -> Sampling { defaults(for: content).sampling }

  /// What a request would take. Throws what `generate` would throw for it; computes nothing. Thread: any.
  public func plan(_ request: Request) throws(UniMoEError) -> RequestPlan {
    let prepared = try prepare(request)
    return RequestPlan(
      maximumCodeFrames: prepared.maximumCodeFrames, promptTokens: prepared.stream.prompt.conditional.count)
  }

  /// Makes several requests as one batch and returns their results in order.
  ///
  /// The samples of a request depend on the request alone: not on its batch mates, nor on the number of threads.
  ///
  /// - Parameters:
  ///   - cancellation: Stops the whole batch within 100 ms.
  ///   - observer: Receives progress and samples while they are made.
  ///   - recordsRoutes: Whether the results tell which experts each code frame used.
  /// - Throws: kind `request` if any request is out of range, before anything is computed; kind `model` if broken weights
  ///   give numbers that are not finite. A cancelled batch does not throw: its results say `cancelled` and hold what was
  ///   made.
  public func generate(
    _ requests: [Request], cancellation: Cancellation = Cancellation(), observer: GenerationObserver? = nil,
    recordsRoutes: Bool = false
  ) throws(UniMoEError) -> [GenerationResult] {
    if requests.isEmpty { return [] }
    let generator = try begin(
      requests, cancellation: cancellation, observer: observer, recordsRoutes: recordsRoutes)
    while try generator.advance() {}
    return generator.results
  }

  /// Prepares what `generate` makes, for a caller that lets others go first between two pieces of work. Throws as
  /// `generate` does, and computes nothing yet.
  package func begin(
    _ requests: [Request], cancellation: Cancellation, observer: GenerationObserver?, recordsRoutes: Bool = false
  ) throws(UniMoEError) -> Generator {
    var plans: [Generator.Plan] = []
    for request in requests { plans.append(try prepare(request)) }
    return try Generator(
      languageModel, codec, plans: plans, cancellation: cancellation, observer: observer, recordsRoutes: recordsRoutes)
  }

  private func defaults(for content: Request.Content) -> GenerationDefaults.Usage {
    switch content {
    case .speech: checkpoint.defaults.speech
    case .music: checkpoint.defaults.music
    }
  }

  private func prompt(for content: Request.Content) throws(UniMoEError) -> PromptRows {
    func require(_ text: String, _ field: String) throws(UniMoEError) {
      if text.allSatisfy(\.isWhitespace) {
        throw UniMoEError(.request, "request", field: field, expected: "at least one character", found: "none")
      }
    }
    func requireWords(_ text: String) throws(UniMoEError) {
      try require(text, "text")
      if !SentenceSplitter.isSayable(text) {
        throw UniMoEError(.request, "request", field: "text", expected: "letters or digits", found: "neither")
      }
    }
    switch content {
    case .music(let caption):
      try require(caption, "caption")
      return try prompts.music(caption: caption)
    case .speech(let text, let voice):
      try requireWords(text)
      return try prompts.speech(text: text, voice: voice)
    }
  }

  /// The error of a request that takes more positions than the model has, in seconds of its result.
  private func tooLong(positions: Int, result codeFrames: Int) -> UniMoEError {
    let most = codeFrames - (positions - checkpoint.configuration.maximumPositions)
    guard most > 0 else {
      return UniMoEError(
        .request, "request", field: "length", "the text and the voice leave the model no room for sound: shorten them")
    }
    func seconds(_ codeFrames: Int) -> String { "\((Double(codeFrames) / codeRate * 10).rounded(.down) / 10) s" }
    return UniMoEError(
      .request, "request", field: "length", expected: "at most \(seconds(most)) of sound after this prompt",
      found: "\(seconds(codeFrames))")
  }

  private func prepare(_ request: Request) throws(UniMoEError) -> Generator.Plan {
    var request = request
    let said = try said(for: request)
    if let said, case .speech(_, let voice) = request.content {
      request.content = .speech(text: said.text, voice: voice)
    }
    let configuration = checkpoint.configuration
    let defaults = defaults(for: request.content)
    let sampling = request.sampling ?? defaults.sampling
    try sampling.validate()
    let random = CounterRandom(seed: request.seed)
    try LengthPlan.check(request)
    let plan = try planTrack(of: request, said, random)
    let lengths = try LengthPlan(
      request, defaults: defaults, maximumDelay: configuration.maximumDelay, codeRate: codeRate,
      planned: plan?.source.longestCodeFrames)
    let pieces = try piecePrompts(of: request, said)
    let prompt = if let pieces { try pieces.prompt(0) } else { try prompt(for: request.content) }
    let maximumTokens = lengths.maximumCodeFrames + configuration.maximumDelay + 1
    let positions =
      max(prompt.conditional.count, prompt.unconditional.count, pieces?.longest ?? 0)
      + RequestStream.positions(maximumTokens: maximumTokens, hasPlan: plan != nil)
    guard positions <= configuration.maximumPositions else {
      throw tooLong(positions: positions, result: lengths.maximumCodeFrames)
    }
    let delays = configuration.delays
    let stream = try RequestStream(
      configuration, prompt: prompt, sampling: sampling, minimumCodeFrames: lengths.minimumCodeFrames,
      maximumTokens: maximumTokens, plan: plan, pieces: pieces
    ) { step, codebook in random.uniform(codeFrame: step - delays[codebook], codebook: codebook) }
    let planned = plan?.source.longestCodeFrames ?? Int.max
    return Generator.Plan(
      stream: stream, maximumCodeFrames: lengths.maximumCodeFrames,
      fadesAtLimit: request.content.isMusic && planned > lengths.maximumCodeFrames)
  }
}
