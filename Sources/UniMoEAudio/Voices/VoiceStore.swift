import Glibc

/// Named voices on disk: the user's own, and read-only ones that come with a model.
///
/// A voice is one file `NAME.safetensors` with an I32 tensor `codes` `[codeFrames, codebooks]` and the metadata
/// `format`, `version`, `transcript` and `created_by`. A user's voice hides a model's voice of the same name.
///
/// Thread: any. Files are written whole or not at all, so several processes may share a folder.
public struct VoiceStore: Sendable {
  /// The folder of the user's voices; it need not exist.
  public let directory: String
  /// The model's folder of voices, if it has one.
  public let modelVoices: String?

  /// One voice as listed.
  public struct Entry: Equatable, Sendable {
    /// The voice's name.
    public var name: String
    /// Its file.
    public var path: String
    /// Whether it came with the model, so that it cannot be removed.
    public var isModels: Bool
    /// The voice, or why its file cannot be used.
    public var voice: Result<Voice, UniMoEError>
  }

  /// Describes the store for a model directory (`nil` for the user's voices alone).
  ///
  /// Without `directory` the user's voices are under `$XDG_DATA_HOME/unimoe-audio/voices`, by default under
  /// `~/.local/share`. Throws `UniMoEError` of kind `system` if the user has no home directory.
  public init(
    modelDirectory: String? = nil, directory: String? = nil,
    environment: [String: String] = ModelLocator.currentEnvironment()
  ) throws(UniMoEError) {
    self.directory = if let directory { directory } else { try Self.defaultDirectory(environment: environment) }
    modelVoices = modelDirectory.map { $0 + "/voices" }
  }

  /// All voices in the order of their names; files that cannot be used too, with the reason.
  ///
  /// Throws if a folder exists and cannot be read.
  public func list() throws(UniMoEError) -> [Entry] {
    var entries: [String: Entry] = [:]
    for (folder, isModels) in folders.reversed() {
      for name in try Self.names(in: folder) {
        let path = Self.path(of: name, in: folder)
        var voice: Result<Voice, UniMoEError>
        do throws(UniMoEError) {
          voice = .success(try VoiceFile.read(path, name: name))
        } catch {
          voice = .failure(error)
        }
        entries[name] = Entry(name: name, path: path, isModels: isModels, voice: voice)
      }
    }
    return entries.values.sorted { $0.name < $1.name }
  }

  /// The voice to take where none is named: the model's `default`, else its first, else the user's first.
  ///
  /// Throws `UniMoEError` of kind `voice` if there is none.
  public func defaultName() throws(UniMoEError) -> String {
    let entries = try list()
    let models = entries.filter(\.isModels)
    guard let entry = models.first(where: { $0.name == "default" }) ?? models.first ?? entries.first else {
      throw UniMoEError(.voice, "voice", "there is none yet")
    }
    return entry.name
  }

  /// Loads a voice for a model with so many codebooks of so many codes.
  ///
  /// Throws `UniMoEError` of kind `voice` for a name that is unknown (the error lists the known ones) or malformed, a
  /// broken file, and a voice that was made for another model.
  public func load(_ name: String, codebooks: Int, codebookSize: Int) throws(UniMoEError) -> Voice {
    try Self.check(name: name)
    guard let path = existingPath(of: name) else { throw try unknown(name) }
    let voice = try VoiceFile.read(path, name: name)
    try VoiceFile.check(voice.codes, codebooks: codebooks, codebookSize: codebookSize, path: path)
    return voice
  }

  /// Stores a voice among the user's.
  ///
  /// Throws `UniMoEError` of kind `voice` for a malformed name, no code frames, an empty transcript, or a name that is
  /// taken, unless `replacing`; of kind `system` if the folder cannot be written to.
  public func add(_ voice: Voice, replacing: Bool = false) throws(UniMoEError) {
    try Self.check(name: voice.name)
    let path = Self.path(of: voice.name, in: directory)
    if !replacing && fileExists(path) { throw taken(voice.name) }
    try createFolders(of: path)
    do throws(UniMoEError) {
      try VoiceFile.write(voice, to: path, replacing: replacing)
    } catch {
      // Somebody else may have been faster.
      throw error.kind == .system && !replacing && fileExists(path) ? taken(voice.name) : error
    }
  }

  /// Removes one of the user's voices.
  ///
  /// Throws `UniMoEError` of kind `voice` if there is none of the name or it is the model's.
  public func remove(_ name: String) throws(UniMoEError) {
    try Self.check(name: name)
    let path = Self.path(of: name, in: directory)
    if unlink(path) == 0 { return }
    if errno != ENOENT { throw UniMoEError(.system, path, "cannot be removed: \(systemReason())") }
    if existingPath(of: name) != nil {
      throw UniMoEError(.voice, name, "came with the model and cannot be removed")
    }
    throw try unknown(name)
  }

  /// Throws unless a name has 1 to 64 letters, digits, `-`, `_` and `.` (ASCII) and does not begin with a dot.
  public static func check(name: String) throws(UniMoEError) {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
      default: false
      }
    }
    if !isPlain || !(1...64).contains(name.utf8.count) || name.hasPrefix(".") {
      throw UniMoEError(
        .voice, "voice name", expected: "1 to 64 letters, digits, -, _ and ., no dot first", found: quoted(name))
    }
  }
}

extension VoiceStore {
  /// The folders in the order of looking up.
  private var folders: [(path: String, isModels: Bool)] {
    [(directory, false)] + (modelVoices.map { [($0, true)] } ?? [])
  }

  private static func path(of name: String, in folder: String) -> String { "\(folder)/\(name).safetensors" }

  private func existingPath(of name: String) -> String? {
    folders.map { Self.path(of: name, in: $0.path) }.first(where: fileExists)
  }

  private func taken(_ name: String) -> UniMoEError {
    UniMoEError(.voice, name, "there is a voice of this name already; remove it first or replace it")
  }

  private func unknown(_ name: String) throws(UniMoEError) -> UniMoEError {
    let known = try list().map(\.name)
    let hint = known.isEmpty ? "there are none yet" : "known are " + known.joined(separator: ", ")
    return UniMoEError(.voice, name, "no voice of this name; \(hint)")
  }

  private static func defaultDirectory(environment: [String: String]) throws(UniMoEError) -> String {
    if let data = ModelLocator.userDataDirectory(environment: environment) { return data + "/voices" }
    // Services may run without HOME.
    var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
    var buffer = [CChar](repeating: 0, count: 16384)
    if getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir {
      let path = String(cString: home)
      if path.hasPrefix("/") { return path + "/.local/share/unimoe-audio/voices" }
    }
    throw UniMoEError(
      .system, "voices", expected: "a home directory or XDG_DATA_HOME to keep voices under", found: "neither")
  }

  /// Names of the voice files in a folder; none if there is no folder.
  private static func names(in folder: String) throws(UniMoEError) -> [String] {
    guard let stream = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw UniMoEError(.system, folder, "cannot be read: \(systemReason())")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard file.hasSuffix(".safetensors") else { continue }
      let name = String(file.dropLast(12))
      if (try? check(name: name)) != nil { names.append(name) }
    }
    return names
  }

  /// Creates the folders that a file is to lie in, for the user alone, as the XDG rules want.
  private func createFolders(of path: String) throws(UniMoEError) {
    for index in path.indices.dropFirst() where path[index] == "/" {
      let folder = String(path[..<index])
      if mkdir(folder, 0o700) != 0 && errno != EEXIST && !fileExists(folder) {
        throw UniMoEError(.system, folder, "cannot be created: \(systemReason())")
      }
    }
  }
}
