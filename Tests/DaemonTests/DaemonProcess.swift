import ControlProtocol
import Foundation

/// The built daemon as a process of its own, with a folder of its own that is gone afterwards.
final class DaemonProcess {
  /// What a wait that lasts too long throws.
  struct Failure: Error { var text: String }

  let folder: URL
  let process = Process()
  private let log: URL

  /// The control socket's path.
  var socket: String { folder.appendingPathComponent("control").path }
  /// What the daemon wrote to standard error so far.
  var errors: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

  /// The folder of the built programs, in which the tests lie too.
  static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  /// The source tree.
  static let sourceTree = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// A model whose sound is as long as a test asks for.
  static let randomModel = sourceTree.appendingPathComponent("Tests/Fixtures/random-model").path

  /// Starts a daemon; `settings` are lines of its configuration file, `shell` a line in which "$@" is the daemon.
  init(
    settings: String = "", jack server: String? = nil, jackSettings: String = "", arguments: [String] = [],
    environment: [String: String] = [:],
    shell: String = "exec \"$@\"", input: FileHandle = .nullDevice, errors: FileHandle? = nil
  ) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("daemon-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    log = folder.appendingPathComponent("log")
    try Data().write(to: log)
    var text = "[jack]\n" + (server.map { "server-name = \"\($0)\"\n" } ?? "enabled = false\n") + jackSettings
    text += "[log]\nlevel = \"debug\"\n" + settings
    try configure(text)
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", shell, "sh", Self.programs.appendingPathComponent("unimoe-audiod").path, "--config"]
      + [folder.appendingPathComponent("audiod.toml").path] + arguments
    var variables = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "LC_ALL": "C.UTF-8"]
    variables["UNIMOE_AUDIOD_CONTROL_SOCKET"] = socket
    variables["UNIMOE_AUDIO_MODEL"] = Self.randomModel
    variables["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? ""
    process.environment = variables.merging(environment) { $1 }
    process.standardError = if let errors { errors } else { try FileHandle(forWritingTo: log) }
    process.standardInput = input
    try process.run()
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Writes the configuration file.
  func configure(_ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent("audiod.toml"))
  }

  /// Waits until the daemon said something on standard error.
  func waitForLog(_ text: String, seconds: Double = 60) throws {
    try wait(for: "\"\(text)\" in the log", seconds: seconds) { errors.contains(text) }
  }

  /// Waits until a condition holds.
  func wait(for what: String, seconds: Double = 60, until condition: () -> Bool) throws {
    let start = Date()
    while !condition() {
      if Date().timeIntervalSince(start) > seconds {
        throw Failure(text: "waited in vain for \(what); log:\n\(errors)")
      }
      usleep(5000)
    }
  }

  /// Connects a client, as soon as the socket is there: then it listens, too.
  func connect() throws -> ControlClient {
    try wait(for: "the control socket") { FileManager.default.fileExists(atPath: socket) }
    return try ControlClient(path: socket, name: "test")
  }

  /// Sends a signal and waits for the end; returns the exit status and the seconds that it took.
  func end(_ signal: Int32 = SIGTERM) -> (status: Int32, seconds: Double) {
    let start = Date()
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return (process.terminationStatus, Date().timeIntervalSince(start))
  }
}

extension ControlClient {
  /// Says a text; returns the request's number.
  func speak(
    _ text: String = "Good morning.", seconds: Double? = nil, _ change: (inout RequestOptions) -> Void = { _ in }
  )
    throws -> Int
  {
    var options = RequestOptions()
    options.minimumSeconds = seconds
    options.maximumSeconds = seconds
    change(&options)
    guard case .speak(let request) = try call(.speak(.init(text: text, options: options))) else {
      throw DaemonProcess.Failure(text: "no number for a request")
    }
    return request
  }

  /// The error that a command is answered with; nil if it is obeyed.
  func refusal(of command: ControlCommand) throws -> ControlCode? {
    do throws(Failure) {
      _ = try call(command)
      return nil
    } catch {
      if case .refused(let failure) = error { return failure.code }
      throw error
    }
  }

  /// The daemon's status.
  func status() throws -> DaemonStatus {
    guard case .status(let status) = try call(.status) else { throw DaemonProcess.Failure(text: "no status") }
    return status
  }

  /// Reads events until one of a request's fits; returns it.
  func event(of request: Int, seconds: Double = 60, where fits: (RequestEvent) -> Bool) throws -> RequestEvent {
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
      if case .event(let event) = try receive(timeout: .seconds(seconds)), event.request == request, fits(event) {
        return event
      }
    }
    throw DaemonProcess.Failure(text: "no such event of request \(request)")
  }

  /// Reads events until a request ends.
  func end(of request: Int, seconds: Double = 60) throws -> RequestEvent {
    try event(of: request, seconds: seconds) { $0.kind.isTerminal }
  }
}

/// A client that sends what it likes; one thread may send while another receives.
final class RawClient: @unchecked Sendable {
  private let descriptor: Int32
  private var reader = FrameReader(limit: ControlFrame.replyLimit)

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard SocketPath.withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      throw DaemonProcess.Failure(text: "no connection to \(path)")
    }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends bytes as they are; false if the daemon closed the connection.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// Says that nothing more comes; answers are still read.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends a message in its frame.
  @discardableResult
  func send(_ text: String) -> Bool { send(ControlFrame.bytes(Array(text.utf8))) }

  /// The next message; nil when the daemon closed the connection.
  func receive() throws -> ServerMessage? {
    while true {
      while let bytes = try reader.next() {
        if let message = try ServerMessage(message: bytes) { return message }
      }
      var bytes = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      if count == 0 || count < 0 && errno == ECONNRESET { return nil }
      guard count > 0 else { throw DaemonProcess.Failure(text: "nothing came") }
      reader.append(bytes[..<count])
    }
  }

  /// The code of the next error; nil when the daemon closed the connection.
  func errorCode() throws -> ControlCode? {
    while let message = try receive() {
      if case .error(_, _, let failure) = message { return failure.code }
    }
    return nil
  }
}
