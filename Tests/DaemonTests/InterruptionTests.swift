import ControlProtocol
import Foundation
import Testing
import UniMoEAudio

@testable import unimoe_audiod

/// What a request of priority `interrupt` does to the others.
@Suite(.serialized) struct InterruptionTests {
  private static let urgent = "Stop."
  private static let long = "This one is long."

  /// A daemon that generates one request at a time, and holds urgent ones as long as `door` is closed.
  private func with(
    generating: Int = 1, _ body: (_ daemon: HeldDaemon, _ client: ControlClient, _ door: Door) throws -> Void
  ) throws {
    let daemon = try HeldDaemon(
      settings: "[queue]\ngenerating = \(generating)\nprepared = 1\nprogress-seconds = 0.01\n")
    let client = try daemon.connect()
    try daemon.wait(for: "the model") { daemon.lines.contains("ready after") }
    daemon.model.onlyText.withLock { $0 = Self.urgent }
    let door = try #require(daemon.model.phases[.generate])
    door.close()
    try body(daemon, client, door)
  }

  /// Keeps requests of a text from their end until the door that is returned is opened.
  private func hold(_ text: String, in daemon: HeldDaemon) throws -> Door {
    let door = try #require(daemon.model.phases[.decode])
    daemon.model.onlyText.withLock { $0 = text }
    door.close()
    return door
  }

  private func compose(
    _ client: ControlClient, seconds: Double, _ change: (inout RequestOptions) -> Void = { _ in }
  ) throws -> Int {
    var options = RequestOptions()
    (options.minimumSeconds, options.maximumSeconds) = (seconds, seconds)
    change(&options)
    guard case .compose(let request) = try client.call(.compose(.init(caption: "Slow strings.", options: options)))
    else { throw DaemonProcess.Failure(text: "no number for a request") }
    return request
  }

  @Test func interruptionOvertakesGenerationForAnotherPort() throws {
    try with { (daemon, client, door) throws in
      // Generated, not heard yet: nothing keeps it from waiting.
      let music = try compose(client, seconds: 20) { $0.startSeconds = 600 }
      _ = try client.event(of: music) { $0.codeFrames ?? 0 > 0 }
      let speech = try client.speak(Self.urgent, seconds: 0.3) { $0.priority = .interrupt }
      // It is generated though as many as may be are generated already.
      #expect(door.waitForVisitor())
      let musicFrames = { try client.status().requests.first { $0.request == music }?.codeFrames ?? -1 }
      usleep(100_000)
      let paused = try musicFrames()
      usleep(300_000)
      #expect(try musicFrames() == paused)
      door.open()
      #expect([.length, .completed].contains(try client.end(of: speech).kind))
      try daemon.wait(for: "the music to go on") { ((try? musicFrames()) ?? -1) > paused }
      _ = try client.call(.cancel(request: music))
      #expect(try client.end(of: music).kind == .cancelled)
    }
  }

  @Test func requestThatSoundsDoesNotRunDryForAnInterruption() throws {
    try with { (_, client, door) throws in
      // So much is ready when it begins that a busy machine makes the rest in time.
      let music = try compose(client, seconds: 6) { $0.startSeconds = 4 }
      _ = try client.event(of: music) { $0.kind == .started }
      let speech = try client.speak(Self.urgent, seconds: 0.3) { $0.priority = .interrupt }
      #expect(door.waitForVisitor())
      // As long as the urgent one is made, the music lives on what is ready, and is made further when that gets short.
      let end = try client.end(of: music)
      #expect([.length, .completed].contains(end.kind))
      // A machine that is busy with other things may be too slow for any sound.
      #expect(end.underruns == 0 || end.speed ?? 0 < 1.5)
      #expect(end.playedSeconds ?? 0 > 5.9)
      door.open()
      #expect([.length, .completed].contains(try client.end(of: speech).kind))
    }
  }

  @Test func heldRequestCanBeCancelled() throws {
    try with { (_, client, door) throws in
      let music = try compose(client, seconds: 20) { $0.startSeconds = 600 }
      _ = try client.event(of: music) { $0.codeFrames ?? 0 > 0 }
      let speech = try client.speak(Self.urgent, seconds: 0.3) { $0.priority = .interrupt }
      #expect(door.waitForVisitor())
      usleep(50_000)
      let start = Date()
      _ = try client.call(.cancel(request: music))
      #expect(try client.end(of: music).kind == .cancelled)
      #expect(Date().timeIntervalSince(start) < 1)
      door.open()
      #expect([.length, .completed].contains(try client.end(of: speech).kind))
    }
  }

  @Test func interruptionEndsWhatIsPreparedOnItsPortAndLeavesTheQueue() throws {
    try with { (_, client, door) throws in
      let playing = try client.speak("This one is long.", seconds: 4)
      _ = try client.event(of: playing) { $0.kind == .started }
      let waiting = try client.speak("This one waits.", seconds: 0.3)
      let first = try client.speak(Self.urgent, seconds: 0.3) { $0.priority = .interrupt }
      let second = try client.speak(Self.urgent, seconds: 0.3) { $0.priority = .interrupt }
      #expect(try client.end(of: playing).message == "interrupted by request \(first)")
      // Of the urgent ones there are no more at once than of others.
      #expect(door.waitForVisitor())
      #expect(try client.status().requests.first { $0.request == second }?.state == .queued)
      door.open()
      for request in [first, second, waiting] {
        #expect([.length, .completed].contains(try client.end(of: request).kind))
      }
    }
  }

  @Test func interruptionThatMixesEndsNothing() throws {
    try with { (daemon, client, door) throws in
      door.open()
      // It sounds, and does not come to its end.
      let end = try hold(Self.long, in: daemon)
      let playing = try client.speak(Self.long, seconds: 1) { $0.startSeconds = 0.1 }
      _ = try client.event(of: playing) { $0.kind == .started }
      let mixed = try client.speak(Self.urgent, seconds: 0.3) { options in
        options.priority = .interrupt
        options.mixes = true
      }
      #expect([.length, .completed].contains(try client.end(of: mixed).kind))
      #expect(try client.status().requests.map(\.request) == [playing])
      end.open()
      #expect([.length, .completed].contains(try client.end(of: playing).kind))
    }
  }

  @Test func requestThatDoesNotMixHasItsTurnAmongMixedOnes() throws {
    try with { (_, client, _) throws in
      let mixes: (inout RequestOptions) -> Void = { $0.mixes = true }
      var mixed = [try client.speak(seconds: 0.5, mixes)]
      let alone = try client.speak("This one is alone.", seconds: 0.3)
      for _ in 0..<6 { mixed.append(try client.speak(seconds: 0.5, mixes)) }
      var order: [Int] = []
      while order.count < 8 {
        if case .event(let event) = try client.receive(timeout: .seconds(20)), event.kind == .started {
          order.append(event.request)
        }
      }
      #expect(order.prefix(2) == [mixed[0], alone])
    }
  }

  @Test func idlePortDoesNotWaitForTheLineOfAnother() throws {
    try with(generating: 2) { (daemon, client, door) throws in
      door.open()
      let end = try hold(Self.long, in: daemon)
      // As many as may be are prepared, two, and all for one port.
      let playing = try client.speak(Self.long, seconds: 1) { $0.startSeconds = 0.1 }
      _ = try client.event(of: playing) { $0.kind == .started }
      let waiting = try client.speak("This one waits.", seconds: 0.3)
      let music = try compose(client, seconds: 0.3)
      #expect([.length, .completed].contains(try client.end(of: music).kind))
      let states = try client.status().requests
      #expect(states.map(\.request) == [playing, waiting])
      #expect(states.map(\.state) == [.playing, .ready])
      end.open()
      #expect([.length, .completed].contains(try client.end(of: waiting).kind))
    }
  }
}
