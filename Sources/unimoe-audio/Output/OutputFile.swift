import Glibc
import Posix
import UniMoEAudio

/// A file that a command writes: whole under its name, or not at all.
struct OutputFile {
  /// The path as the user gave it; `-` is standard output.
  let path: String

  /// Whether the bytes go to standard output.
  var isStandardOutput: Bool { path == "-" }

  /// Takes a path and makes sure, before any work is done, that writing there can succeed.
  init(_ path: String, option: String = "--output") throws {
    self.path = path
    guard !path.isEmpty else { throw CommandFailure(.usage, "\(option): expected a file name, found nothing") }
    if isStandardOutput {
      guard !StandardStreams.outputIsTerminal else {
        throw CommandFailure(.usage, "\(option): - writes audio to standard output: redirect it to a file or a program")
      }
      return
    }
    try checkPlace()
  }

  /// The first of `name.ext`, `name-2.ext`, … in the current directory that is not taken.
  static func free(named name: String, extension ext: String) throws -> OutputFile {
    for number in 1...9999 {
      let path = number == 1 ? "\(name).\(ext)" : "\(name)-\(number).\(ext)"
      if access(path, F_OK) != 0 { return try OutputFile(path) }
    }
    throw CommandFailure(.cannotCreate, "\(name).\(ext): 9999 files of this name are here: name another with -o")
  }

  /// Writes the whole file, or none; devices and pipes are written to directly.
  func write(_ bytes: [UInt8]) throws {
    if isStandardOutput {
      try StandardStreams.write(bytes, to: STDOUT_FILENO, named: "standard output")
    } else if isSpecialFile {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw CommandFailure(.cannotCreate, "\(path): cannot be opened: \(SystemError.last)")
      }
      defer { close(descriptor) }
      try StandardStreams.write(bytes, to: descriptor, named: path)
    } else {
      let file = try AtomicFile(path: path)
      try bytes.withUnsafeBytes { buffer in try file.write(buffer) }
      try file.commit()
    }
  }

  private var directory: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Whether the path leads to a device, a pipe or a socket.
  var isSpecialFile: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }

  private func checkPlace() throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFailure(.cannotCreate, "\(path): expected a file name, found a directory")
    }
    guard stat(directory, &status) == 0 else {
      throw CommandFailure(.cannotCreate, "\(path): no directory \(directory): create it or name another")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw CommandFailure(.cannotCreate, "\(path): \(directory) is not a directory")
    }
    guard access(isSpecialFile ? path : directory, W_OK) == 0 else {
      throw CommandFailure(.cannotCreate, "\(path): \(directory) cannot be written to: name another directory")
    }
  }
}
