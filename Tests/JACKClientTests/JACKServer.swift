import Foundation

/// A JACK server of the tests' own, with no hardware, under a name that no other server has.
final class JACKServer {
  let name: String
  private var process: Process?
  private var wasKilled = false
  private static let tool = "/usr/bin/jackd"

  init() { name = "unimoe-test-\(getpid())-\(UInt32.random(in: 0...0xFFFF))" }

  deinit {
    stop()
    try? FileManager.default.removeItem(at: log)
  }

  /// What the server last started says of itself.
  private var log: URL { FileManager.default.temporaryDirectory.appendingPathComponent("\(name).log") }

  /// Starts the server and waits until it takes clients. One that ends or hangs at its start is started anew: what it
  /// shares with all servers of the machine, others that come and go at that moment can spoil.
  func startServing(rate: Int = 48_000, period: Int = 256) throws {
    var said = ""
    for _ in 0..<4 {
      try start(rate: rate, period: period)
      if (try? Probe(server: self).run("list", "system:.*")) != nil { return }
      kill()
      said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      if said.contains("Too many servers already active") { try Self.freePlaces() }
    }
    throw Probe.Failure(text: "the server takes no clients:\n\(said)")
  }

  /// Starts the server for a client that waits for it, and waits until that one is back. Opens no client itself: while
  /// libjack 1.9.21 opens one, it misses that another leaves, and never wakes the next client that gets that one's place.
  func startServing(rate: Int, until isBack: () -> Bool) throws {
    for _ in 0..<4 {
      try start(rate: rate)
      let deadline = Date() + 15
      while Date() < deadline && process?.isRunning == true {
        if isBack() { return }
        usleep(5000)
      }
      kill()
    }
    throw Probe.Failure(text: "nobody came:\n\((try? String(contentsOf: log, encoding: .utf8)) ?? "")")
  }

  /// Frees the places in the machine's list of servers that tests which were killed left taken.
  private static func freePlaces() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("free-jack-places")
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  /// Starts the server; returns at once.
  func start(rate: Int = 48_000, period: Int = 256) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.tool)
    // -S: a cycle begins after all clients finished the one before, so that none skips one while the machine is busy with
    // other things: without real-time rights that happens, and the recorder would miss whole periods.
    process.arguments = ["-r", "-S", "-t", "5000", "-n", name, "-d", "dummy", "-r", "\(rate)", "-p", "\(period)"]
    FileManager.default.createFile(atPath: log.path, contents: nil)
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
  }

  /// Ends the server as a crash would: nobody is told, nothing is cleaned up.
  func kill() {
    wasKilled = wasKilled || process != nil
    end(SIGKILL)
  }

  /// Stops the server where it is: it is there, and answers nobody.
  func hang() { signal(SIGSTOP) }

  /// Lets a hanging server go on.
  func proceed() { signal(SIGCONT) }

  /// Ends the server in order, and removes what killed ones of its name left behind.
  func stop() {
    // The machine's registry has room for eight servers, and only one of the same name takes over a dead one's place.
    if process == nil && wasKilled {
      try? start()
      // One that is told to end while it starts does not clean up either.
      for _ in 0..<6 {
        if (try? Probe(server: self).run("list", "system:.*")) != nil { break }
      }
    }
    wasKilled = false
    end(SIGTERM)
    let folder = "/dev/shm"
    for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
    }
  }

  private func signal(_ number: Int32) {
    if let process { Foundation.kill(process.processIdentifier, number) }
  }

  private func end(_ number: Int32) {
    guard let process else { return }
    signal(number)
    signal(SIGCONT)
    process.waitUntilExit()
    // `Process` takes one that was stopped for one that has ended.
    while waitpid(process.processIdentifier, nil, 0) < 0 && errno == EINTR {}
    self.process = nil
  }
}

/// The program that stands at the other end of the connections: a process of its own, as libjack serves one server per
/// process.
struct Probe {
  /// One port, as `jack-probe list` prints it.
  struct Port: Equatable {
    var name: String
    var prettyName: String
    var order: String
    var playbackLatency: String
    var captureLatency: String
    var connections: [String]
  }

  struct Failure: Error { var text: String }

  let server: JACKServer

  private var path: String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("jack-probe").path
  }

  /// Runs the probe to its end; returns what it printed.
  @discardableResult
  func run(_ arguments: String...) throws -> String {
    let (process, output) = try start(arguments)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(text: "jack-probe \(arguments): \(text)") }
    return text
  }

  /// The ports that a regular expression fits.
  func ports(_ pattern: String) throws -> [Port] {
    try run("list", pattern).split(separator: "\n").map { line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count == 6 else { throw Failure(text: "jack-probe list: \(line)") }
      return Port(
        name: columns[0], prettyName: columns[1], order: columns[2], playbackLatency: columns[3],
        captureLatency: columns[4], connections: columns[5].split(separator: ",").map(String.init))
    }
  }

  /// Records `frames` frames of a port; `body` runs once the recording has begun.
  func record(_ source: String, frames: Int, freewheels: Bool = false, while body: () throws -> Void) throws -> [Float]
  {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString).f32")
    defer { try? FileManager.default.removeItem(at: file) }
    let (process, output) = try start(
      ["record", source, "\(frames)", file.path] + (freewheels ? ["freewheel"] : []))
    defer { if process.isRunning { process.terminate() } }
    guard let line = try output.fileHandleForReading.read(upToCount: 6), line == Data("ready\n".utf8) else {
      throw Failure(text: "jack-probe record: not ready")
    }
    try body()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(text: "jack-probe record: failed") }
    return try Data(contentsOf: file).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  /// Strikes `count` notes from `first` on, `gap` cycles apart, at a MIDI port while a port is recorded; returns where each
  /// note came in the recording, and the recording.
  func strike(
    _ source: String, cues: String, from first: Int, count: Int, gap: Int
  ) throws -> (positions: [Int], samples: [Float]) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString).f32")
    defer { try? FileManager.default.removeItem(at: file) }
    let lines = try run("strike", source, cues, "\(first)", "\(count)", "\(gap)", file.path)
    let samples = try Data(contentsOf: file).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    return (lines.split(separator: "\n").compactMap { Int($0) }, samples)
  }

  private func start(_ arguments: [String]) throws -> (Process, Pipe) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["JACK_DEFAULT_SERVER": server.name]) { $1 }
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output)
  }
}
