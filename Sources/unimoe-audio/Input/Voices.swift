import UniMoEAudio

/// The voices that a command can choose from: the user's and the model's.
struct Voices {
  private let store: VoiceStore

  /// The voices for a model directory.
  init(modelDirectory: String?) throws { store = try VoiceStore(modelDirectory: modelDirectory) }

  /// All of them, in the order of their names.
  func list() throws -> [VoiceStore.Entry] { try store.list() }

  /// The voice of a name as it lies on disk; without a name the model's `default`, or else its first, or the user's.
  func entry(_ name: String?) throws -> VoiceStore.Entry {
    let entries = try list()
    if let name {
      if let entry = entries.first(where: { $0.name == name }) { return entry }
      let known = entries.isEmpty ? "there is none yet" : "known are \(entries.map(\.name).joined(separator: ", "))"
      throw CommandFailure(.noInput, "\(name): no voice of this name; \(known)")
    }
    let models = entries.filter(\.isModels)
    if let entry = models.first(where: { $0.name == "default" }) ?? models.first ?? entries.first { return entry }
    throw CommandFailure(
      .noInput, "voice: there is none yet; add one: unimoe-audio voice add NAME --audio FILE --transcript TEXT")
  }

  /// The voice to speak in with a model.
  func load(_ name: String?, for model: ModelSummary) throws -> Voice {
    let entry = try entry(name)
    do {
      return try store.load(entry.name, codebooks: model.codebooks, codebookSize: model.codebookSize)
    } catch {
      throw CommandFailure(error.kind == .voice ? .badData : ExitStatus(error.kind), error.description)
    }
  }

  /// Makes sure that a voice can be stored under a name.
  func checkFree(_ name: String, replacing: Bool) throws {
    do throws(UniMoEError) {
      try VoiceStore.check(name: name)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    if !replacing, try list().contains(where: { $0.name == name && !$0.isModels }) {
      throw CommandFailure(.cannotCreate, "\(name): there is a voice of this name already: take another or --force")
    }
  }

  /// Stores a voice among the user's.
  func add(_ voice: Voice, replacing: Bool) throws { try store.add(voice, replacing: replacing) }

  /// Removes one of the user's voices.
  func remove(_ name: String) throws {
    guard !(try entry(name)).isModels else {
      throw CommandFailure(.usage, "\(name): came with the model and cannot be removed: remove one of your own")
    }
    try store.remove(name)
  }
}
