/// The words and control tokens around a request's text (reference semantics, section c, "Prompts").
///
/// What a user or a voice file supplies is always encoded as ordinary text: no wording can bring in a control token.
struct PromptTemplate: Sendable {
  private let tokenizer: Tokenizer
  private let configuration: ModelConfiguration
  private let delayPattern: DelayPattern
  private let tokens: ControlTokens
  /// Up to the body of the user's message.
  private let head: [Int32]
  /// From the end of the body to the start of the audio.
  private let tail: [Int32]

  private static let systemMessage = "You are a helpful assistant."
  /// The caption that music is guided away from.
  private static let poorCaption = "Low quality."

  /// Prepares the pieces that all prompts share.
  ///
  /// Throws an error of kind `model` if a control token is missing, or the tokenizer and `config.json` disagree.
  init(_ tokenizer: Tokenizer, _ configuration: ModelConfiguration) throws(UniMoEError) {
    let tokens = try ControlTokens(tokenizer)
    if tokens.placeholder != configuration.placeholder {
      throw UniMoEError(
        .model, "config.json", field: "codec_placeholder_value",
        expected: "\(tokens.placeholder), the tokenizer's <|AUDIO_PLACEHOLDER|>", found: "\(configuration.placeholder)")
    }
    if tokenizer.idBound > configuration.vocabularySize {
      throw UniMoEError(
        .model, "config.json", field: "text_config.vocab_size",
        expected: "at least \(tokenizer.idBound), one more than the tokenizer's largest id",
        found: "\(configuration.vocabularySize)")
    }
    func words(_ text: String) -> [Int32] { tokenizer.encode(text, allowingSpecial: false) }
    head =
      [tokens.messageStart] + words("system\n" + Self.systemMessage) + [tokens.messageEnd] + words("\n")
      + [tokens.messageStart] + words("user\n")
    tail =
      [tokens.messageEnd] + words("\n") + [tokens.messageStart] + words("assistant\n") + [tokens.audioStart]
    self.tokenizer = tokenizer
    self.configuration = configuration
    delayPattern = DelayPattern(configuration)
    self.tokens = tokens
  }

  /// The prompt for music that a caption describes.
  ///
  /// Throws an error of kind `request` if the caption is too long for the model.
  func music(caption: String) throws(UniMoEError) -> PromptRows {
    func row(_ caption: String) throws(UniMoEError) -> [Int32] {
      let ids = tokenizer.encode(caption, allowingSpecial: false)
      return try checked(head + [tokens.musicStart] + ids + [tokens.musicEnd] + tail, "caption")
    }
    return PromptRows(conditional: try row(caption), unconditional: try row(Self.poorCaption), voiceFrames: [])
  }

  /// The prompt for a text spoken in a voice.
  ///
  /// Throws an error of kind `request` if the text is too long for the model, of kind `voice` if the voice is made for
  /// another number of codebooks or codes.
  func speech(text: String, voice: Voice) throws(UniMoEError) -> PromptRows {
    try check(voice)
    let voiceFrames = delayPattern.voicePrompt(voice.codes)
    let placeholders = repeatElement(tokens.placeholder, count: voiceFrames.frameCount)
    let transcript = tokenizer.encode(voice.transcript, allowingSpecial: false)
    let prompt =
      head + [tokens.speechPromptStart] + transcript + [tokens.speechPromptEnd, tokens.voicePromptStart]
      + placeholders + [tokens.voicePromptEnd]
    func row(_ text: String) throws(UniMoEError) -> [Int32] {
      let ids = tokenizer.encode(text, allowingSpecial: false)
      return try checked(prompt + [tokens.speechStart] + ids + [tokens.speechEnd] + tail, "text")
    }
    return PromptRows(
      conditional: try row(text), unconditional: try row(""), voiceFrames: voiceFrames.values,
      voicePlan: configuration.plan.map { planRows(of: voice, $0, rows: voiceFrames.frameCount) })
  }

  /// The voice's plan beside its code frames; unknown where the voice has none, or one of other phonemes.
  private func planRows(of voice: Voice, _ plan: PlanConfiguration, rows: Int) -> PlanRows {
    let known = voice.plan.flatMap { $0.phonemes == plan.phonemes ? $0 : nil }
    var result = PlanRows(plan, .speech) { _ in known == nil }
    let order: [PlanChannel.Name] = [.phoneme, .ahead1, .ahead2]
    for _ in 0..<rows {
      result.append(length: voice.codes.frameCount) { channel, codeFrame in
        guard let known, let place = order.firstIndex(of: channel.name) else { return nil }
        let code = known.codes[codeFrame * VoicePlan.channels + place]
        return code == VoicePlan.unknown ? nil : code
      }
    }
    return result
  }

  private func checked(_ ids: [Int32], _ field: String) throws(UniMoEError) -> [Int32] {
    guard ids.count <= configuration.maximumPositions else {
      throw UniMoEError(
        .request, "request", field: field, expected: "a prompt of at most \(configuration.maximumPositions) positions",
        found: "\(ids.count)")
    }
    return ids
  }

  private func check(_ voice: Voice) throws(UniMoEError) {
    let codes = voice.codes
    func failure(_ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(.voice, "voice \(quoted(voice.name))", expected: expected, found: found)
    }
    guard codes.codebooks == configuration.codebooks else {
      throw failure("\(configuration.codebooks) codebooks, as the model has", "\(codes.codebooks)")
    }
    guard codes.frameCount > 0 else { throw failure("at least one code frame", "none") }
    let special = [configuration.bos, configuration.eos, configuration.pad]
    let known = 0..<Int32(configuration.codeVocabulary)
    if let code = codes.values.first(where: { !known.contains($0) || special.contains($0) }) {
      throw failure("codes of sound", "\(code)")
    }
  }
}

/// The ids of the control tokens that prompts are made of.
private struct ControlTokens {
  let messageStart, messageEnd, audioStart, placeholder: Int32
  let musicStart, musicEnd, speechStart, speechEnd: Int32
  let speechPromptStart, speechPromptEnd, voicePromptStart, voicePromptEnd: Int32

  init(_ tokenizer: Tokenizer) throws(UniMoEError) {
    func id(_ name: String) throws(UniMoEError) -> Int32 {
      let text = "<|\(name)|>"
      guard let id = tokenizer.added.ids[Array(text.utf8)] else {
        throw UniMoEError(.model, "tokenizer", field: quoted(text), "missing from the added tokens")
      }
      return id
    }
    messageStart = try id("im_start")
    messageEnd = try id("im_end")
    audioStart = try id("AUDIO_START")
    placeholder = try id("AUDIO_PLACEHOLDER")
    musicStart = try id("MUSIC_START")
    musicEnd = try id("MUSIC_END")
    speechStart = try id("SPEECH_START")
    speechEnd = try id("SPEECH_END")
    speechPromptStart = try id("SPEECH_PROMPT_START")
    speechPromptEnd = try id("SPEECH_PROMPT_END")
    voicePromptStart = try id("VOICE_PROMPT_START")
    voicePromptEnd = try id("VOICE_PROMPT_END")
  }
}
