import AudioRing
import Synchronization

@testable import JACKClient

/// The process callback without a server: the same slots and the same code, with buffers of its own for the ports'.
final class OfflineMixer {
  let state: UnsafeMutablePointer<ProcessState>
  var table: PlaybackTable
  private let portCount: Int
  private static let longestCycle = 8192

  init(ports: Int = 1, slots: Int = 8, sampleRate: Int = 48_000) {
    portCount = ports
    state = .allocate(capacity: 1)
    state.initialize(to: ProcessState(portCount: ports, slotCount: slots))
    state.pointee.rampFrames.store(sampleRate / 200, ordering: .relaxed)
    for port in 0..<ports { state.pointee.outputs[port] = .allocate(capacity: Self.longestCycle) }
    state.pointee.sampleRate.store(sampleRate, ordering: .relaxed)
    table = PlaybackTable(state)
  }

  deinit {
    for port in 0..<portCount { state.pointee.outputs[port]?.deallocate() }
    state.deinitialize(count: 1)
    state.deallocate()
  }

  func attach(_ ring: AudioRing, port: Int = 0, gain: Float = 1, gate: Int = 0, hold: Playback.Hold? = nil) -> Playback?
  {
    let playback = Playback(ring: ring, port: port, sampleRate: 48_000, gain: gain, gate: gate, hold: hold)
    return table.insert(playback) ? playback : nil
  }

  var isEmpty: Bool { table.isEmpty }

  /// Runs one cycle; returns each port's buffer.
  func cycle(_ frames: Int) -> [[Float]] {
    for port in 0..<portCount { state.pointee.outputs[port]?.initialize(repeating: .nan, count: frames) }
    mixPlaybacks(state, frames: frames)
    return (0..<portCount).map { Array(UnsafeBufferPointer(start: state.pointee.outputs[$0], count: frames)) }
  }

  /// Runs cycles of `frames` frames; returns the first port's signal.
  func signal(cycles: Int, _ frames: Int = 256) -> [Float] {
    (0..<cycles).flatMap { _ in cycle(frames)[0] }
  }

  /// Ends what the callback let go of, as the supervisor does; returns the endings.
  func collect() -> [Playback.Ending] {
    table.takeFinished().map { playback, ending in playback.close(ending) }
  }
}

extension AudioRing {
  /// A ring that holds `count` samples of the test pattern and, if asked, its end.
  static func filled(_ count: Int, finished: Bool = true) -> AudioRing {
    let ring = AudioRing(minimumCapacity: max(count, 8192))
    ring.write(TestSignal.samples(0..<count))
    if finished { ring.finish() }
    return ring
  }
}

/// What the tests play: no sample is zero, and no stretch occurs twice within seconds.
enum TestSignal {
  static func samples(_ positions: Range<Int>) -> [Float] {
    positions.map { position in
      let value = Float(position % 65_521 + 1) / 131_072
      return position % 2 == 0 ? value : -value
    }
  }

  /// A constant, for tests that look for jumps.
  static let level: Float = 0.5
}

extension Array where Element == Float {
  /// The largest step from one sample to the next.
  var largestStep: Float {
    zip(self, dropFirst()).map { abs($1 - $0) }.max() ?? 0
  }
}
