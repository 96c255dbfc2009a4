/// The file format of a stored voice: safetensors with a tensor `codes`, from version 2 on also `plan` where the recording
/// was aligned, and string metadata.
enum VoiceFile {
  /// What `format` says in the metadata.
  static let format = "unimoe-audio-voice"
  /// The newest version that is read; a voice without a plan is written as version 1, which older readers open.
  static let version = 2
  /// The longest transcript in bytes.
  static let transcriptLimit = 1 << 16

  /// Reads a voice. An error in the file is of kind `voice`, one of the machine `system`.
  static func read(_ path: String, name: String) throws(UniMoEError) -> Voice {
    do throws(UniMoEError) {
      return try voice(in: TensorStore(safetensors: path), name: name)
    } catch {
      guard error.kind == .model else { throw error }
      throw UniMoEError(.voice, error.subject, field: error.field, error.problem)
    }
  }

  /// The voice that a safetensors file holds.
  static func voice(in store: TensorStore, name: String) throws(UniMoEError) -> Voice {
    let transcript = try checkedTranscript(store)
    guard let tensor = store["codes"] else { throw UniMoEError(.voice, store.path, field: "codes", "missing") }
    let shape = tensor.shape
    if tensor.elementType != .i32 || shape.count != 2 || shape[0] < 1 || !(1...256).contains(shape[1]) {
      throw UniMoEError(
        .voice, store.path, field: "codes", expected: "I32 [code frames, codebooks]",
        found: "\(tensor.elementType.rawValue) \(describe(shape: shape))")
    }
    return Voice(
      name: name, codes: Codes(codebooks: shape[1], values: try tensor.integers()), transcript: transcript,
      plan: try plan(in: store, codeFrames: shape[0]))
  }

  private static func plan(in store: TensorStore, codeFrames: Int) throws(UniMoEError) -> VoicePlan? {
    guard let tensor = store["plan"] else { return nil }
    let shape = [codeFrames, VoicePlan.channels]
    if tensor.elementType != .i32 || tensor.shape != shape {
      throw UniMoEError(
        .voice, store.path, field: "plan", expected: "I32 \(describe(shape: shape)), as the codes have code frames",
        found: "\(tensor.elementType.rawValue) \(describe(shape: tensor.shape))")
    }
    let phonemes = (store.metadata["plan_phonemes"] ?? "").split(separator: " ").map(String.init)
    if phonemes.isEmpty {
      throw UniMoEError(
        .voice, store.path, field: "plan_phonemes", expected: "names of phonemes beside the plan", found: "none")
    }
    let codes = try tensor.integers()
    for (index, code) in codes.enumerated() {
      let limit = index % VoicePlan.channels == 0 ? 2 * phonemes.count : 3 * phonemes.count + 1
      if !(VoicePlan.unknown..<Int32(limit)).contains(code) {
        throw UniMoEError(
          .voice, store.path, field: "plan[\(index / VoicePlan.channels)][\(index % VoicePlan.channels)]",
          expected: "-1 to \(limit - 1)", found: "\(code)")
      }
    }
    return VoicePlan(phonemes: phonemes, codes: codes)
  }

  /// Writes a voice.
  ///
  /// Throws `UniMoEError` of kind `voice` for a voice without codes or transcript, of kind `system` if the disk refuses
  /// or, unless `replacing`, if there is such a file.
  static func write(_ voice: Voice, to path: String, replacing: Bool) throws(UniMoEError) {
    if voice.codes.frameCount == 0 {
      throw UniMoEError(.voice, voice.name, field: "codes", expected: "at least one code frame", found: "none")
    }
    if let problem = problem(ofTranscript: voice.transcript) {
      throw UniMoEError(.voice, voice.name, field: "transcript", problem)
    }
    let frames = voice.codes.frameCount
    var entries = [SafetensorsWriter.Entry(name: "codes", elementType: .i32, shape: [frames, voice.codes.codebooks])]
    var metadata = ["format": format, "version": "1", "transcript": voice.transcript, "created_by": "unimoe-audio"]
    if let plan = voice.plan {
      entries.append(.init(name: "plan", elementType: .i32, shape: [frames, VoicePlan.channels]))
      metadata["version"] = "\(version)"
      metadata["plan_phonemes"] = plan.phonemes.joined(separator: " ")
    }
    let writer = try SafetensorsWriter(path: path, entries: entries, metadata: metadata)
    for values in [voice.codes.values] + (voice.plan.map { [$0.codes] } ?? []) {
      try values.map(\.littleEndian).withBytes { bytes throws(UniMoEError) in try writer.append(bytes) }
    }
    try writer.finish(replacing: replacing)
  }

  /// Throws unless codes fit a model.
  static func check(_ codes: Codes, codebooks: Int, codebookSize: Int, path: String) throws(UniMoEError) {
    if codes.codebooks != codebooks {
      throw UniMoEError(
        .voice, path, field: "codes", expected: "\(codebooks) codebooks, as the model has", found: "\(codes.codebooks)")
    }
    if let index = codes.values.firstIndex(where: { !(0..<Int32(clamping: codebookSize)).contains($0) }) {
      throw UniMoEError(
        .voice, path, field: "codes[\(index / codebooks)][\(index % codebooks)]",
        expected: "0 to \(codebookSize - 1)", found: "\(codes.values[index])")
    }
  }

  private static func checkedTranscript(_ store: TensorStore) throws(UniMoEError) -> String {
    let found = store.metadata["format"]
    if found != format {
      throw UniMoEError(
        .voice, store.path, field: "format", expected: quoted(format), found: found.map(quoted) ?? "none")
    }
    let written = store.metadata["version"] ?? ""
    if !(1...version).contains(Int(written) ?? 0) {
      throw UniMoEError(
        .voice, store.path, field: "version", expected: "at most \(version)", found: quoted(written))
    }
    let transcript = store.metadata["transcript"] ?? ""
    if let problem = problem(ofTranscript: transcript) {
      throw UniMoEError(.voice, store.path, field: "transcript", problem)
    }
    return transcript
  }

  private static func problem(ofTranscript text: String) -> String? {
    if text.allSatisfy(\.isWhitespace) { return "expected what is said in the recording, found nothing" }
    let count = text.utf8.count
    return count > transcriptLimit ? "expected at most \(transcriptLimit) bytes, found \(count)" : nil
  }
}
