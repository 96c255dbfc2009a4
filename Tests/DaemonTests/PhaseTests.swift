import ControlProtocol
import Foundation
import Testing
import UniMoEAudio

@testable import unimoe_audiod

/// Requests that are held in one phase of their life, and what else goes on meanwhile.
@Suite(.serialized) struct PhaseTests {
  /// How soon the daemon answers whatever its engine does, in seconds; usually it takes a millisecond, but on a busy
  /// machine its threads wait for a core.
  private static let promptness = 1.0

  /// Runs a body; returns the seconds that it took.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = Date()
    try body()
    return Date().timeIntervalSince(start)
  }

  /// Cancels a request in the phase in which it is, and expects its only end to come soon.
  private func expectPromptEnd(
    of request: Int, on client: ControlClient, opening door: Door? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws -> RequestEvent {
    let start = Date()
    #expect(try client.call(.cancel(request: request)) == .cancel(requests: [request]), sourceLocation: location)
    #expect(Date().timeIntervalSince(start) < Self.promptness, sourceLocation: location)
    // Generation looks at its flag as it goes on; a door of the test's holds it up.
    if let door {
      usleep(50_000)
      door.open()
    }
    let opened = Date()
    let end = try client.end(of: request)
    #expect(Date().timeIntervalSince(opened) < Self.promptness, sourceLocation: location)
    #expect(end.kind == .cancelled, sourceLocation: location)
    #expect(end.message == "cancelled by a client", sourceLocation: location)
    let status = try client.status()
    #expect(status.requests.isEmpty, sourceLocation: location)
    #expect(status.ended == ["cancelled": 1], sourceLocation: location)
    return end
  }

  @Test func requestIsCancelledWhileTheModelLoads() throws {
    let daemon = try HeldDaemon(holdsLoading: true)
    let client = try daemon.connect()
    let request = try client.speak()
    #expect(daemon.loading.waitForVisitor())
    #expect(try client.status().state == .loading)
    let end = try expectPromptEnd(of: request, on: client)
    #expect(end.seconds == 0)
    daemon.loading.open()
    #expect([.length, .completed].contains(try client.end(of: client.speak(seconds: 0.3)).kind))
  }

  @Test func requestIsCancelledWhileItsStreamIsMade() throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    daemon.model.starting.close()
    let request = try client.speak()
    #expect(daemon.model.starting.waitForVisitor())
    _ = try expectPromptEnd(of: request, on: client)
    daemon.model.starting.open()
    try daemon.wait(for: "the unwanted stream's end") {
      daemon.model.streams.withLock { $0.first?.state.end } == .stopped(.cancelled)
    }
  }

  @Test func requestIsCancelledInTheQueue() throws {
    let daemon = try HeldDaemon(settings: "[queue]\nprepared = 1\n")
    let client = try daemon.connect()
    daemon.model.phases[.generate]?.close()
    let first = try client.speak("This one is held.")
    #expect(daemon.model.phases[.generate]?.waitForVisitor() == true)
    let second = try client.speak("This one waits.")
    #expect(try client.status().requests.map(\.state) == [.generating, .queued])
    let answered = try seconds { _ = try client.call(.cancel(request: second)) }
    let end = try client.end(of: second)
    #expect(end.kind == .cancelled && end.seconds == 0)
    #expect(answered < Self.promptness)
    #expect(daemon.model.streams.withLock { $0.count } == 1)
    #expect(try client.status().requests.map(\.request) == [first])
  }

  @Test(arguments: [GenerationProgress.Phase.prefill, .generate, .decode])
  func requestIsCancelledWhileItIsMade(in phase: GenerationProgress.Phase) throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    let door = try #require(daemon.model.phases[phase])
    door.close()
    // Its gate stays shut: nothing sounds that would have to fade out.
    let request = try client.speak("Good morning.", seconds: 1) { $0.startSeconds = 600 }
    let progress = try client.event(of: request) { $0.kind == .progress && $0.phase == phase.rawValue }
    #expect(door.waitForVisitor())
    let stream = try #require(daemon.model.streams.withLock { $0.first })
    let made = stream.state.producedSamples
    let end = try expectPromptEnd(of: request, on: client, opening: door)
    #expect(stream.state.end == .stopped(.cancelled))
    #expect(stream.state.producedSamples == made)
    #expect(end.playedSeconds == 0)
    switch phase {
    case .prefill: #expect(progress.codeFrames == 0 && made == 0)
    case .decode: #expect(made > 0)
    default: break
    }
  }

  @Test func requestIsCancelledWhileItSounds() throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    let request = try client.speak("This one is long.", seconds: 4)
    _ = try client.event(of: request) { $0.kind == .started }
    let end = try expectPromptEnd(of: request, on: client)
    #expect(end.playedSeconds ?? 0 > 0 && end.playedSeconds ?? 9 < 4)
  }

  @Test func longPlanningHoldsUpNobody() throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    let other = try daemon.connect()
    try daemon.wait(for: "the model") { daemon.lines.contains("ready after") }
    daemon.model.checking.close()
    let speak = try client.send(.speak(.init(text: "A text that takes long to plan.")))
    let barrier = try client.send(.sync(ended: true))
    #expect(daemon.model.checking.waitForVisitor())
    for asking in [client, other] {
      var requests: [RequestStatus]?
      #expect(try seconds { requests = try asking.status().requests } < Self.promptness)
      #expect(requests?.isEmpty == true)
    }
    // What is not accepted yet is accepted and ends.
    let cancelled = try seconds {
      guard case .cancel(let requests) = try other.call(.cancel(request: nil)) else { return }
      #expect(requests.count == 1)
    }
    #expect(cancelled < Self.promptness)
    guard case .reply(speak, .speak(let request)) = try client.receive(timeout: .seconds(5)) else {
      Issue.record("no answer to speak")
      return
    }
    #expect(try client.event(of: request, where: { _ in true }).kind == .accepted)
    #expect(try client.end(of: request).kind == .cancelled)
    #expect(try client.receive(timeout: .seconds(5)) == .reply(id: barrier, .sync))
    daemon.model.checking.open()
    #expect([.length, .completed].contains(try client.end(of: client.speak(seconds: 0.3)).kind))
  }

  @Test func barrierWaitsForAnswersThatTakeTime() throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    try daemon.wait(for: "the model") { daemon.lines.contains("ready after") }
    daemon.model.checking.close()
    let speak = try client.send(.speak(.init(text: "  ")))
    let barrier = try client.send(.sync(ended: false))
    #expect(daemon.model.checking.waitForVisitor())
    _ = try client.status()
    daemon.model.checking.open()
    guard case .error(speak, "speak", let failure) = try client.receive(timeout: .seconds(5)) else {
      Issue.record("no error about speak")
      return
    }
    #expect(failure.code == .requestRefused)
    #expect(try client.receive(timeout: .seconds(5)) == .reply(id: barrier, .sync))
  }

  @Test func listingOfVoicesHoldsUpNobody() throws {
    let daemon = try HeldDaemon()
    let client = try daemon.connect()
    try daemon.wait(for: "the model") { daemon.lines.contains("ready after") }
    daemon.model.listing.close()
    let first = try client.send(.voices)
    #expect(daemon.model.listing.waitForVisitor())
    let others = [try client.send(.voices), try client.send(.voices)]
    #expect(try seconds { _ = try client.status() } < Self.promptness)
    let request = try client.speak(seconds: 0.3)
    #expect(try seconds { _ = try client.call(.cancel(request: request)) } < Self.promptness)
    #expect(try client.end(of: request).kind == .cancelled)
    daemon.model.listing.open()
    for id in [first] + others {
      guard case .reply(id, .voices(let voices)) = try client.receive(timeout: .seconds(5)) else {
        Issue.record("no voices")
        return
      }
      #expect(voices.contains { $0.name == "default" })
    }
  }

  @Test func reloadWhileTheModelLoadsIsNotReadiness() throws {
    let manager = try NotifySocket()
    let daemon = try HeldDaemon(notifySocket: manager.path, holdsLoading: true)
    #expect(daemon.loading.waitForVisitor())
    try daemon.configure("[control]\ntext-bytes = 5\n")
    daemon.raise(.reload)
    try daemon.wait(for: "the reload") { daemon.lines.contains("reloaded; changed: control.text-bytes") }
    // A second one, so that all that the first one says is there.
    daemon.raise(.reload)
    try daemon.wait(for: "the second reload") { daemon.lines.contains("reloaded; nothing changed") }
    #expect(!manager.lines.contains("READY=1"))
    #expect(!manager.lines.contains("RELOADING=1"))
    daemon.loading.open()
    try manager.wait { $0.contains("READY=1") }
    daemon.raise(.reload)
    try manager.wait { $0.contains("RELOADING=1") && $0.count { $0 == "READY=1" } == 2 }
  }
}
