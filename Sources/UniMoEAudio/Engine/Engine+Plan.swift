extension Engine {
  /// Who says what stands in the plan channels of a request; `nil` in a model without a plan for it.
  func planTrack(
    of request: Request, _ said: NormalizedText?, _ random: CounterRandom
  ) throws(UniMoEError) -> PlanTrack? {
    let domain: PlanChannel.Domain
    switch request.content {
    case .speech: domain = .speech
    case .music: domain = .music
    }
    let hasWalk = domain == .speech && model.hasSpeechPlan
    if let walk = request.walk, !hasWalk {
      throw UniMoEError(
        .request, "request", field: "speed", expected: "none: only speech of a model with plan channels has one",
        found: "\(walk.speed)")
    }
    guard let plan = checkpoint.configuration.plan, !plan.channels(of: domain).isEmpty else {
      if request.plan != nil {
        throw UniMoEError(
          .request, "request", field: "plan", expected: "none: the model has no plan for \(domain.rawValue)",
          found: "one")
      }
      return nil
    }
    let source: any PlanSource
    switch (domain, request.plan) {
    case (.speech, .words(let words)?): source = try walk(words, plan, request)
    case (.speech, nil): source = try walk(said.map(words(of:)) ?? [], plan, request)
    case (.speech, _?):
      throw UniMoEError(.request, "request", field: "plan", expected: "words as they are said", found: "music")
    case (.music, .words?):
      throw UniMoEError(.request, "request", field: "plan", expected: "a plan of music", found: "words")
    case (.music, .given(let given, let drawsRest)?):
      source = try MusicPlan(given, draws: drawsRest, plan, codeRate: codeRate)
    case (.music, .score(let score)?):
      source = try MusicPlan(given(ScorePlan(arranged(score, request)), plan), draws: false, plan, codeRate: codeRate)
    case (.music, .free?):
      source = try MusicPlan(nil, draws: true, plan, codeRate: codeRate)
    case (.music, nil):
      source = try MusicPlan(given(composed(request).plan, plan), draws: false, plan, codeRate: codeRate)
    }
    return PlanTrack(source, plan, domain) { codeFrame, channel in
      random.planUniforms(codeFrame: codeFrame, channel: channel)
    }
  }

  /// A score's plan in the model's channels.
  private func given(_ score: ScorePlan, _ plan: PlanConfiguration) throws(UniMoEError) -> GivenPlan {
    guard codeRate == Double(ScorePlan.codeRate) else {
      throw UniMoEError(
        .model, model.directory, field: "code frames a second",
        expected: "\(ScorePlan.codeRate), which notes are given in",
        found: "\(codeRate)")
    }
    return GivenPlan(score, for: plan)
  }

  /// The notes that a request for music is played from: those that it brings, in the sound that its caption asks for, or
  /// those that are composed for its caption and its seed. `nil` where the model makes its own, or plays no notes.
  public func score(for request: Request) -> Score? {
    guard case .music = request.content, model.hasMusicPlan else { return nil }
    return switch request.plan {
    case .score(let score)?: arranged(score, request)
    case nil: composed(request).score
    case .words?, .given?, .free?: nil
    }
  }

  private func arranged(_ score: Score, _ request: Request) -> Score {
    score.arranged(by: CaptionReader.read(request.content.text).attributes)
  }

  /// What a caption asks for, composed by rule: as long as the caption says or as some bars take, within the request's
  /// lengths.
  private func composed(_ request: Request) -> (score: Score, plan: ScorePlan) {
    let attributes = CaptionReader.read(request.content.text).attributes
    let natural = Brief(attributes, seed: request.seed).seconds
    let longest = request.maximumSeconds ?? natural
    let seconds = min(max(natural, request.minimumSeconds ?? 0), max(longest, request.minimumSeconds ?? 0))
    let score = Composer.compose(Brief(attributes, seed: request.seed, seconds: seconds))
    let plan = ScorePlan(score)
    // The moment before the first beat is part of the length that was asked for.
    let asked = LengthPlan.codeFrames(seconds, codeRate)
    return (score, plan.codeFrames == asked + 1 ? plan.prefix(asked) : plan)
  }

  /// The prompts of a text that is longer than the model speaks well in one go, and whose words nobody else gives; `nil` for
  /// all other requests.
  func piecePrompts(of request: Request, _ said: NormalizedText?) throws(UniMoEError) -> PiecePrompts? {
    guard model.hasSpeechPlan, request.plan == nil, let said, case .speech(_, let voice) = request.content else {
      return nil
    }
    let read = TextFrontEnd.Result(
      normalized: said, phonemes: nil,
      pieces: SentenceSplitter(longest: model.limits.textCharacters).pieces(of: said.text))
    guard read.pieces.count > 1 else { return nil }
    let pieces = read.pieces.compactMap { piece -> PiecePrompts.Piece? in
      let words = read.words(of: piece)
      return words.isEmpty ? nil : PiecePrompts.Piece(text: piece.closed, firstWord: words.lowerBound)
    }
    return pieces.count > 1 ? try PiecePrompts(pieces, voice, prompts) : nil
  }

  private func walk(
    _ words: [SpokenWord], _ plan: PlanConfiguration, _ request: Request
  ) throws(UniMoEError) -> PhonemeWalk {
    let settings = request.walk ?? checkpoint.defaults.walk
    try settings.validate()
    return try PhonemeWalk(words, plan, settings: settings)
  }

  /// What is said for a request's text, with where it stands in the text as it was written; `nil` for music, and where the
  /// text stays as it is and nobody asks for its words.
  func said(for request: Request) throws(UniMoEError) -> NormalizedText? {
    guard case .speech(let text, _) = request.content else { return nil }
    if request.speaksCharacters { return try Normalizer.spell(text) }
    switch request.reading {
    case .english: return try Normalizer().normalize(text)
    case .verbatim: return model.hasSpeechPlan ? try Normalizer(isVerbatim: true).normalize(text) : nil
    }
  }

  /// The words of a text by the checkpoint's own lexicon, with their places in the text as it was written.
  ///
  /// Throws an error of kind `model` for a checkpoint without a lexicon.
  public func words(of normalized: NormalizedText) throws(UniMoEError) -> [SpokenWord] {
    guard let pronouncer else {
      throw UniMoEError(
        .model, model.directory, field: Checkpoint.lexiconName, expected: "the lexicon of a model that speaks phonemes",
        found: "none")
    }
    return SpokenWord.words(of: normalized, said: pronouncer.phonemes(of: normalized))
  }
}
