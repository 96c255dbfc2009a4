import Glibc
import Posix

/// Which file a path leads to, however it is spelt: two paths with the same identity are one file, through symbolic and
/// hard links too.
enum FileIdentity: Hashable {
  /// A file that is there.
  case file(device: UInt, number: UInt)
  /// A name in a directory that no file has yet.
  case name(String, device: UInt, directory: UInt)

  /// The identity of a path. `nil` for a device, which takes whatever several write to it, and for a path that leads
  /// nowhere.
  init?(path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      self.init(status)
    } else {
      let (directory, name) = Self.parts(of: (try? linkTarget(path)) ?? path)
      guard !name.isEmpty, stat(directory, &status) == 0 else { return nil }
      self = .name(name, device: UInt(status.st_dev), directory: UInt(status.st_ino))
    }
  }

  /// The identity of an open file.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(_ status: stat) {
    if status.st_mode & S_IFMT == S_IFCHR { return nil }
    self = .file(device: UInt(status.st_dev), number: UInt(status.st_ino))
  }

  /// The directory of a path and the name in it.
  static func parts(of path: String) -> (directory: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let name = String(path[path.utf8.index(after: slash)...])
    return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
  }
}

/// Files that a command reads, so that it does not write over them.
struct InputFiles {
  /// Their identities, each with what it is.
  private(set) var files: [FileIdentity: String] = [:]

  /// Adds a file; `-` is standard input. What is no file is passed over.
  mutating func add(_ path: String?, as what: String) {
    guard let path else { return }
    if let identity = path == "-" ? FileIdentity(descriptor: STDIN_FILENO) : FileIdentity(path: path) {
      files[identity] = what
    }
  }

  /// Adds the files of a model directory.
  mutating func add(modelDirectory: String) {
    for folder in [modelDirectory, modelDirectory + "/codec", modelDirectory + "/voices"] {
      guard let stream = opendir(folder) else { continue }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { add("\(folder)/\(name)", as: "a file of the model") }
      }
    }
  }
}
