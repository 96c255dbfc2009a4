import ControlProtocol
import Foundation
import Testing

@testable import unimoe_audiod

/// Start, reload and end, with and without a service manager.
@Suite(.serialized) struct LifecycleTests {
  @Test(arguments: [
    ("[queue]\nlength = 0\n", [String](), Int32(78), "audiod.toml:6: queue.length: expected a whole number"),
    ("", ["--model", "/nonexistent"], 66, "/nonexistent"), ("", ["--set", "a.b=1"], 78, "--set: a.b: unknown setting"),
    ("", ["--wrong"], 64, "--wrong"), ("[control]\nusers = [\"no such user\"]\n", [], 78, "control.users"),
    (
      "", ["--set", "jack.enabled=true", "--set", "jack.connections=speech_1"], 78, "--set: jack.connections: expected"
    ),
    ("", ["--set", "jack.enabled=true", "--set", "jack.connections=speech_1=("], 78, "regular expression"),
    ("", ["--set", "jack.enabled=true", "--set", "jack.connections=nothing=x"], 78, "one of the output ports"),
    ("", ["--set", "jack.enabled=true", "--set", "jack.client-name=a:b"], 78, "without \":\""),
    ("[control]\ngroup = \"no such group\"\n", [], 78, "control.group"),
    ("[control]\nsocket = \"relative\"\n", ["--set", "control.socket=relative"], 78, "expected an absolute path"),
  ])
  func wrongStartEndsWithItsStatusAndOneLine(
    settings: String, arguments: [String], status: Int32, text: String
  ) throws {
    let daemon = try DaemonProcess(settings: settings, arguments: arguments)
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == status)
    #expect(daemon.errors.contains(text))
    #expect(daemon.errors.count { $0 == "\n" } <= 2, "\(daemon.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path)
    #expect(Set(files) == ["audiod.toml", "log"])
  }

  @Test func socketThatCannotBeMadeLeavesNothing() throws {
    let folder = "/tmp/unimoe-long-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Short enough for the lock beside it, too long for an address.
    let daemon = try DaemonProcess(arguments: ["--socket", folder + "/" + String(repeating: "s", count: 90)])
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == 78)
    #expect(daemon.errors.contains("expected a path of at most 107 bytes"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  @Test func brokenModelEndsTheDaemonAndItsRequests() throws {
    let model = FileManager.default.temporaryDirectory.appendingPathComponent("broken-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: model) }
    try Data("{".utf8).write(to: model.appendingPathComponent("config.json"))
    let daemon = try DaemonProcess(arguments: ["--model", model.path])
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == 66)
    #expect(daemon.errors.contains("config.json"))
  }

  @Test func terminationEndsRequestsWithinASecond() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    let playing = try client.speak("This one is long.", seconds: 5)
    let waiting = try client.speak("This one waits.")
    _ = try client.event(of: playing) { $0.kind == .started }
    let (status, seconds) = daemon.end()
    #expect(status == 0)
    #expect(seconds < 1)
    var ends: [Int: [RequestEvent]] = [:]
    while let message = try? client.receive(timeout: .seconds(1)) {
      if case .event(let event) = message, event.kind.isTerminal { ends[event.request, default: []].append(event) }
    }
    for request in [playing, waiting] {
      #expect(ends[request]?.map(\.kind) == [.cancelled])
      #expect(ends[request]?.first?.message == "the daemon stops")
    }
  }

  @Test func reloadTakesWhatCanChangeAndNamesWhatCannot() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    try daemon.configure("[jack]\nenabled = false\nclient-name = \"other\"\n[control]\ntext-bytes = 5\n")
    kill(daemon.process.processIdentifier, SIGHUP)
    try daemon.waitForLog("reloaded; changed: control.text-bytes")
    #expect(daemon.errors.contains("jack.client-name: takes effect when the daemon is started again"))
    #expect(throws: ControlClient.Failure.self) { try client.speak("too long") }
    try daemon.configure("[jack]\nenabled = maybe\n")
    kill(daemon.process.processIdentifier, SIGHUP)
    try daemon.waitForLog("not reloaded: ")
    #expect(throws: ControlClient.Failure.self) { try client.speak("too long") }
    #expect(daemon.end().status == 0)
  }

  @Test func closedStandardErrorHarmsNobody() throws {
    let daemon = try DaemonProcess(shell: "exec \"$@\" 2>/dev/full")
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.4)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    #expect(daemon.end().status == 0)
  }

  @Test func readerOfTheLogThatHangsHoldsUpNobody() throws {
    let pipe = Pipe()
    let daemon = try DaemonProcess(errors: pipe.fileHandleForWriting)
    let client = try daemon.connect()
    // 64 KiB fit into the pipe, a thousand lines wait behind it, the rest is dropped.
    for _ in 0..<4000 { #expect(try client.refusal(of: .cancel(request: 1_000_000)) == .noSuchRequest) }
    let start = Date()
    _ = try client.status()
    #expect(Date().timeIntervalSince(start) < 1)
    let request = try client.speak("Good morning.", seconds: 0.4)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    // Once somebody reads, the log says what is missing.
    let reading = pipe.fileHandleForReading
    var text = ""
    while !text.contains("lines were dropped: nobody read them") {
      let data = reading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
      _ = try client.refusal(of: .cancel(request: 1_000_000))
    }
    #expect(text.contains("lines were dropped: nobody read them"))
    for _ in 0..<4000 { _ = try client.refusal(of: .cancel(request: 1_000_000)) }
    let (status, seconds) = daemon.end()
    #expect(status == 0)
    #expect(seconds < 1)
  }

  @Test func levelsTellTroubleFromRoutine() throws {
    let levels = [
      ("warning", "one client too many", "ready"), ("info", "ready", "request 1"), ("debug", "request 1", "?"),
    ]
    for (level, has, lacks) in levels {
      let daemon = try DaemonProcess(arguments: ["--set", "log.level=\(level)", "--set", "control.clients=1"])
      let client = try daemon.connect()
      _ = try client.end(of: client.speak(seconds: 0.2))
      let surplus = try RawClient(path: daemon.socket)
      #expect(try surplus.errorCode() == .tooManyClients)
      _ = daemon.end()
      #expect(daemon.errors.contains(has) && !daemon.errors.contains(lacks), "\(level): \(daemon.errors)")
    }
  }

  @Test func troubleOfTheOutputIsToldOnce() {
    var watch = OutputWatch()
    var status = OutputStatus(kind: "jack", isRunning: true, sampleRate: 48_000, bufferSize: 256)
    #expect(watch.troubles(status).isEmpty)
    status.xruns = 2
    status.lateCycles = 1
    #expect(watch.troubles(status) == ["JACK: 2 xruns; this client was late in 1 cycle"])
    #expect(watch.troubles(status).isEmpty)
    status.freewheelTimeouts = 3
    #expect(watch.troubles(status) == ["JACK: the export has a gap: 3 cycles waited for sound in vain"])
  }

  @Test func serviceManagerHearsOfStartStatusAndLife() throws {
    let manager = try NotifySocket()
    let daemon = try DaemonProcess(environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"])
    let start = Date()
    try manager.wait { $0.contains("READY=1") }
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.5)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    usleep(1_200_000)
    try manager.wait { $0.contains { $0.hasPrefix("STATUS=Ready: ") } }
    let lines = manager.lines
    let ready = lines.firstIndex(of: "READY=1") ?? 0
    #expect(lines[..<ready].contains { $0.hasPrefix("STATUS=Loading the model") })
    #expect(lines[..<ready].contains("EXTEND_TIMEOUT_USEC=10000000"))
    // Fed at least every 200 ms, give or take a busy machine.
    let expected = Int(Date().timeIntervalSince(start) / 0.4)
    #expect(manager.lines.count { $0 == "WATCHDOG=1" } >= expected)
    kill(daemon.process.processIdentifier, SIGHUP)
    try manager.wait { $0.contains("RELOADING=1") }
    #expect(daemon.end().status == 0)
    try manager.wait { $0.contains("STOPPING=1") }
  }

  @Test func hungGenerationIsNotFedToTheWatchdog() throws {
    let socket = try NotifySocket()
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "2"])
    var heartbeat = Heartbeat(manager)
    heartbeat.beat(state: .ready, isStalled: true)
    #expect(socket.lines.isEmpty)
    usleep(1000)
    heartbeat.beat(state: .ready, isStalled: false)
    #expect(socket.lines == ["WATCHDOG=1"])
    heartbeat.beat(state: .stopping, isStalled: false)
    #expect(socket.lines == ["WATCHDOG=1"])
  }

  @Test func socketsAreTakenOverFromAServiceManager() throws {
    let path = "/tmp/unimoe-handed-\(UUID().uuidString.prefix(8))"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(listener)
      unlink(path)
    }
    #expect(SocketPath.withAddress(path) { bind(listener, $0, $1) } == 0)
    #expect(listen(listener, 16) == 0)
    // A client may come before the daemon.
    let early = try RawClient(path: path)
    early.send(#"{"type":"hello","id":5,"protocol":1}"#)
    let daemon = try DaemonProcess(
      shell: "export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\" 3<&0 </dev/null",
      input: FileHandle(fileDescriptor: listener))
    guard case .reply(5, .hello) = try early.receive() else {
      Issue.record("no greeting; log: \(daemon.errors)")
      return
    }
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
    let client = try ControlClient(path: path, name: "test")
    let request = try client.speak("Good morning.", seconds: 0.4)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    #expect(daemon.end().status == 0)
    // The manager's socket is the manager's to remove.
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func printedConfigurationNamesOrigins() throws {
    let daemon = try DaemonProcess(arguments: ["--print-config"], shell: "exec \"$@\" >&2")
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == 0)
    #expect(daemon.errors.contains("enabled = false  # \(daemon.folder.path)/audiod.toml:2"))
    #expect(daemon.errors.contains("socket = \"\(daemon.socket)\"  # UNIMOE_AUDIOD_CONTROL_SOCKET"))
    #expect(daemon.errors.contains("threads = 0  # built-in"))
  }
}

/// A service manager's end of the notification socket.
final class NotifySocket {
  let path: String
  private let descriptor: Int32
  private var received: [String] = []

  init() throws {
    path = "/tmp/unimoe-notify-\(UUID().uuidString.prefix(8))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard SocketPath.withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
      throw DaemonProcess.Failure(text: "no socket at \(path)")
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The lines that came so far.
  var lines: [String] {
    var bytes = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return received }
      received += String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }

  func wait(seconds: Double = 20, until condition: ([String]) -> Bool) throws {
    let start = Date()
    while !condition(lines) {
      if Date().timeIntervalSince(start) > seconds { throw DaemonProcess.Failure(text: "waited in vain: \(lines)") }
      usleep(5000)
    }
  }
}
