import ControlProtocol
import Foundation
import Synchronization
import Testing
import UniMoEAudio

/// The daemon with a real JACK server and several clients.
@Suite(.serialized) struct PlayingTests {
  /// A daemon in the graph of a server of its own.
  private func with(
    jack: String = "", settings: String = "", _ body: (DaemonProcess, JACKServer) throws -> Void
  ) throws {
    let server = JACKServer()
    try server.startServing()
    defer { server.stop() }
    let daemon = try DaemonProcess(settings: settings, jack: server.name, jackSettings: jack)
    // A server that lost its client by a kill takes a minute to end.
    defer { if daemon.process.isRunning { _ = daemon.end() } }
    try daemon.waitForLog("ready")
    try daemon.waitForLog("JACK: connected")
    try body(daemon, server)
  }

  @Test func fiftyRequestsOfFourClientsEndOnceEach() throws {
    try with(settings: "[queue]\ngenerating = 2\n") { (daemon, _) throws in
      _ = try daemon.connect()
      let path = daemon.socket
      let tallies = Mutex<[Int: [RequestEvent]]>([:])
      let errors = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 4) { index in
        do {
          let client = try ControlClient(path: path, name: "client \(index)")
          var requests: Set<Int> = []
          for number in 0..<(index < 2 ? 13 : 12) {
            requests.insert(
              try client.speak("Number \(number).", seconds: 0.12) { options in
                options.priority = RequestPriority.allCases[1 + number % 3]
                options.mixes = number % 2 == 0
              })
          }
          let barrier = try client.send(.sync(ended: true))
          while true {
            let message = try client.receive(timeout: .seconds(90))
            if case .reply(barrier, .sync) = message { break }
            guard case .event(let event) = message else { continue }
            if !requests.contains(event.request) { throw DaemonProcess.Failure(text: "somebody else's event") }
            tallies.withLock { $0[event.request, default: []].append(event) }
          }
        } catch {
          errors.withLock { $0.append("\(error)") }
        }
      }
      #expect(errors.withLock { $0 }.isEmpty)
      let events = tallies.withLock { $0 }
      #expect(events.count == 50)
      for (request, events) in events {
        #expect(events.first?.kind == .accepted, "request \(request)")
        #expect(events.count { $0.kind == .started } == 1, "request \(request)")
        #expect(events.count { $0.kind.isTerminal } == 1, "request \(request)")
        #expect([.completed, .length].contains(events.last?.kind), "request \(request)")
        #expect(events.last?.underruns == 0, "request \(request)")
      }
      let status = try daemon.connect().status()
      #expect(status.ended["completed", default: 0] + status.ended["length", default: 0] == 50)
      #expect(status.output.lateCycles == 0)
      #expect(daemon.end().status == 0)
    }
  }

  @Test func cancellingEndsARequestInEveryPhase() throws {
    // Events often enough for one to come from each phase, however fast the machine is.
    try with(settings: "[queue]\nprogress-seconds = 0.01\n") { (daemon, _) throws in
      let client = try daemon.connect()
      let playing = try client.speak("This one is long.", seconds: 5)
      _ = try client.event(of: playing) { $0.kind == .started }
      let prepared = try client.speak("This one waits for its turn.", seconds: 4)
      let queued = try client.speak("This one waits in the queue.", seconds: 2)
      _ = try client.event(of: prepared) { $0.kind == .progress && $0.phase == "generate" }
      for request in [queued, prepared, playing] {
        let start = Date()
        #expect(try client.call(.cancel(request: request)) == .cancel(requests: [request]))
        let end = try client.end(of: request)
        #expect(end.kind == .cancelled)
        #expect(end.message == "cancelled by a client")
        #expect(Date().timeIntervalSince(start) < 1)
        #expect(throws: ControlClient.Failure.self) { try client.call(.cancel(request: request)) }
      }
      // At once after it was accepted, in the prompt at the latest.
      let fresh = try client.speak("This one is not even begun.", seconds: 2)
      _ = try client.call(.cancel(request: fresh))
      #expect(try client.end(of: fresh).kind == .cancelled)
      let waiting = try client.status().requests
      #expect(waiting.isEmpty)
      #expect(try client.status().ended == ["cancelled": 4])
    }
  }

  @Test func requestsOfALostClientGoOnOrEndAsTheyAsked() throws {
    try with { (daemon, _) throws in
      let observer = try daemon.connect()
      var client: ControlClient? = try daemon.connect()
      let started = try client?.speak("This one goes on.", seconds: 1.5) { $0.onDisconnect = .proceed }
      _ = try client?.speak("This one ends.", seconds: 3)
      _ = try client?.speak("This one goes on too.", seconds: 0.3) { $0.onDisconnect = .proceed }
      if let started { _ = try client?.event(of: started) { $0.kind == .started } }
      client = nil
      try daemon.wait(for: "the end of all requests") { (try? observer.status().requests.isEmpty) == true }
      let ended = try observer.status().ended
      #expect(ended["completed", default: 0] + ended["length", default: 0] == 2)
      #expect(ended["cancelled"] == 1)
    }
  }

  @Test func killedServerIsBackWithPortsAndConnectionsEachTime() throws {
    let connections = "connections = [\"music_1=system:playback_[12]\"]\n"
    try with(jack: connections) { (daemon, server) throws in
      let probe = Probe(server: server)
      try probe.run("connect", "unimoe-audio:speech_1", "system:playback_2")
      let isBack = {
        let ports = (try? probe.ports("unimoe-audio:")) ?? []
        return ports.map(\.name) == ["unimoe-audio:speech_1", "unimoe-audio:music_1", "unimoe-audio:cues"]
          && ports.map(\.connections) == [["system:playback_2"], ["system:playback_1", "system:playback_2"], []]
      }
      try daemon.wait(for: "the connections", until: isBack)
      let client = try daemon.connect()
      let request = try client.speak("This one is long.", seconds: 20)
      _ = try client.event(of: request) { $0.kind == .started }
      var played = 0.0
      for turn in 1...10 {
        // Long enough for a connection to count.
        usleep(600_000)
        server.kill()
        try daemon.wait(for: "the server's loss") { (try? client.status().output.isRunning) == false }
        // Counted from when the server takes clients.
        try server.startServing()
        let start = Date()
        try daemon.wait(for: "ports and connections") { isBack() && (try? client.status().output.isRunning) == true }
        #expect(Date().timeIntervalSince(start) < 2, "kill \(turn)")
        // What was playing goes on.
        try daemon.wait(for: "sound") { ((try? client.status().requests.first?.playedSeconds) ?? 0) > played }
        played = try client.status().requests.first?.playedSeconds ?? 0
      }
      let end = try client.end(of: request, seconds: 60)
      #expect([.length, .completed].contains(end.kind))
      #expect(end.playedSeconds ?? 0 > 19.9)
      #expect(end.underruns == 0)
      #expect(daemon.errors.components(separatedBy: "warning: JACK: connected again").count == 11)
    }
  }

  @Test func requestsWaitForAServerThatComesLater() throws {
    let server = JACKServer()
    defer { server.stop() }
    let daemon = try DaemonProcess(jack: server.name)
    try daemon.waitForLog("ready")
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.3)
    usleep(300_000)
    #expect(try client.status().requests.map(\.state) == [.queued])
    try server.startServing()
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    #expect(daemon.end().status == 0)
  }

  @Test func requestIsMadeAgainForAServerOfAnotherRate() throws {
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      let playing = try client.speak("This one sounds.", seconds: 3)
      _ = try client.event(of: playing) { $0.kind == .started }
      let waiting = try client.speak("This one does not yet.", seconds: 0.4)
      server.kill()
      try daemon.wait(for: "the server's loss") { (try? client.status().output.isRunning) == false }
      try server.startServing(rate: 44_100) { (try? client.status().output.isRunning) == true }
      #expect([.length, .completed].contains(try client.end(of: playing).kind))
      #expect([.length, .completed].contains(try client.end(of: waiting).kind))
      #expect(try client.status().output.sampleRate == 44_100)
    }
  }

  @Test func soundingRequestContinuesAtAServersOtherRate() throws {
    let text = "Good morning."
    let expected = try Self.render(text, seconds: 4, rate: 48_000)
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      let request = try client.speak(text, seconds: 4)
      try daemon.wait(for: "half a second") { ((try? client.status().requests.first?.playedSeconds) ?? 0) > 0.5 }
      server.stop()
      try daemon.wait(for: "the server's end") { (try? client.status().output.isRunning) == false }
      let played = Int((try client.status().requests.first?.playedSeconds ?? 0) * 48_000 + 0.5)
      try server.startServing(rate: 44_100) { (try? client.status().output.isRunning) == true }
      let recorded = try Probe(server: server).record("unimoe-audio:speech_1", frames: 22_050) {}
      #expect(try client.event(of: request) { $0.kind == .resampled }.sampleRate == 44_100)
      let end = try client.end(of: request)
      #expect([.length, .completed].contains(end.kind))
      #expect(abs((end.playedSeconds ?? 0) - 4) < 0.01)
      #expect(end.underruns == 0)
      let rest = try Resampler(from: 48_000, to: 44_100).process(Array(expected[played...]), end: true)
      let heard = Array(recorded.drop { $0 == 0 }.dropFirst(2000).prefix(4000))
      #expect(heard.count == 4000)
      #expect(rest.indices.contains { rest[$0...].starts(with: heard) }, "other samples than those that were left")
    }
  }

  @Test func terminationWhilePlayingTakesLessThanASecond() throws {
    try with { (daemon, _) throws in
      let client = try daemon.connect()
      let request = try client.speak("This one is long.", seconds: 5)
      _ = try client.event(of: request) { $0.kind == .started }
      let (status, seconds) = daemon.end()
      #expect(status == 0)
      #expect(seconds < 1)
      #expect(try client.end(of: request).kind == .cancelled)
    }
  }

  @Test func terminationDoesNotWaitForAServerThatHangs() throws {
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      let request = try client.speak("This one is long.", seconds: 5)
      _ = try client.event(of: request) { $0.kind == .started }
      server.hang()
      // In order, it would wait a minute for the client that is gone.
      defer { server.kill() }
      usleep(50_000)
      let status = try client.status()
      #expect(status.requests.map(\.state) == [.playing])
      let (code, seconds) = daemon.end()
      #expect(code == 0)
      #expect(seconds < 1)
      #expect(try client.end(of: request).message == "the daemon stops")
      #expect(!FileManager.default.fileExists(atPath: daemon.socket))
    }
  }

  @Test func freewheelExportGoesOnToTheNextRequest() throws {
    let texts = ["Good morning.", "And good evening."]
    let expected = try texts.map { try Self.render($0, seconds: 1, rate: 48_000) }
    // One at a time: the second is not even begun when the export begins.
    try with(settings: "[queue]\ngenerating = 1\nprepared = 1\n") { (daemon, server) throws in
      let client = try daemon.connect()
      let requests = try texts.map { text in try client.speak(text, seconds: 1) { $0.startSeconds = 600 } }
      #expect(try client.status().requests.last?.state == .queued)
      let recorded = try Probe(server: server).record("unimoe-audio:speech_1", frames: 480_000, freewheels: true) {}
      for request in requests {
        let end = try client.end(of: request)
        #expect([.length, .completed].contains(end.kind))
        #expect(end.underruns == 0)
      }
      #expect(Self.contains(recorded, expected[0]))
      let rest = recorded.drop { $0 == 0 }.dropFirst(expected[0].count - 2000)
      #expect(Self.contains(Array(rest.drop { $0 != 0 }), expected[1]))
      #expect(try client.status().output.freewheelTimeouts == 0)
    }
  }

  @Test func freewheelExportHasTheSamplesOfAnOfflineRender() throws {
    let text = "Good morning."
    let expected = try Self.render(text, seconds: 1.5, rate: 48_000)
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      // Not before all is made, so that the server freewheels first.
      let request = try client.speak(text, seconds: 1.5) { $0.startSeconds = 600 }
      let recorded = try Probe(server: server).record("unimoe-audio:speech_1", frames: 96_000, freewheels: true) {}
      let end = try client.end(of: request)
      #expect([.length, .completed].contains(end.kind))
      #expect(end.underruns == 0)
      #expect(Self.contains(recorded, expected))
      #expect(try client.status().output.freewheelTimeouts == 0)
    }
  }

  @Test func recorderHearsTheSamplesOfAnOfflineRender() throws {
    let text = "Good evening to you all."
    let expected = try Self.render(text, seconds: 1, rate: 48_000)
    try with { (daemon, server) throws in
      let client = try daemon.connect()
      // On a busy machine the server may leave the recorder out for a cycle, and says so.
      for attempt in 1...5 {
        let before = try client.status().output.xruns
        var request = 0
        let recorded = try Probe(server: server).record("unimoe-audio:speech_1", frames: 240_000) {
          request = try client.speak(text, seconds: 1)
        }
        let end = try client.end(of: request)
        #expect([.length, .completed].contains(end.kind))
        #expect(end.underruns == 0)
        if Self.contains(recorded, expected) { return }
        let xruns = try client.status().output.xruns - before
        guard xruns > 0, attempt < 5 else {
          Issue.record("other samples than offline, \(xruns) xruns, attempt \(attempt)")
          return
        }
      }
    }
  }

  /// What the engine makes of a text, at a server's rate.
  static func render(_ text: String, seconds: Double, rate: Int) throws -> [Float] {
    let engine = try Engine(modelDirectory: DaemonProcess.randomModel)
    let voices = VoiceStore(modelDirectory: engine.model.directory, directory: "/nonexistent")
    let voice = try voices.load(
      voices.defaultName(), codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    let request = Request(.speech(text: text, voice: voice), minimumSeconds: seconds, maximumSeconds: seconds)
    let samples = try engine.generate([request])[0].samples
    return try Resampler(from: engine.sampleRate, to: rate).process(samples, end: true)
  }

  /// Whether a recording holds exactly these samples one after the other.
  private static func contains(_ recording: [Float], _ samples: [Float]) -> Bool {
    guard let first = samples.firstIndex(where: { $0 != 0 }), let start = recording.firstIndex(where: { $0 != 0 })
    else {
      return false
    }
    let part = samples[first...]
    return start + part.count <= recording.count && recording[start...].prefix(part.count).elementsEqual(part)
  }
}
