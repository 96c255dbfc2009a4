import Glibc
import Posix
import UniMoEAudio

/// A file that a command writes: whole under its name, or not at all.
struct OutputFile {
  /// The path as the user gave it; `-` is standard output.
  let path: String
  /// The option that names it.
  let option: String
  /// What the bytes go to.
  private let destination: Destination

  private enum Destination: Equatable {
    /// A file that appears when it is whole.
    case file
    /// The first free of the names `path`, `path` with -2, and so on: a file of the user's is never replaced.
    case firstFree(name: String, extension: String)
    /// A descriptor that whoever started the program opened.
    case descriptor(Int32)
    /// A pipe or a device, opened by its path.
    case special
    /// A program that plays.
    case player(Player)
  }

  /// The most files of one default name.
  private static let mostDefaults = 9999

  /// Whether the bytes go to standard output.
  var isStandardOutput: Bool { destination == .descriptor(STDOUT_FILENO) }
  /// Whether the bytes go to something that cannot be replaced: a descriptor, a pipe, a device.
  var isStream: Bool {
    switch destination {
    case .descriptor, .special, .player: true
    case .file, .firstFree: false
    }
  }
  /// What the file is called in messages.
  var name: String { isStandardOutput ? "standard output" : path }
  /// The names to take the first free one of, where the user named none.
  var defaultNames: [String]? {
    guard case .firstFree(let name, let ext) = destination else { return nil }
    return (1...Self.mostDefaults).map { $0 == 1 ? "\(name).\(ext)" : "\(name)-\($0).\(ext)" }
  }

  /// Takes a path and makes sure, before any work is done, that writing there can succeed.
  init(_ path: String, option: String = "--output") throws {
    self.path = path
    self.option = option
    guard !path.isEmpty else { throw CommandFailure(.usage, "\(option): expected a file name, found nothing") }
    if let descriptor = Self.descriptor(path) {
      destination = .descriptor(descriptor)
      try Self.check(descriptor, path, option)
    } else {
      destination = Self.isSpecial(path) ? .special : .file
      try checkPlace()
    }
  }

  /// A program that plays what is written.
  init(_ player: Player) {
    path = player.name
    option = "--play"
    destination = .player(player)
  }

  /// The first of `name.ext`, `name-2.ext`, … in the current directory that is free when the file is whole.
  init(firstFree name: String, extension ext: String) throws {
    path = "\(name).\(ext)"
    option = "--output"
    destination = .firstFree(name: name, extension: ext)
    try checkDirectory(".")
  }

  /// Writes the whole file, or none; descriptors, devices and pipes are written to directly.
  func write(_ bytes: [UInt8], cancellation: Cancellation = Cancellation()) throws {
    if isStream { return try withStream(cancellation) { try StandardStreams.write(bytes, to: $0, named: name) } }
    let file = try AtomicFile(path: path)
    try bytes.withUnsafeBytes { buffer in try file.write(buffer) }
    try file.commit()
  }

  /// Opens what cannot be replaced, for as long as `body` runs. Waits for the reader of a pipe until it is cancelled.
  func withStream(_ cancellation: Cancellation, _ body: (Int32) throws -> Void) throws {
    if case .descriptor(let descriptor) = destination { return try body(descriptor) }
    if case .player(let player) = destination { return try player.run(body) }
    var descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
    while descriptor < 0, errno == ENXIO || errno == EINTR, Self.isPipe(path) {  // nobody reads the pipe yet
      if cancellation.isCancelled { throw UniMoEError.cancelled }
      poll(nil, 0, 20)
      descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else {
      throw CommandFailure(.cannotCreate, "\(path): cannot be opened: \(SystemError.last)")
    }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    try body(descriptor)
  }

  /// What the file is; `nil` for a device and for a name that is still to be found.
  var identity: FileIdentity? {
    switch destination {
    case .file, .special: FileIdentity(path: path)
    case .descriptor(let descriptor): FileIdentity(descriptor: descriptor)
    case .firstFree, .player: nil
    }
  }

  /// Makes sure that outputs are different files, and none of them a file that is read.
  static func checkDistinct(_ outputs: [OutputFile], inputs: InputFiles) throws {
    var seen: [FileIdentity: String] = [:]
    for output in outputs {
      guard let identity = output.identity else { continue }
      if let other = seen[identity] ?? inputs.files[identity] {
        throw CommandFailure(.usage, "\(output.option): \(output.name) is also \(other): name another file")
      }
      seen[identity] = "the file of \(output.option)"
    }
  }
}

extension OutputFile {
  /// The descriptor that a path stands for.
  private static func descriptor(_ path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
        return Int32(path.dropFirst(prefix.count))
      }
      return nil
    }
  }

  private static func check(_ descriptor: Int32, _ path: String, _ option: String) throws {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
      let reason = flags < 0 ? "\(SystemError.last)" : "it is open for reading only"
      throw CommandFailure(.cannotCreate, "\(path): cannot be written to: \(reason)")
    }
    if isatty(descriptor) == 1 {
      throw CommandFailure(.usage, "\(option): \(path) is a terminal: redirect it to a file or a program")
    }
  }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
  }

  private static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  private func checkPlace() throws {
    var status = stat()
    let isThere = stat(path, &status) == 0
    if !isThere, errno != ENOENT, errno != ENOTDIR {
      throw CommandFailure(.cannotCreate, "\(path): cannot be written to: \(SystemError.last)")
    }
    if isThere, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFailure(.cannotCreate, "\(path): expected a file name, found a directory")
    }
    if isThere, access(path, W_OK) != 0 {
      throw CommandFailure(.cannotCreate, "\(path): cannot be written to: \(SystemError.last)")
    }
    if destination == .file { try checkDirectory(FileIdentity.parts(of: (try? linkTarget(path)) ?? path).directory) }
  }

  private func checkDirectory(_ directory: String) throws {
    var status = stat()
    guard stat(directory, &status) == 0 else {
      throw CommandFailure(.cannotCreate, "\(path): no directory \(directory): create it or name another")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw CommandFailure(.cannotCreate, "\(path): \(directory) is not a directory")
    }
    guard access(directory, W_OK | X_OK) == 0 else {
      throw CommandFailure(.cannotCreate, "\(path): \(directory) cannot be written to: name another directory")
    }
  }
}
