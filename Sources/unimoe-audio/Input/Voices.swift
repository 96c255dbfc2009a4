import UniMoEAudio

/// The voices that a command can choose from: the user's and the model's.
struct Voices {
  private let store: VoiceStore

  /// The voices for a model directory.
  init(modelDirectory: String?) { store = VoiceStore(modelDirectory: modelDirectory) }

  /// All of them, in the order of their names. A folder that cannot be read is complained of.
  func list() -> [VoiceStore.Entry] {
    if let problem = store.problem { StandardStreams.complain("unimoe-audio: \(problem)\n") }
    return store.list()
  }

  /// Where the voice of a name lies; without a name the one that speaks where none is named.
  func location(_ name: String?) throws -> VoiceStore.Location {
    let locations = store.locations()
    guard let name = try name ?? (locations.isEmpty ? nil : store.defaultName()) else {
      throw CommandFailure(
        .noInput, "voice: there is none yet; add one: unimoe-audio voice add NAME --audio FILE --transcript TEXT")
    }
    if let location = locations.first(where: { $0.name == name }) { return location }
    if let problem = store.problem { throw problem }
    throw CommandFailure(.noInput, "\(name): no voice of this name; \(store.knownNames)")
  }

  /// The voice of a name as it lies on disk.
  func entry(_ name: String) throws -> VoiceStore.Entry {
    let location = try location(name)
    return store.entry(location)
  }

  /// The voice to speak in with a model, and its file.
  func load(_ name: String?, for model: ModelSummary) throws -> (voice: Voice, path: String) {
    let location = try location(name)
    let voice = try store.load(location.name, codebooks: model.codebooks, codebookSize: model.codebookSize)
    return (voice, location.path)
  }

  /// Makes sure that a voice can be stored under a name.
  func checkFree(_ name: String, replacing: Bool) throws {
    try VoiceStore.check(name: name)
    if !replacing, store.locations().contains(where: { $0.name == name && !$0.isModels }) {
      throw CommandFailure(
        .cannotCreate, "\(name): there already is a voice of this name: choose another name or use --force")
    }
  }

  /// Stores a voice among the user's.
  func add(_ voice: Voice, replacing: Bool) throws { try store.add(voice, replacing: replacing) }

  /// Removes one of the user's voices.
  func remove(_ name: String) throws {
    guard !(try location(name)).isModels else {
      throw CommandFailure(.usage, "\(name): came with the model and cannot be removed; only your own voices can")
    }
    try store.remove(name)
  }
}
