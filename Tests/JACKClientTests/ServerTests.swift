import AudioRing
import Foundation
import JACKClient
import Testing

import class TestSupport.Thread

/// The client in the graph of a real server without hardware. One after the other: libjack serves one server per
/// process at a time.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServerTests {
  private static let speech = "unimoe-audio:speech_1"

  private let server = JACKServer()
  private var probe: Probe { Probe(server: server) }

  private func client(connections: [JACKConfiguration.ConnectionRule] = []) throws -> JACKClient {
    var configuration = JACKConfiguration(serverName: server.name, connections: connections)
    configuration.measuresProcessorTime = true
    return try JACKClient(configuration)
  }

  /// Polls until the condition holds; returns the seconds that it took, or nil after `limit`.
  private func seconds(limit: Double, until condition: () throws -> Bool) rethrows -> Double? {
    let start = Date()
    while Date().timeIntervalSince(start) < limit {
      if try condition() { return Date().timeIntervalSince(start) }
      usleep(5000)
    }
    return nil
  }

  /// Feeds a ring from a thread of its own, as generation does: in pieces, sleeping while it is full.
  private func feed(_ ring: AudioRing, _ count: Int, pauseMilliseconds: Int = 0) -> Thread {
    Thread {
      for start in stride(from: 0, to: count, by: 3000) {
        if pauseMilliseconds > 0 { Thread.sleep(milliseconds: pauseMilliseconds) }
        ring.writeAll(TestSignal.samples(start..<min(start + 3000, count)), timeout: .seconds(30))
      }
      ring.finish()
    }
  }

  /// Expects silence, the test signal's `count` samples in one piece, and silence.
  private func expectSignal(_ recorded: [Float], _ count: Int, _ location: SourceLocation = #_sourceLocation) {
    guard let start = recorded.firstIndex(where: { $0 != 0 }) else {
      Issue.record("only silence was recorded", sourceLocation: location)
      return
    }
    let expected = TestSignal.samples(0..<count)
    #expect(recorded.count >= start + count, "the recording is too short", sourceLocation: location)
    let heard = recorded[start..<min(start + count, recorded.count)]
    let firstWrong = zip(heard, expected).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(firstWrong == nil, "first wrong sample at \(firstWrong ?? -1)", sourceLocation: location)
    #expect(recorded.dropFirst(start + count).allSatisfy { $0 == 0 }, sourceLocation: location)
  }

  private func expectNoFaultOfOurs(_ client: JACKClient, _ location: SourceLocation = #_sourceLocation) {
    let statistics = client.statistics
    #expect(statistics.underruns == 0, sourceLocation: location)
    #expect(statistics.lateCycles == 0, "longest \(statistics.longestCycleMicroseconds) µs", sourceLocation: location)
    #expect(statistics.freewheelTimeouts == 0, sourceLocation: location)
  }

  @Test func theClientWaitsForItsServerAndThenShowsItsPorts() throws {
    let client = try client()
    defer { client.stop() }
    #expect(!client.waitUntilRunning(timeout: .milliseconds(200)))
    #expect(client.serverState == .absent)
    #expect(client.sampleRate == nil)
    let ring = AudioRing.filled(100)
    let early = try client.attach(ring, port: 0, sampleRate: 48_000)
    #expect(early.status == .waiting)
    try server.startServing()
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    #expect(client.sampleRate == 48_000)
    #expect(client.bufferSize == 256)
    #expect(early.waitUntilFinished(timeout: .seconds(5)) == .complete)
    #expect(throws: JACKClientError.wrongSampleRate(found: 44_100, server: 48_000)) {
      try client.attach(ring, port: 0, sampleRate: 44_100)
    }
    #expect(throws: JACKClientError.noSuchPort(index: 2, count: 2)) {
      try client.attach(ring, port: 2, sampleRate: 48_000)
    }

    try probe.run("connect", Self.speech, "system:playback_1")
    var ports: [Probe.Port] = []
    _ = try seconds(limit: 5) {
      ports = try probe.ports("unimoe-audio:.*")
      return ports.last?.playbackLatency != "0-0"
    }
    #expect(ports.map(\.name) == ["speech_1", "music_1", "cues"].map { "unimoe-audio:" + $0 })
    #expect(ports.map(\.prettyName) == ["Speech 1", "Music 1", "Cues"])
    #expect(ports.map(\.order) == ["0", "1", "2"])
    #expect(ports.map(\.connections) == [["system:playback_1"], [], []])
    // A cue sounds where speech_1 sounds, as late as that.
    #expect(ports.last?.playbackLatency == ports.first?.playbackLatency)
    #expect(ports.map(\.captureLatency) == ["0-0", "0-0", "0-0"])
    var kinds: [String] = []
    for event in client.takeEvents() {
      switch event {
      case .unreachable: kinds.append("unreachable")
      case .connected(48_000, 256): kinds.append("connected")
      case .finished(let playback, .complete) where playback === early: kinds.append("finished")
      default: kinds.append("other")
      }
    }
    #expect(kinds == ["unreachable", "connected", "finished"])
  }

  /// The first line that says why a client is not in a server's graph.
  private func problem(of client: JACKClient) -> String? {
    var line: String?
    _ = seconds(limit: 10) {
      for case .unreachable(let problem) in client.takeEvents() { line = line ?? problem }
      return line != nil
    }
    return line
  }

  @Test func aMissingServerIsNamedWithTheLibrarysFirstLine() throws {
    let client = try JACKClient(JACKConfiguration(serverName: "no-such-server"))
    defer { client.stop() }
    #expect(
      problem(of: client)
        == "no server \"no-such-server\": Cannot connect to server socket err = No such file or directory")
  }

  @Test func aTakenNameIsSaidToBeTaken() throws {
    try server.startServing()
    let first = try client()
    defer { first.stop() }
    #expect(first.waitUntilRunning(timeout: .seconds(10)))
    let second = try client()
    defer { second.stop() }
    #expect(
      problem(of: second)
        == "the server has a client \"unimoe-audio\" already; one of the two needs another name")
    // It gets the name once that is free.
    first.stop()
    #expect(second.waitUntilRunning(timeout: .seconds(10)))
  }

  @Test func theLongestAndTheOddestNamesArePlainToTheServer() throws {
    try server.startServing()
    for name in [String(repeating: "n", count: 63), "ä b/c\"'(.*)"] {
      let client = try JACKClient(JACKConfiguration(clientName: name, serverName: server.name))
      defer { client.stop() }
      #expect(client.waitUntilRunning(timeout: .seconds(10)), "\(name)")
    }
  }

  @Test func anIdleClientSleeps() throws {
    let client = try JACKClient(JACKConfiguration(serverName: "no-such-server"))
    defer { client.stop() }
    #expect(problem(of: client) != nil)
    Thread.sleep(milliseconds: 500)
    let before = Self.wakeUps
    #expect(before > 0)
    Thread.sleep(milliseconds: 2000)
    // It tries five times a second; each try takes a few sleeps of libjack's own.
    #expect(Self.wakeUps - before < 100)
  }

  /// How often the clients' supervising threads went to sleep of their own accord; what other tests do is not theirs.
  private static var wakeUps: Int {
    let tasks = "/proc/self/task"
    return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).reduce(0) { sum, task in
      let status = (try? String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)) ?? ""
      let lines = status.split(separator: "\n")
      guard lines.contains(where: { $0.hasPrefix("Name:") && $0.contains("unimoe-jack") }) else { return sum }
      let line = lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return sum + (line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0)
    }
  }

  @Test func aRecorderReceivesExactlyTheRingsSamplesAcrossBufferSizes() throws {
    try server.startServing()
    let client = try client()
    defer { client.stop() }
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    let count = 150_000
    let ring = AudioRing(minimumCapacity: 32_768)
    let recorded = try probe.record(Self.speech, frames: count + 60_000) {
      let playback = try client.attach(ring, port: 0, sampleRate: 48_000, gate: 24_000)
      let producer = feed(ring, count)
      for size in [1024, 64, 2048] {
        Thread.sleep(milliseconds: 400)
        try probe.run("buffer-size", "\(size)")
        #expect(seconds(limit: 5) { client.bufferSize == size } != nil)
      }
      #expect(playback.waitUntilFinished(timeout: .seconds(30)) == .complete)
      #expect(playback.playedFrames == count)
      producer.join()
    }
    expectSignal(recorded, count)
    expectNoFaultOfOurs(client)
    let sizes = client.takeEvents().compactMap { if case .bufferSizeChanged(let size) = $0 { size } else { nil } }
    #expect(sizes == [1024, 64, 2048])
  }

  @Test func aFreewheelExportIsCompleteThoughItsProducerIsSlow() throws {
    try server.startServing()
    let client = try client()
    defer { client.stop() }
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    let count = 60_000
    let ring = AudioRing(minimumCapacity: 8192)
    // Attached before the export begins, still empty: the callback waits for its first sample too.
    let playback = try client.attach(ring, port: 0, sampleRate: 48_000, gate: 8192)
    let recorded = try probe.record(Self.speech, frames: count + 10_000, freewheels: true) {
      // 3000 samples in 100 ms: slower than the server's rate.
      let producer = feed(ring, count, pauseMilliseconds: 100)
      producer.join()
      #expect(playback.waitUntilFinished(timeout: .seconds(30)) == .complete)
    }
    expectSignal(recorded, count)
    #expect(playback.underruns == 0)
    expectNoFaultOfOurs(client)
  }

  /// How often the server is killed: UNIMOE_SERVER_KILLS, else ten times.
  private static let kills = ProcessInfo.processInfo.environment["UNIMOE_SERVER_KILLS"].flatMap(Int.init) ?? 10

  @Test func aKilledServerIsBackWithinTwoSecondsEachTime() throws {
    try server.startServing()
    let client = try client(connections: [.init(port: "music_1", pattern: "system:playback_[12]")])
    defer { client.stop() }
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    try probe.run("connect", Self.speech, "system:playback_2")
    #expect(try seconds(limit: 5) { try isConnected() } != nil)
    let ring = AudioRing(minimumCapacity: 1 << 20)
    let playback = try client.attach(ring, port: 0, sampleRate: 48_000)
    let producer = feed(ring, 96_000 * max(Self.kills, 10))
    for turn in 0..<Self.kills {
      // Long enough for a connection to count.
      Thread.sleep(milliseconds: 600)
      server.kill()
      #expect(seconds(limit: 5) { client.serverState == .absent } != nil)
      if turn % 3 == 2 {
        // One that dies while it starts, or while the client comes back.
        try server.start()
        Thread.sleep(milliseconds: turn * 37 % 400)
        server.kill()
      }
      // Counted from when the server takes clients.
      try server.startServing()
      let back = try seconds(limit: 10) { try client.serverState == .running && isConnected() }
      #expect(back ?? .infinity < 2)
    }
    #expect(playback.playedFrames > 0)
    #expect(playback.status == .playing)
    playback.cancel()
    #expect(playback.waitUntilFinished(timeout: .seconds(2)) == .cancelled)
    producer.join()
    expectNoFaultOfOurs(client)
    let events = client.takeEvents()
    let connections = events.count { if case .connected = $0 { true } else { false } }
    #expect(connections > Self.kills)
    #expect(events.count { if case .disconnected = $0 { true } else { false } } == connections - 1)
  }

  /// Whether all ports are there under their names, with the connections of the test above.
  private func isConnected() throws -> Bool {
    let ports = try probe.ports("unimoe-audio:.*")
    return ports.map(\.name) == ["speech_1", "music_1", "cues"].map { "unimoe-audio:" + $0 }
      && ports.map(\.connections) == [["system:playback_2"], ["system:playback_1", "system:playback_2"], []]
  }

  @Test func aServerThatEndsInOrderAndReturnsWithAnotherRateIsConnectedAgain() throws {
    try server.startServing()
    let client = try client()
    defer { client.stop() }
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    try probe.run("connect", Self.speech, "system:playback_2")
    // Long enough for the connection to count.
    Thread.sleep(milliseconds: 100)
    let ring = AudioRing(minimumCapacity: 8192)
    let playback = try client.attach(ring, port: 0, sampleRate: 48_000)
    server.stop()
    #expect(seconds(limit: 5) { client.serverState == .absent } != nil)
    try server.startServing(rate: 44_100) { client.serverState == .running }
    #expect(playback.waitUntilFinished(timeout: .seconds(10)) == .rateChanged)
    // Whoever made the samples may have the rest played at the new rate.
    #expect(!ring.isCancelled)
    #expect(client.sampleRate == 44_100)
    let isBack = try seconds(limit: 2) { try probe.ports(Self.speech).first?.connections == ["system:playback_2"] }
    #expect(isBack != nil)
  }

  @Test func stoppingFadesOutAndLeavesTheGraph() throws {
    try server.startServing()
    let client = try client()
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    let ring = AudioRing(minimumCapacity: 1 << 18)
    ring.write([Float](repeating: TestSignal.level, count: 1 << 18))
    let recorded = try probe.record(Self.speech, frames: 48_000) {
      let playback = try client.attach(ring, port: 0, sampleRate: 48_000)
      Thread.sleep(milliseconds: 200)
      let start = Date()
      client.stop()
      #expect(Date().timeIntervalSince(start) < 1)
      #expect(playback.status == .finished(.cancelled))
    }
    let sounding = recorded.drop { $0 == 0 }
    #expect(Array(sounding).largestStep <= TestSignal.level / 240 * 1.01)
    #expect(recorded.suffix(1000).allSatisfy { $0 == 0 })
    #expect(client.serverState == .stopped)
    #expect(try probe.ports("unimoe-audio:.*").isEmpty)
    #expect(throws: JACKClientError.stopped) { try client.attach(ring, port: 0, sampleRate: 48_000) }
  }

  @Test func stoppingDoesNotWaitForAServerThatHangs() throws {
    try server.startServing()
    let client = try client()
    #expect(client.waitUntilRunning(timeout: .seconds(10)))
    let ring = AudioRing(minimumCapacity: 1 << 18)
    ring.write([Float](repeating: TestSignal.level, count: 1 << 18))
    let playback = try client.attach(ring, port: 0, sampleRate: 48_000)
    #expect(seconds(limit: 5) { playback.playedFrames > 0 } != nil)
    server.hang()
    // Let the cycle that runs come to its end.
    Thread.sleep(milliseconds: 50)
    let start = Date()
    #expect(!client.stop(within: .milliseconds(600)))
    #expect(Date().timeIntervalSince(start) < 0.9)
    #expect(client.serverState == .stopped)
    #expect(playback.status == .finished(.cancelled))
    #expect(ring.isCancelled)
    #expect(throws: JACKClientError.stopped) { try client.attach(ring, port: 0, sampleRate: 48_000) }
    // What was left behind goes once the server answers.
    server.proceed()
    let isGone = try seconds(limit: 10) { try probe.ports("unimoe-audio:.*").isEmpty }
    #expect(isGone != nil)
    #expect(client.stop())
  }
}
