import AudioRing
import ControlProtocol
import Glibc
import Posix
import Synchronization

/// An output without a sound server: takes samples at the speed of sound and drops them. For machines without JACK, and
/// to try a client.
final class SilentOutput: AudioOutput {
  /// Hz.
  private static let rate = 48_000
  /// Frames of a period: 10 ms.
  private static let period = 480

  private let sounds: SoundList

  init() throws(DaemonFailure) {
    let sounds = SoundList()
    self.sounds = sounds
    try Background.run("unimoe-silence") {
      var next = MonotonicClock.now
      var scratch = [Float](repeating: 0, count: Self.period)
      while let active = sounds.waitForActive() {
        for sound in active { sound.advance(&scratch) }
        next += .milliseconds(10)
        let now = MonotonicClock.now
        // After a second without sounds, or of delay, the time is not made up for.
        if next < now - .seconds(1) { next = now }
        MonotonicClock.sleep(until: next)
      }
    }
  }

  deinit { sounds.stop() }

  var status: OutputStatus {
    OutputStatus(kind: "none", isRunning: true, sampleRate: Self.rate, bufferSize: Self.period)
  }

  var sampleRate: Int? { Self.rate }
  var eventDescriptor: Int32 { -1 }

  func takeEvents() -> [OutputEvent] { [] }

  func play(
    _ ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int, hold: SoundHold?
  ) throws(OutputRefusal) -> any Sound {
    let sound = SilentSound(ring, gate: gate, hold: hold)
    sounds.add(sound)
    return sound
  }

  func setSoundExpected(_ isExpected: Bool) {}

  func setDucking(gain: Double, attack: Double, release: Double) {}

  func stop() { sounds.stop() }
}

/// What the thread of a `SilentOutput` plays.
private final class SoundList: @unchecked Sendable {
  private let room = WaitingRoom()
  // Read and changed in the room.
  private var sounds: [SilentSound] = []
  private var isStopped = false

  /// The sounds that are not over, once there are some; nil when the output was stopped.
  func waitForActive() -> [SilentSound]? {
    room.enter {
      sounds.removeAll { $0.ending != nil }
      _ = room.wait(until: nil) { isStopped || !sounds.isEmpty }
      return isStopped ? nil : sounds
    }
  }

  func add(_ sound: SilentSound) {
    room.enter {
      sounds.append(sound)
      room.wakeAll()
    }
  }

  func stop() {
    room.enter {
      isStopped = true
      for sound in sounds { sound.end(.cancelled) }
      room.wakeAll()
    }
  }
}

/// One request on a `SilentOutput`.
private final class SilentSound: Sound, Sendable {
  private struct State {
    var ending: SoundEnding?
    var playedFrames = 0
    var gate: Int
    var isWaiting = true
    var isCancelled = false
    var isPaused = false
    var isHeld: Bool
    /// Frames since it was fired; nil for one that was never held.
    var sinceCue: Int?
    var lateFrames: Int?
  }

  private let ring: AudioRing
  private let state: Mutex<State>

  init(_ ring: AudioRing, gate: Int, hold: SoundHold?) {
    self.ring = ring
    let isHeld = hold.map { $0.firedFrames == nil } ?? false
    state = Mutex(State(gate: gate, isHeld: isHeld, sinceCue: hold?.firedFrames))
  }

  var ending: SoundEnding? { state.withLock { $0.ending } }
  var playedFrames: Int { state.withLock { $0.playedFrames } }
  var underruns: Int { ring.underruns }

  var isHeld: Bool { state.withLock { $0.isHeld } }
  var lateFrames: Int? { state.withLock { $0.lateFrames } }

  func fire() {
    state.withLock { state in
      if state.isHeld { (state.isHeld, state.sinceCue) = (false, 0) }
    }
  }

  func cancel() { state.withLock { $0.isCancelled = true } }
  func setGain(_ gain: Float, over seconds: Double) {}
  func setPaused(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }
  func setGate(_ frames: Int) { state.withLock { $0.gate = frames } }

  func end(_ ending: SoundEnding) {
    state.withLock { if $0.ending == nil { $0.ending = ending } }
    if ending != .complete { ring.cancel() }
  }

  /// Takes a period. The output's thread.
  func advance(_ scratch: inout [Float]) {
    let reader = ring.reader
    let (gate, isWaiting, isCancelled, isHeld) = state.withLock {
      ($0.gate, $0.isWaiting, $0.isCancelled, $0.isHeld || $0.isPaused)
    }
    if isCancelled || reader.isCancelled { return end(.cancelled) }
    if isHeld { return }
    if isWaiting && !reader.isEndMarked && reader.readSpace < min(max(gate, 1), reader.capacity) {
      return state.withLock { $0.sinceCue = $0.sinceCue.map { $0 + scratch.count } }
    }
    let count = scratch.withUnsafeMutableBufferPointer { scratch in
      scratch.baseAddress.map { reader.read(into: $0, count: scratch.count) } ?? 0
    }
    state.withLock { state in
      if state.lateFrames == nil { state.lateFrames = state.sinceCue }
      state.playedFrames += count
      state.isWaiting = count < scratch.count
    }
    if reader.isAtEnd { end(.complete) }
  }
}
