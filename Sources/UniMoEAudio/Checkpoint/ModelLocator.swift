import Glibc

/// Finds the model directory that a program is to use.
///
/// A directory that was named, by argument or by the environment, is taken or refused; only without one are the usual
/// places tried: the user's data directory, then the model that is installed beside the program, then the source tree
/// that the program was built in.
public struct ModelLocator: Sendable {
  /// One place that a model may lie in.
  public struct Candidate: Equatable, Sendable {
    /// Who names the place: an option, a variable, or a rule.
    public var origin: String
    /// The directory.
    public var path: String
    /// Whether somebody named it, so that it is used or refused.
    public var isNamed = false

    /// Whether the directory holds a checkpoint's configuration.
    public var holdsModel: Bool { access(path + "/config.json", F_OK) == 0 }
  }

  /// The places to look at, in this order.
  public let candidates: [Candidate]

  /// Lists the places for a directory named by argument (or `nil`), an environment and the program's own path.
  ///
  /// The variables read are `UNIMOE_AUDIO_MODEL`, `XDG_DATA_HOME` and `HOME`; empty ones count as absent.
  public init(
    explicit: String? = nil, environment: [String: String] = ModelLocator.currentEnvironment(),
    executable: String? = ModelLocator.currentExecutable()
  ) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let explicit {
      candidates = [Candidate(origin: "--model", path: explicit, isNamed: true)]
    } else if let named = variable("UNIMOE_AUDIO_MODEL") {
      candidates = [Candidate(origin: "UNIMOE_AUDIO_MODEL", path: named, isNamed: true)]
    } else {
      candidates =
        Self.userPlace(dataHome: variable("XDG_DATA_HOME"), home: variable("HOME"))
        + (executable.map(Self.placesBeside) ?? [])
    }
  }

  /// The first place that holds a model.
  ///
  /// Throws a `UniMoEError` of kind `unknownModel` that lists every place looked at.
  public func locate() throws(UniMoEError) -> String {
    if let found = candidates.first(where: \.holdsModel) { return found.path }
    if let named = candidates.first(where: \.isNamed) {
      throw UniMoEError(
        .unknownModel, named.path, field: named.origin, expected: "a model directory with a config.json",
        found: Self.whatIs(named.path))
    }
    let list = candidates.map { "\($0.path) (\($0.origin))" }.joined(separator: ", ")
    throw UniMoEError(
      .unknownModel, "model", "none found; looked at \(list); name a model directory with --model or UNIMOE_AUDIO_MODEL"
    )
  }

  /// `$XDG_DATA_HOME/unimoe-audio`, where a user's models and voices lie; `nil` without a home directory.
  public static func userDataDirectory(environment: [String: String] = ModelLocator.currentEnvironment()) -> String? {
    if let dataHome = environment["XDG_DATA_HOME"], dataHome.hasPrefix("/") { return dataHome + "/unimoe-audio" }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return home + "/.local/share/unimoe-audio"
  }

  /// The user's own words, `words.txt` beside models and voices; `nil` where there is no such file.
  public static func userWords(environment: [String: String] = ModelLocator.currentEnvironment()) -> String? {
    guard let directory = userDataDirectory(environment: environment) else { return nil }
    let path = directory + "/words.txt"
    return fileExists(path) ? path : nil
  }

  /// The environment of the process.
  public static func currentEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    for name in ["UNIMOE_AUDIO_MODEL", "XDG_DATA_HOME", "HOME"] {
      if let value = getenv(name) { result[name] = String(cString: value) }
    }
    return result
  }

  /// The path of the running program with links resolved; `nil` where `/proc` does not tell.
  public static func currentExecutable() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func userPlace(dataHome: String?, home: String?) -> [Candidate] {
    var environment: [String: String] = [:]
    environment["XDG_DATA_HOME"] = dataHome
    environment["HOME"] = home
    guard let directory = userDataDirectory(environment: environment) else { return [] }
    return [Candidate(origin: "the user's", path: directory + "/models/default")]
  }

  /// The installed model of `PREFIX/bin/program`, and the source tree's of `TREE/.build/…/program`.
  private static func placesBeside(executable: String) -> [Candidate] {
    var parents = executable.split(separator: "/").dropLast()
    let prefix = parents.dropLast().map { "/" + $0 }.joined()
    var candidates = [Candidate(origin: "installed", path: prefix + "/share/unimoe-audio/models/default")]
    while let last = parents.popLast() {
      guard last == "build" || last.hasPrefix(".build") else { continue }
      candidates.append(Candidate(origin: "source tree", path: parents.map { "/" + $0 }.joined() + "/models/default"))
      break
    }
    return candidates
  }

  private static func whatIs(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return String(cString: strerror(errno)) }
    return status.st_mode & S_IFMT == S_IFDIR ? "a directory without one" : "a file"
  }
}
