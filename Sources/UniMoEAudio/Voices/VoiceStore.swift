import Glibc

/// Named voices on disk: the user's own, and read-only ones that come with a model.
///
/// A voice is one file `NAME.safetensors` with an I32 tensor `codes` `[codeFrames, codebooks]` and the metadata
/// `format`, `version`, `transcript` and `created_by`. A user's voice hides a model's voice of the same name. A folder of
/// the user's that is missing, or cannot be read, has no voices: those of the model are there all the same.
///
/// Thread: any. Files are written whole or not at all, so several processes may share a folder.
public struct VoiceStore: Sendable {
  /// The folder of the user's voices, which need not exist; `nil` where the user has no home directory.
  public let directory: String?
  /// The model's folder of voices, if it has one.
  public let modelVoices: String?

  /// Where a voice lies; its file was not opened.
  public struct Location: Equatable, Sendable {
    /// The voice's name.
    public var name: String
    /// Its file.
    public var path: String
    /// Whether it came with the model, so that it cannot be removed.
    public var isModels: Bool
  }

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
  /// `~/.local/share`.
  public init(
    modelDirectory: String? = nil, directory: String? = nil,
    environment: [String: String] = ModelLocator.currentEnvironment()
  ) {
    self.init(
      modelDirectory: modelDirectory, userDirectory: directory ?? Self.defaultDirectory(environment: environment))
  }

  /// Describes the store for a model directory and a folder of the user's voices, if there is one.
  init(modelDirectory: String?, userDirectory: String?) {
    directory = userDirectory
    modelVoices = modelDirectory.map { $0 + "/voices" }
  }

  /// Where the voices lie, in the order of their names; their files are not opened.
  public func locations() -> [Location] {
    var locations: [String: Location] = [:]
    for (folder, isModels) in folders.reversed() {
      for name in Self.names(in: folder) ?? [] {
        locations[name] = Location(name: name, path: Self.path(of: name, in: folder), isModels: isModels)
      }
    }
    return locations.values.sorted { $0.name < $1.name }
  }

  /// Why a folder of voices that is there cannot be read; `nil` where all is well.
  public var problem: UniMoEError? {
    for (folder, _) in folders where Self.names(in: folder) == nil {
      return UniMoEError(.system, folder, "cannot be read: \(systemReason())")
    }
    return nil
  }

  /// All voices in the order of their names; files that cannot be used too, with the reason.
  public func list() -> [Entry] {
    locations().map(entry)
  }

  /// A voice with what its file holds, or why it cannot be used.
  public func entry(_ location: Location) -> Entry {
    var voice: Result<Voice, UniMoEError>
    do throws(UniMoEError) {
      voice = .success(try VoiceFile.read(location.path, name: location.name))
    } catch {
      voice = .failure(error)
    }
    return Entry(name: location.name, path: location.path, isModels: location.isModels, voice: voice)
  }

  /// The voice to take where none is named: the one that is called `default`, which the user may have one of, else the
  /// model's first, else the user's first.
  ///
  /// Throws `UniMoEError` of kind `unknownVoice` if there is none.
  public func defaultName() throws(UniMoEError) -> String {
    if existingPath(of: Self.defaultName) != nil { return Self.defaultName }
    let all = locations()
    // A model without a voice of that name has its first one, whatever the user calls theirs.
    let models = modelVoices.flatMap(Self.names(in:))?.min()
    guard let name = models ?? all.first?.name else { throw UniMoEError(.unknownVoice, "voice", "there is none yet") }
    return name
  }

  /// The name of the voice that is taken where none is named.
  public static let defaultName = "default"

  /// Loads a voice for a model with so many codebooks of so many codes.
  ///
  /// Throws `UniMoEError` of kind `unknownVoice` for a name that no voice has (the error lists the known ones), `voiceName`
  /// for one that no voice can have, and `voice` for a broken file and a voice that was made for another model.
  public func load(_ name: String, codebooks: Int, codebookSize: Int) throws(UniMoEError) -> Voice {
    try Self.check(name: name)
    guard let path = existingPath(of: name) else { throw unknown(name) }
    let voice = try VoiceFile.read(path, name: name)
    try VoiceFile.check(voice.codes, codebooks: codebooks, codebookSize: codebookSize, path: path)
    return voice
  }

  /// Stores a voice among the user's.
  ///
  /// Throws `UniMoEError` of kind `voiceName` for a malformed name and one that is taken, unless `replacing`; of kind
  /// `voice` for no code frames or an empty transcript; of kind `system` if the folder cannot be written to.
  public func add(_ voice: Voice, replacing: Bool = false) throws(UniMoEError) {
    try Self.check(name: voice.name)
    let path = Self.path(of: voice.name, in: try userDirectory())
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
  /// Throws `UniMoEError` of kind `unknownVoice` if there is none of the name, `voiceName` if it is the model's.
  public func remove(_ name: String) throws(UniMoEError) {
    try Self.check(name: name)
    let path = Self.path(of: name, in: try userDirectory())
    if unlink(path) == 0 { return }
    if errno != ENOENT && errno != ENOTDIR { throw UniMoEError(.system, path, "cannot be removed: \(systemReason())") }
    if existingPath(of: name) != nil {
      throw UniMoEError(.voiceName, name, "came with the model and cannot be removed")
    }
    throw unknown(name)
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
        .voiceName, "voice name", expected: "1 to 64 letters, digits, -, _ and ., no dot first", found: quoted(name))
    }
  }
}

extension VoiceStore {
  /// The folders in the order of looking up.
  private var folders: [(path: String, isModels: Bool)] {
    (directory.map { [($0, false)] } ?? []) + (modelVoices.map { [($0, true)] } ?? [])
  }

  /// The folder to keep the user's voices in.
  private func userDirectory() throws(UniMoEError) -> String {
    if let directory { return directory }
    throw UniMoEError(
      .system, "voices", expected: "a home directory or XDG_DATA_HOME to keep voices under", found: "neither")
  }

  private static func path(of name: String, in folder: String) -> String { "\(folder)/\(name).safetensors" }

  private func existingPath(of name: String) -> String? {
    folders.map { Self.path(of: name, in: $0.path) }.first(where: fileExists)
  }

  private func taken(_ name: String) -> UniMoEError {
    UniMoEError(.voiceName, name, "there is a voice of this name already; remove it first or replace it")
  }

  private func unknown(_ name: String) -> UniMoEError {
    if let problem { return problem }
    return UniMoEError(.unknownVoice, name, "no voice of this name; \(knownNames)")
  }

  /// The names of the voices for an error, of very many the first ones.
  public var knownNames: String {
    let known = locations().map(\.name)
    if known.isEmpty { return "there is none yet" }
    let most = 20
    let rest = known.count > most ? " and \(known.count - most) more" : ""
    return "known are " + known.prefix(most).joined(separator: ", ") + rest
  }

  private static func defaultDirectory(environment: [String: String]) -> String? {
    if let data = ModelLocator.userDataDirectory(environment: environment) { return data + "/voices" }
    // Services may run without HOME.
    var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
    var buffer = [CChar](repeating: 0, count: 16384)
    if getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir {
      let path = String(cString: home)
      if path.hasPrefix("/") { return path + "/.local/share/unimoe-audio/voices" }
    }
    return nil
  }

  /// Names of the voice files in a folder; none if there is no folder, `nil` with `errno` if it cannot be read.
  private static func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return errno == ENOENT || errno == ENOTDIR ? [] : nil }
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
