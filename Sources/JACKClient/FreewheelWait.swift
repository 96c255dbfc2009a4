import AudioRing
import Cjack
import Posix
import Synchronization

// Freewheeling is not real time: the whole graph waits for its slowest client, so the process callback may sleep here, and
// nowhere else.

/// How long one freewheel cycle waits, in nanoseconds: JACK gives up after 10 s.
private let freewheelPatience: Int64 = 5_000_000_000

/// While freewheeling, waits until the ring holds `wanted` frames or its end; returns whether there is something to
/// play. Never waits otherwise. All waits of a cycle share one deadline.
@_noLocks @_noAllocation
func waitForAudio(
  _ playback: UnsafeMutablePointer<PlaybackState>, _ wanted: Int, _ state: UnsafeMutablePointer<ProcessState>,
  _ deadline: inout Int64
) -> Bool {
  guard state.pointee.isFreewheeling.load(ordering: .relaxed) else { return false }
  startPatience(&deadline)
  let end = deadline
  return _unsafePerformance { waitForAudioAsleep(playback, wanted, state, end) }
}

/// While freewheeling, waits for the next playback where nothing plays and one is expected: the silence between two
/// requests would last as long in the export as the machine is fast. Never waits otherwise.
@_noLocks @_noAllocation
func waitForPlayback(_ state: UnsafeMutablePointer<ProcessState>, _ deadline: inout Int64) {
  guard state.pointee.isFreewheeling.load(ordering: .relaxed), expectsFirstPlayback(state) else { return }
  startPatience(&deadline)
  let end = deadline
  _unsafePerformance { waitForPlaybackAsleep(state, end) }
}

@_noLocks @_noAllocation
private func startPatience(_ deadline: inout Int64) {
  if deadline == 0 { deadline = cjack_monotonic_nanoseconds() &+ freewheelPatience }
}

/// Whether nothing plays and something will.
@_noLocks @_noAllocation
private func expectsFirstPlayback(_ state: UnsafeMutablePointer<ProcessState>) -> Bool {
  guard state.pointee.isPlaybackExpected.load(ordering: .acquiring) else { return false }
  var slot = 0
  while slot < state.pointee.slotCount {
    if let playback = state.pointee.slots[slot].load(ordering: .acquiring),
      !playback.pointee.isHeld.load(ordering: .relaxed)
    {
      return false
    }
    slot &+= 1
  }
  return true
}

@inline(never)
private func waitForAudioAsleep(
  _ playback: UnsafeMutablePointer<PlaybackState>, _ wanted: Int, _ state: UnsafeMutablePointer<ProcessState>,
  _ deadline: Int64
) -> Bool {
  let reader = playback.pointee.reader
  let count = min(wanted, reader.capacity)
  while !reader.waitForData(count, timeout: .milliseconds(20)) {
    if reader.isEndMarked { return true }
    if isInterrupted(state) || playback.pointee.isCancelRequested.load(ordering: .relaxed)
      || isTooLate(state, deadline)
    {
      return reader.readSpace > 0
    }
  }
  return true
}

@inline(never)
private func waitForPlaybackAsleep(_ state: UnsafeMutablePointer<ProcessState>, _ deadline: Int64) {
  while expectsFirstPlayback(state) && !isInterrupted(state) && !isTooLate(state, deadline) {
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(1))
  }
}

private func isInterrupted(_ state: UnsafeMutablePointer<ProcessState>) -> Bool {
  state.pointee.isStopping.load(ordering: .relaxed) || state.pointee.isServerLost.load(ordering: .relaxed)
}

/// Whether a cycle has waited long enough; counts it.
private func isTooLate(_ state: UnsafeMutablePointer<ProcessState>, _ deadline: Int64) -> Bool {
  guard cjack_monotonic_nanoseconds() > deadline else { return false }
  state.pointee.freewheelTimeouts.wrappingAdd(1, ordering: .relaxed)
  return true
}
