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

  @Test func troubleOfTheOutputIsToldAtOnceAndThenOnceAMinute() {
    var watch = OutputWatch()
    var status = OutputStatus(kind: "jack", isRunning: true, sampleRate: 48_000, bufferSize: 256)
    #expect(watch.findings(status, now: .seconds(1)).isEmpty)
    status.xruns = 2
    status.lateCycles = 1
    #expect(
      watch.findings(status, now: .seconds(2)) == [
        .init(level: .warning, line: "JACK: this client was late in 1 cycle"),
        .init(level: .info, line: "JACK: 1 xrun, not of this client's making"),
      ])
    #expect(watch.findings(status, now: .seconds(3)).isEmpty)
    status.freewheelTimeouts = 3
    #expect(
      watch.findings(status, now: .seconds(4)).map(\.line)
        == ["JACK: the export has a gap: 3 cycles waited for sound in vain"])
    // Xruns every second for a minute are one line.
    var lines: [OutputWatch.Finding] = []
    for second in 5...64 {
      status.xruns += 1
      lines += watch.findings(status, now: .seconds(second))
    }
    #expect(lines == [.init(level: .info, line: "JACK: 58 xruns, not of this client's making")])
  }

  @Test(arguments: [
    (["--model", "/nonexistent"], Int32(66), ControlCode.modelFailed, "/nonexistent"),
    (["--set", "queue.length=0"], 78, .stopping, "queue.length"), (["--wrong"], 64, .stopping, "--wrong"),
  ])
  func clientsThatWaitHearWhyAStartFails(
    arguments: [String], status: Int32, code: ControlCode, text: String
  ) throws {
    let path = "/tmp/unimoe-handed-\(UUID().uuidString.prefix(8))"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(listener)
      unlink(path)
    }
    #expect(SocketPath.withAddress(path) { bind(listener, $0, $1) } == 0)
    #expect(listen(listener, 16) == 0)
    let clients = try (0..<4).map { _ in try RawClient(path: path) }
    for client in clients.dropFirst() { client.send(#"{"type":"hello","id":5,"protocol":1}"#) }
    clients[3].endSending()
    let daemon = try DaemonProcess(
      arguments: arguments, shell: "export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\" 3<&0 </dev/null",
      input: FileHandle(fileDescriptor: listener))
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == status)
    for client in clients {
      guard case .error(nil, _, let failure) = try client.receive() else {
        Issue.record("a client hears nothing")
        continue
      }
      #expect(failure.code == code)
      #expect(failure.message.hasPrefix("the daemon cannot start: ") && failure.message.contains(text))
      #expect(try client.receive() == nil)
    }
    // Nobody is left who would start it again.
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    #expect(poll(&waiting, 1, 0) == 0)
  }

  @Test func closedStandardDescriptorsAreNotTakenForOthers() throws {
    let daemon = try DaemonProcess(shell: "exec \"$@\" 0<&- 1>&- 2>&-")
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.4)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    #expect(try Data(contentsOf: daemon.folder.appendingPathComponent("control.lock")).isEmpty)
    #expect(daemon.end().status == 0)
  }

  @Test(arguments: 99...107) func socketPathsUpToTheSystemsLimitAreTaken(length: Int) throws {
    let folder = "/tmp/unimoe-\(UUID().uuidString.prefix(8))-"
    // The folder takes most of the path, so that no longer name than the socket's own has room in it.
    let path = folder + String(repeating: "f", count: length - folder.utf8.count - 2) + "/s"
    #expect(path.utf8.count == length)
    defer { try? FileManager.default.removeItem(atPath: String(path.dropLast(2))) }
    let daemon = try DaemonProcess(arguments: ["--socket", path])
    try daemon.wait(for: "the socket", seconds: 20) { FileManager.default.fileExists(atPath: path) }
    usleep(20_000)
    _ = try ControlClient(path: path, name: "test").status()
    #expect(daemon.end().status == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func manyClientsMayConnectWhileTheDaemonIsBusy() throws {
    let daemon = try DaemonProcess(settings: "[control]\nclients = 200\n")
    _ = try daemon.connect()
    kill(daemon.process.processIdentifier, SIGSTOP)
    defer { kill(daemon.process.processIdentifier, SIGCONT) }
    // A full queue of connections would stop the test here for ever.
    let clients = try (0..<100).map { _ in try RawClient(path: daemon.socket) }
    for client in clients { client.send(#"{"type":"hello","id":5,"protocol":1}"#) }
    kill(daemon.process.processIdentifier, SIGCONT)
    for client in clients {
      guard case .reply(5, .hello) = try client.receive() else {
        Issue.record("no greeting; log: \(daemon.errors)")
        return
      }
    }
  }

  @Test func clientsThatCannotBeTakenFillNoLog() throws {
    let daemon = try DaemonProcess(
      arguments: ["--set", "log.level=info", "--set", "control.clients=500"], shell: "ulimit -n 48; exec \"$@\"")
    let friend = try daemon.connect()
    try daemon.waitForLog("ready")
    let clients = try (0..<100).map { _ in try RawClient(path: daemon.socket) }
    try daemon.waitForLog("Too many open files")
    usleep(1_500_000)
    #expect(try friend.call(.sync(ended: false)) == .sync)
    #expect(daemon.errors.components(separatedBy: "control socket: Too many open files").count == 2)
    withExtendedLifetime(clients) {}
    #expect(daemon.end().status == 0)
  }

  @Test(arguments: [nil, "no-such-server"]) func idleDaemonSleeps(server: String?) throws {
    let daemon = try DaemonProcess(jack: server)
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    usleep(500_000)
    let before = try Self.wakeUps(of: daemon.process.processIdentifier)
    usleep(2_000_000)
    #expect(try Self.wakeUps(of: daemon.process.processIdentifier) - before < 60)
    withExtendedLifetime(client) {}
  }

  /// How often the threads of a process went to sleep of their own accord.
  private static func wakeUps(of process: Int32) throws -> Int {
    let tasks = "/proc/\(process)/task"
    return try FileManager.default.contentsOfDirectory(atPath: tasks).reduce(0) { sum, task in
      // A thread may end between the list and the look at it.
      let status = (try? String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)) ?? ""
      let lines = status.split(separator: "\n")
      let line = lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return sum + (line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0)
    }
  }

  @Test(arguments: ["unimoe-audiod", "unimoe-audio"]) func argumentsAreReadWithoutProc(program: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("no-proc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Hides /proc from the program, as where it is not mounted.
    let hiding = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <errno.h>
      #include <stdio.h>
      #include <string.h>
      FILE *fopen(const char *path, const char *mode) {
        if (strncmp(path, "/proc/", 6) == 0) { errno = ENOENT; return NULL; }
        return ((FILE *(*)(const char *, const char *))dlsym(RTLD_NEXT, "fopen"))(path, mode);
      }
      FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

      """
    let source = folder.appendingPathComponent("hide.c")
    try Data(hiding.utf8).write(to: source)
    let library = folder.appendingPathComponent("hide.so").path
    #expect(try Self.run("/usr/bin/gcc", ["-shared", "-fPIC", source.path, "-o", library], [:]).status == 0)
    let path = DaemonProcess.programs.appendingPathComponent(program).path
    let variables = ["LD_PRELOAD": library, "PATH": "/usr/bin:/bin"]
    let version = try Self.run(path, ["--version"], [:]).output
    #expect(version.hasPrefix("\(program) ") && version.split(separator: "\n").count == 1)
    #expect(try Self.run(path, ["--version"], variables).output == version)
    #expect(try Self.run(path, ["--no-such-option"], variables).status == 64)
  }

  private static func run(
    _ path: String, _ arguments: [String], _ variables: [String: String]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
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
