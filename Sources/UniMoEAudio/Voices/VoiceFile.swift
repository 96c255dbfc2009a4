/// The file format of a stored voice: safetensors with a tensor `codes` and string metadata.
enum VoiceFile {
  /// What `format` says in the metadata.
  static let format = "unimoe-audio-voice"
  /// The version that is written, and the newest that is read.
  static let version = 1
  /// The longest transcript in bytes.
  static let transcriptLimit = 1 << 16

  /// Reads a voice. Every error is of kind `voice`.
  static func read(_ path: String, name: String) throws(UniMoEError) -> Voice {
    do throws(UniMoEError) {
      return try voice(in: TensorStore(safetensors: path), name: name)
    } catch {
      var translated = error
      translated.kind = .voice
      throw translated
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
      name: name, codes: Codes(codebooks: shape[1], values: try tensor.integers()), transcript: transcript)
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
    let shape = [voice.codes.frameCount, voice.codes.codebooks]
    let writer = try SafetensorsWriter(
      path: path, entries: [.init(name: "codes", elementType: .i32, shape: shape)],
      metadata: [
        "format": format, "version": "\(version)", "transcript": voice.transcript, "created_by": "unimoe-audio",
      ])
    try voice.codes.values.map(\.littleEndian).withBytes { bytes throws(UniMoEError) in try writer.append(bytes) }
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
