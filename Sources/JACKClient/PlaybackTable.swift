import AudioRing
import Synchronization

/// The control side of the slots: keeps each playback alive from its attachment until the callback let go of it.
///
/// A slot is handed over in two steps: the control side fills an empty slot with a pointer, the callback empties it as
/// the last thing it does with that pointer. Only while no callback runs does the control side empty slots itself.
struct PlaybackTable: ~Copyable {
  private let state: UnsafeMutablePointer<ProcessState>
  private var playbacks: [Playback?]

  init(_ state: UnsafeMutablePointer<ProcessState>) {
    self.state = state
    playbacks = Array(repeating: nil, count: state.pointee.slotCount)
  }

  var isEmpty: Bool { playbacks.allSatisfy { $0 == nil } }

  /// The playbacks that the callback may still use.
  var all: [Playback] { playbacks.compactMap { $0 } }

  /// Shows the playback to the callback; returns false if all slots are taken.
  mutating func insert(_ playback: Playback) -> Bool {
    guard let slot = playbacks.firstIndex(where: { $0 == nil }) else { return false }
    playbacks[slot] = playback
    state.pointee.slots[slot].store(playback.state, ordering: .releasing)
    return true
  }

  /// Removes the playbacks that the callback let go of.
  mutating func takeFinished() -> [(Playback, UInt8)] {
    var finished: [(Playback, UInt8)] = []
    for (slot, playback) in playbacks.enumerated() {
      guard let playback, state.pointee.slots[slot].load(ordering: .acquiring) == nil else { continue }
      playbacks[slot] = nil
      finished.append((playback, playback.state.pointee.ending.load(ordering: .relaxed)))
    }
    return finished
  }

  /// Removes playbacks that will not play on: all that are cancelled, and all of another rate than `sampleRate` if that
  /// is not 0. Only while no callback runs.
  mutating func takeStopped(sampleRate: Int) -> [(Playback, UInt8)] {
    var stopped: [(Playback, UInt8)] = []
    for (slot, playback) in playbacks.enumerated() {
      guard let playback else { continue }
      let isCancelled = playback.state.pointee.isCancelRequested.load(ordering: .acquiring) || playback.ring.isCancelled
      guard isCancelled || sampleRate != 0 && playback.sampleRate != sampleRate else { continue }
      state.pointee.slots[slot].store(nil, ordering: .relaxed)
      playbacks[slot] = nil
      stopped.append((playback, isCancelled ? PlaybackState.Ending.cancelled : PlaybackState.Ending.rateChanged))
    }
    return stopped
  }

  /// Asks playbacks to fade out: all, or those of another rate.
  func endAll(exceptRate sampleRate: Int?) {
    for case let playback? in playbacks where playback.sampleRate != sampleRate {
      if sampleRate != nil { playback.markRateChanged() }
      playback.cancel()
    }
  }

  /// Prepares what was cut off by a lost server for its return: it fades in. Only while no callback runs.
  func prepareToResume() {
    for case let playback? in playbacks { playback.state.pointee.resumeAfterLoss() }
  }
}

extension PlaybackState {
  /// The output was cut by the server's end, not by this client: nothing is left to decay, what follows fades in.
  mutating func resumeAfterLoss() {
    lastOutput = 0
    decayRemaining = 0
    if phase.load(ordering: .relaxed) == Phase.playing { phase.store(Phase.waiting, ordering: .relaxed) }
  }
}
