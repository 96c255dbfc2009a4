import UniMoEAudio

/// What `voice list` and `voice show` tell about a voice.
struct VoiceFacts: Encodable {
  let name: String
  /// `user` or `model`.
  let owner: String
  let path: String
  let codeFrames: Int?
  let codebooks: Int?
  /// Duration of the recording by the model's code rate.
  let seconds: Double?
  let transcript: String?
  /// Code frames of which the voice's file says what is spoken in them.
  let plannedFrames: Int?
  /// Why the voice cannot be used with the model.
  let problem: String?

  init(_ entry: VoiceStore.Entry, model: ModelSummary) {
    name = entry.name
    owner = entry.isModels ? "model" : "user"
    path = entry.path
    switch entry.voice {
    case .success(let voice):
      codeFrames = voice.codes.frameCount
      codebooks = voice.codes.codebooks
      seconds = Double(voice.codes.frameCount) / model.codeRate
      transcript = voice.transcript
      plannedFrames = voice.plan.map { plan in
        stride(from: 0, to: plan.codes.count, by: VoicePlan.channels).count { plan.codes[$0] != VoicePlan.unknown }
      }
      problem =
        voice.codes.codebooks == model.codebooks
        ? nil
        : "\(entry.path): made for another model: expected \(model.codebooks) codebooks, found \(voice.codes.codebooks)"
    case .failure(let error):
      codeFrames = nil
      codebooks = nil
      seconds = nil
      transcript = nil
      plannedFrames = nil
      problem = error.description
    }
  }

  /// Complains if a voice's recording is longer than the model follows.
  static func warn(_ voice: Voice, _ model: ModelSummary) {
    let seconds = Double(voice.codes.frameCount) / model.codeRate
    guard let longest = model.limits.voiceSeconds, seconds > longest else { return }
    StandardStreams.complain(
      "unimoe-audio: voice \(voice.name): expected a recording of at most \(Figure.seconds(longest)) for this model, "
        + "found \(Figure.seconds(seconds)): words will be lost\n")
  }

  /// The voice on one line.
  func line(width: Int, style: TextStyle) -> String {
    let name = style.bold(name) + String(repeating: " ", count: width - name.count)
    if let problem { return "\(name)  \(style.red("unusable"))  \(problem)\n" }
    let words = Self.oneLine(transcript ?? "", limit: 60)
    return "\(name)  \(owner)  \(Figure.seconds(seconds ?? 0))  \(style.dim("“" + words + "”"))\n"
  }

  /// The voice as a table.
  func table(style: TextStyle) -> String {
    var rows = [
      ("name", name), ("owner", owner), ("file", path), ("recording", Figure.seconds(seconds ?? 0)),
      ("codes", "\(codeFrames ?? 0) code frames of \(codebooks ?? 0) codebooks"),
      ("transcript", Self.oneLine(transcript ?? "", limit: 10_000)),
    ]
    if let plannedFrames { rows.append(("plan", "phonemes of \(plannedFrames) code frames")) }
    return rows.map { style.dim($0 + String(repeating: " ", count: 12 - $0.count)) + $1 + "\n" }.joined()
  }

  /// Text without line ends and control characters, which a terminal might obey.
  private static func oneLine(_ text: String, limit: Int) -> String {
    let plain = text.map { character in
      character.isNewline || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        ? " " : character
    }
    return plain.count > limit ? String(plain.prefix(limit - 1)) + "…" : String(plain)
  }
}
