import AudioRing
import Foundation
import LiveStream
import Synchronization
import Testing
import UniMoEAudio

import class TestSupport.Thread

/// A machine that one stream at a time computes on, in the order in which they come.
private final class Turns: Sendable {
  private let condition = NSCondition()
  private nonisolated(unsafe) var lastTicket = 0
  private nonisolated(unsafe) var served = 0

  func take() {
    condition.lock()
    lastTicket += 1
    let ticket = lastTicket
    while served + 1 != ticket { condition.wait() }
    condition.unlock()
  }

  func give() {
    condition.lock()
    served += 1
    condition.broadcast()
    condition.unlock()
  }
}

/// The default model on a machine that is hardly fast enough for one stream: prompts and steps are computed one at a
/// time, and each step takes a while longer.
private final class SlowedEngine: SoundMaker {
  private final class Observer: GenerationObserver {
    let inner: any GenerationObserver
    let machine: Turns
    var isComputing = false

    init(_ inner: any GenerationObserver, _ machine: Turns) {
      self.inner = inner
      self.machine = machine
    }

    func request(_ index: Int, progressed progress: GenerationProgress) {
      if progress.phase == .generate { usleep(12_000) }
      stop()
      inner.request(index, progressed: progress)
      machine.take()
      isComputing = true
    }

    func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {
      inner.request(index, produced: samples)
    }

    func stop() {
      if isComputing { machine.give() }
      isComputing = false
    }
  }

  private let engine: Engine
  private let machine = Turns()

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    engine = try Engine(modelDirectory: root.appendingPathComponent("models/default").path)
  }

  var sampleRate: Int { engine.sampleRate }
  var codeRate: Double { engine.codeRate }

  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int {
    try engine.maximumCodeFrames(of: request)
  }

  func make(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> StopReason {
    let observer = Observer(observer, machine)
    defer { observer.stop() }
    return try engine.make(request, cancellation: cancellation, observer: observer)
  }
}

/// Reads a stream as an audio callback does, in periods of 10 ms, from when its gate opens until its end.
private func play(_ stream: LiveStream) {
  let count = stream.sampleRate / 100
  var samples = [Float](repeating: 0, count: count)
  while !stream.state.isStarted { Thread.sleep(milliseconds: 5) }
  var due = MonotonicClock.nanoseconds
  while !stream.ring.reader.isAtEnd {
    stream.ring.reader.read(into: &samples, count: count)
    due += 10_000_000
    usleep(UInt32(max(0, due - MonotonicClock.nanoseconds) / 1000))
  }
}

@Suite struct SharedEngineTests {
  /// Two streams of a real engine in real time: the second is started as soon as the first plays.
  @Test(.timeLimit(.minutes(2))) func secondStreamDoesNotRunTheFirstDry() throws {
    let engine = try SlowedEngine()
    let schedule = StreamSchedule()
    let request = Request(.music(caption: "two at once"), minimumSeconds: 8, maximumSeconds: 8)
    let first = try LiveStream(maker: engine, request, options: .init(), schedule: schedule)
    let firstPlayer = Thread { play(first) }
    while !first.state.isStarted { Thread.sleep(milliseconds: 5) }
    #expect(first.state.end == nil)
    let second = try LiveStream(maker: engine, request, options: .init(), schedule: schedule)
    let secondPlayer = Thread { play(second) }
    firstPlayer.join()
    secondPlayer.join()
    for (stream, name) in [(first, "first"), (second, "second")] {
      let state = stream.state
      #expect(state.end == .stopped(.length), "\(name)")
      #expect(stream.ring.underruns == 0, "\(name): speed \(state.measuredSpeed ?? 0), gate \(state.gateSeconds) s")
      #expect(stream.ring.deliveredSamples == state.producedSamples, "\(name)")
    }
  }
}
