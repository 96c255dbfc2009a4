import ControlProtocol
import Foundation
import Testing
import UniMoEAudio

@testable import unimoe_audiod

/// What is made ready sounds at its cue, in the graph of a real JACK server.
@Suite(.serialized) struct CueTests {
  private func with(_ body: (DaemonProcess, JACKServer) throws -> Void) throws {
    let server = JACKServer()
    try server.startServing()
    defer { server.stop() }
    let daemon = try DaemonProcess(jack: server.name)
    defer { if daemon.process.isRunning { _ = daemon.end() } }
    try daemon.waitForLog("ready")
    try daemon.waitForLog("JACK: connected")
    try body(daemon, server)
  }

  /// Has a text made ready; returns the request once it waits for its cue.
  private func arm(
    _ client: ControlClient, _ text: String, seconds: Double = 0.2, _ change: (inout RequestOptions) -> Void
  ) throws -> Int {
    let request = try client.speak(text, seconds: seconds, change)
    _ = try client.event(of: request) { $0.kind == .armed }
    return request
  }

  @Test func everyNoteStartsItsCueInItsCycleAtItsFrame() throws {
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      let texts = "one two three four five six seven eight nine ten eleven twelve".split(separator: " ").map {
        "Cue \($0)."
      }
      let count = texts.count
      let requests = try texts.enumerated().map { index, text in
        try arm(client, text) { $0.cueNote = 40 + index }
      }
      let status = try client.status().requests
      #expect(status.map(\.state) == Array(repeating: .armed, count: count))
      #expect(status.map(\.cue) == (0..<count).map { "note \(40 + $0), go" } && status.map(\.text) == texts)
      let heard = try Probe(server: server).strike(
        "unimoe-audio:speech_1", cues: "unimoe-audio:cues", from: 40, count: count, gap: 75)
      #expect(heard.positions.count == count && heard.samples.prefix(heard.positions[0]).allSatisfy { $0 == 0 })
      for (index, position) in heard.positions.enumerated() {
        let expected = try PlayingTests.render(texts[index], seconds: 0.2, rate: 48_000)
        let isThere = heard.samples[position...].starts(with: expected)
        #expect(isThere, "cue \(index) at \(position)")
        let end = try client.end(of: requests[index])
        #expect([.length, .completed].contains(end.kind) && end.underruns == 0)
      }
    }
  }

  @Test func theTransportStartsACueAtItsFrame() throws {
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      let request = try arm(client, "On the bar.") { $0.cueFrame = 480_100 }
      try Probe(server: server).run("roll", "470000")
      #expect(try client.event(of: request) { $0.kind == .started }.lateFrames == 0)
    }
  }

  @Test func goFiresOneOrAllAndTellsHowLateTheyAre() throws {
    try with { (daemon, _) throws in
      let client = try daemon.connect()
      let requests = try (0..<3).map { index in try arm(client, "Number \(index).") { $0.isHeld = true } }
      #expect(try client.call(.go(request: requests[1])) == .go(requests: [requests[1]]))
      #expect(try client.event(of: requests[1]) { $0.kind == .started }.lateFrames == 0)
      #expect(try client.refusal(of: .go(request: requests[1])) == .noSuchRequest)
      #expect(try client.call(.go(request: nil)) == .go(requests: [requests[0], requests[2]]))
      for request in [requests[0], requests[2]] {
        #expect(try client.event(of: request) { $0.kind == .started }.lateFrames == 0)
      }
      // Fired before it can be ready.
      let early = try client.speak("Too early.", seconds: 0.2) { $0.isHeld = true }
      #expect(try client.call(.go(request: nil)) == .go(requests: [early]))
      #expect((try client.event(of: early) { $0.kind == .started }.lateFrames ?? 0) > 0)
    }
  }

  @Test func cuesKeepNothingElseWaitingAndCanBeCancelled() throws {
    try with { (daemon, _) throws in
      let client = try daemon.connect()
      // More of them than are prepared at once.
      let cues = try (0..<12).map { index in try arm(client, "Number \(index).") { $0.isHeld = true } }
      let request = try client.speak("This is said at once.", seconds: 0.2)
      #expect([.length, .completed].contains(try client.end(of: request).kind))
      let urgent = try client.speak("Mind the gap.", seconds: 0.2) { $0.priority = .interrupt }
      #expect([.length, .completed].contains(try client.end(of: urgent).kind))
      #expect(try client.status().requests.map(\.request) == cues)
      #expect(try client.call(.cancel(request: cues[0])) == .cancel(requests: [cues[0]]))
      #expect(try client.end(of: cues[0]).kind == .cancelled)
      #expect(try client.status().requests.map(\.request) == Array(cues.dropFirst()))
    }
  }

  @Test func aRequestIsPausedFadedAndEndedWhileItPlays() throws {
    try with { (daemon, _) throws in
      let client = try daemon.connect()
      let request = try client.speak("This one is long.", seconds: 5)
      _ = try client.event(of: request) { $0.kind == .started }
      #expect(try client.call(.set(.init(request: request, isPaused: true))) == .set(requests: [request]))
      // Some cycles may still come before the pause on a busy machine.
      func played() throws -> Double? { try client.status().requests.first?.playedSeconds }
      try daemon.wait(for: "silence") {
        let before = try? played()
        usleep(100_000)
        return before == (try? played())
      }
      let paused = try #require(try client.status().requests.first)
      usleep(300_000)
      let later = try #require(try client.status().requests.first)
      #expect(paused.state == .paused && later.playedSeconds == paused.playedSeconds)
      _ = try client.call(.set(.init(request: nil, isPaused: false)))
      try daemon.wait(for: "more of it") {
        ((try? client.status().requests.first?.playedSeconds) ?? 0) > paused.playedSeconds
      }
      _ = try client.call(.set(.init(request: request, gain: 0, seconds: 0.2, ends: true)))
      let end = try client.end(of: request)
      #expect(end.kind == .cancelled && end.message == "faded out" && (end.playedSeconds ?? 5) < 4)
      #expect(try client.refusal(of: .set(.init(request: request, gain: 1))) == .noSuchRequest)
    }
  }

  @Test func whoWatchesHearsOfTheRequestsOfOthers() throws {
    let daemon = try DaemonProcess()
    let (client, watcher, other) = (try daemon.connect(), try daemon.connect(), try daemon.connect())
    #expect(try watcher.call(.watch) == .watch)
    let request = try client.speak(seconds: 0.2)
    let end = try client.end(of: request)
    _ = try watcher.event(of: request) { $0.kind == .accepted }
    _ = try watcher.event(of: request) { $0.kind == .started }
    #expect(try watcher.end(of: request) == end)
    // Who does not watch hears nothing.
    guard case .sync = try other.call(.sync(ended: false)) else { return }
    #expect(throws: ControlClient.Failure.timedOut) { _ = try other.receive(timeout: .milliseconds(200)) }
  }

  @Test func theCommandLineArmsAndFires() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    func send(_ arguments: String...) throws -> (status: Int32, output: String) {
      let process = Process()
      let output = Pipe()
      process.executableURL = DaemonProcess.programs.appendingPathComponent("unimoe-audio")
      process.arguments = ["send"] + arguments + ["--socket", daemon.socket]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
    #expect(try send("arm", "speak", "Ladies and gentlemen!", "--note", "60", "--max-seconds", "0.3") == (0, "1\n"))
    #expect(try send("arm", "compose", "A fanfare.", "--seconds", "0.3") == (0, "2\n"))
    let status = try send("status").output
    #expect(status.contains("1 speak armed") && status.contains("waits for note 60, go: Ladies and gentlemen!"))
    #expect(status.contains("2 compose armed") && status.contains("waits for go: A fanfare."))
    #expect(try send("set", "2", "--gain", "0.5", "--seconds", "1") == (0, "2\n"))
    #expect(try send("set", "2").status == 64 && send("set", "2", "--pause", "--resume").status == 64)
    #expect(try send("go", "--all") == (0, "1\n2\n"))
    try daemon.wait(for: "the end of both") { (try? observer.status().requests.isEmpty) == true }
    #expect(try send("go", "1").status == 64)
    #expect(try send("arm", "speak", "Hello.", "--note", "128").status == 64)
  }
}
