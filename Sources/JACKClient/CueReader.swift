import Cjack
import Synchronization

// Which held playbacks this cycle's events fire: raw pointers and atomics only, as in the process callback itself.

/// Reads the cue port and the transport. Audio thread.
@_noLocks @_noAllocation
func readCues(_ state: UnsafeMutablePointer<ProcessState>, frames: UInt32) {
  if let port = state.pointee.cuePort, let buffer = cjack_port_buffer(port, frames) {
    let count = cjack_midi_count(buffer)
    var index: UInt32 = 0
    while index < count {
      var frame: UInt32 = 0
      let note = cjack_note_on(buffer, index, &frame)
      if note >= 0 { fire(state, note: Int(note), at: Int(frame)) }
      index &+= 1
    }
  }
  if let client = state.pointee.client {
    let start = cjack_rolling_frame(client)
    if start >= 0 { fire(state, transportFrom: Int(start), frames: Int(frames)) }
  }
}

/// Fires what waits for a note, at a frame of this cycle. Audio thread.
@_noLocks @_noAllocation
package func fire(_ state: UnsafeMutablePointer<ProcessState>, note: Int, at frame: Int) {
  var slot = 0
  while slot < state.pointee.slotCount {
    if let playback = held(state, slot), playback.pointee.cueNote == note { playback.pointee.cueOffset = frame }
    slot &+= 1
  }
}

/// Fires what waits for one of the transport's frames that this cycle rolls over. Audio thread.
@_noLocks @_noAllocation
package func fire(_ state: UnsafeMutablePointer<ProcessState>, transportFrom start: Int, frames: Int) {
  var slot = 0
  while slot < state.pointee.slotCount {
    if let playback = held(state, slot) {
      let offset = playback.pointee.cueFrame &- start
      if playback.pointee.cueFrame >= 0 && offset >= 0 && offset < frames { playback.pointee.cueOffset = offset }
    }
    slot &+= 1
  }
}

/// The playback of a slot that is held and that nothing has fired in this cycle.
@_noLocks @_noAllocation
private func held(
  _ state: UnsafeMutablePointer<ProcessState>, _ slot: Int
) -> UnsafeMutablePointer<PlaybackState>? {
  guard let playback = state.pointee.slots[slot].load(ordering: .acquiring),
    playback.pointee.isHeld.load(ordering: .relaxed), playback.pointee.cueOffset < 0
  else { return nil }
  return playback
}

/// Where in this cycle a playback may begin; -1 while it is held. Audio thread.
@_noLocks @_noAllocation
func beginning(of playback: UnsafeMutablePointer<PlaybackState>) -> Int {
  guard playback.pointee.wasHeld, !playback.pointee.isCancelling else { return 0 }
  let offset = playback.pointee.cueOffset
  if playback.pointee.isHeld.load(ordering: .acquiring) {
    guard offset >= 0 else { return -1 }
    playback.pointee.isHeld.store(false, ordering: .relaxed)
  }
  playback.pointee.wasHeld = false
  playback.pointee.sinceCue = offset >= 0 ? 0 &- offset : 0
  return offset >= 0 ? offset : 0
}
