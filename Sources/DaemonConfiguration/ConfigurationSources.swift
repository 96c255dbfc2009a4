import Glibc

/// Where a configuration comes from, weakest first: built-in values, files, their drop-ins, environment, options.
public struct ConfigurationSources: Sendable {
  /// The name of the file in each folder; drop-ins lie in `unimoe-audiod.d` beside it.
  public static let fileName = "unimoe-audiod.toml"

  /// Folders that are looked into, weakest first; those that do not exist count as empty.
  public var folders: [String]
  /// A file that is read instead of what lies in the folders; it has to exist.
  public var file: String?
  /// The environment.
  public var environment: [String: String]
  /// Options: pairs of a setting and its text, and how the option is called in an error.
  public var options: [(key: String, text: String, name: String)]

  /// Describes the sources.
  public init(
    folders: [String], file: String? = nil, environment: [String: String] = [:],
    options: [(key: String, text: String, name: String)] = []
  ) {
    self.folders = folders
    self.file = file
    self.environment = environment
    self.options = options
  }

  /// The usual folders: the installation's, the machine's, the user's.
  public static func usualFolders(executable: String?, environment: [String: String]) -> [String] {
    var folders = [installedFolder(executable), "/etc/unimoe-audio"]
    if let home = environment["XDG_CONFIG_HOME"], home.hasPrefix("/") {
      folders.append(home + "/unimoe-audio")
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      folders.append(home + "/.config/unimoe-audio")
    }
    return folders
  }

  /// Reads everything. Throws at the first value that is wrong; a file that cannot be read is an error too.
  public func load() throws(ConfigurationError) -> Configuration {
    var configuration = Configuration()
    if let file {
      guard let text = try Self.read(file) else { throw ConfigurationError(file, "there is no such file") }
      try configuration.merge(TOMLFile(text, file: file), name: file)
    } else {
      for path in folders.map({ "\($0)/\(Self.fileName)" }) + folders.flatMap(Self.dropIns) {
        guard let text = try Self.read(path) else { continue }
        try configuration.merge(TOMLFile(text, file: path), name: path)
      }
    }
    try merge(environment, into: &configuration)
    for option in options {
      guard let key = SettingKey(rawValue: option.key) else {
        throw Configuration.unknown(option.key, place: option.name)
      }
      try configuration.set(key, toText: option.text, origin: option.name)
    }
    return configuration
  }

  private func merge(
    _ environment: [String: String], into configuration: inout Configuration
  ) throws(ConfigurationError) {
    let keys = Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0.variable, $0) })
    for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(SettingKey.variablePrefix) {
      guard let key = keys[name] else {
        throw ConfigurationError(name, "unknown variable; known: \(keys.keys.sorted().joined(separator: ", "))")
      }
      try configuration.set(key, toText: text, origin: name)
    }
  }

  private static func installedFolder(_ executable: String?) -> String {
    guard let executable, let name = executable.lastIndex(of: "/") else { return "/usr/share/unimoe-audio" }
    let folder = executable[..<name]
    return folder.hasSuffix("/bin") ? "\(folder.dropLast(4))/share/unimoe-audio" : "/usr/share/unimoe-audio"
  }

  /// The `*.toml` files beside a folder's file, in the order of their names.
  private static func dropIns(_ folder: String) -> [String] {
    let path = folder + "/unimoe-audiod.d"
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".toml") && !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted().map { "\(path)/\($0)" }
  }

  /// The bytes of a file; nil if there is none.
  private static func read(_ path: String) throws(ConfigurationError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
    while bytes.count <= TOMLFile.byteLimit {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count > 0 { bytes += chunk[..<count] } else if errno != EINTR { throw unreadable(path) }
    }
    return bytes
  }

  private static func unreadable(_ path: String) -> ConfigurationError {
    ConfigurationError(path, "cannot be read: \(String(cString: strerror(errno)))")
  }
}
