import AudioRing
import Cjack
import Synchronization

// The process callback: raw pointers and atomics only. It pops rings, ramps where a signal would break off, and counts.

/// One cycle of the running client: every port's buffer is filled. Audio thread.
@_noLocks @_noAllocation
package func runCycle(_ state: UnsafeMutablePointer<ProcessState>, frames: UInt32) {
  let start = now(state)
  var port = 0
  while port < state.pointee.portCount {
    if let handle = state.pointee.ports[port] {
      state.pointee.outputs[port] = cjack_port_buffer(handle, frames)?.assumingMemoryBound(to: Float.self)
    }
    port &+= 1
  }
  readCues(state, frames: frames)
  mixPlaybacks(state, frames: Int(frames))
  recordCost(state, nanoseconds: now(state) &- start, frames: Int(frames))
}

/// Fills `outputs` (silence where nothing plays) with `frames` frames, whatever their number. Audio thread.
@_noLocks @_noAllocation
package func mixPlaybacks(_ state: UnsafeMutablePointer<ProcessState>, frames: Int) {
  #if REALTIME_PLANTED_ALLOCATION
    _unsafePerformance { plantedAllocation(frames) }
  #endif
  #if REALTIME_PLANTED_UNMARKED
    plantedAllocation(frames)
  #endif
  var port = 0
  while port < state.pointee.portCount {
    if let output = state.pointee.outputs[port] { output.update(repeating: 0, count: frames) }
    port &+= 1
  }
  let rampFrames = state.pointee.rampFrames.load(ordering: .relaxed)
  var slot = 0
  var freewheelDeadline: Int64 = 0
  var ducks = false
  waitForPlayback(state, &freewheelDeadline)
  while slot < state.pointee.slotCount {
    if let playback = state.pointee.slots[slot].load(ordering: .acquiring),
      let output = state.pointee.outputs[playback.pointee.port]
    {
      let isOver = render(playback, into: output, frames: frames, rampFrames, state, &freewheelDeadline)
      if state.pointee.isDucker[playback.pointee.port], playback.pointee.isHeard { ducks = true }
      if isOver {
        playback.pointee.phase.store(PlaybackState.Phase.finished, ordering: .releasing)
        // From here on the control side may free the playback.
        state.pointee.slots[slot].store(nil, ordering: .releasing)
      }
    }
    slot &+= 1
  }
  duck(state, isOn: ducks, frames: frames)
}

#if REALTIME_PLANTED_ALLOCATION || REALTIME_PLANTED_UNMARKED
  /// What the real-time test plants to see itself fail.
  private final class Planted {
    var frames: Int
    init(_ frames: Int) { self.frames = frames }
  }

  // Unoptimised, so that the object is not put on the stack.
  @inline(never) @_optimize(none)
  private func plantedAllocation(_ frames: Int) { _ = Planted(frames) }
#endif

@_noLocks @_noAllocation
private func now(_ state: UnsafeMutablePointer<ProcessState>) -> Int64 {
  state.pointee.measuresProcessorTime ? cjack_thread_nanoseconds() : cjack_monotonic_nanoseconds()
}

@_noLocks @_noAllocation
private func recordCost(_ state: UnsafeMutablePointer<ProcessState>, nanoseconds: Int64, frames: Int) {
  let cost = Int(nanoseconds)
  state.pointee.cycles.wrappingAdd(1, ordering: .relaxed)
  if state.pointee.isFreewheeling.load(ordering: .relaxed) { return }
  state.pointee.costs[CycleCosts.bucket(nanoseconds: cost)].wrappingAdd(1, ordering: .relaxed)
  if cost > state.pointee.longestCycle.load(ordering: .relaxed) {
    state.pointee.longestCycle.store(cost, ordering: .relaxed)
  }
  let rate = state.pointee.sampleRate.load(ordering: .relaxed)
  if rate > 0 && cost > frames &* 1_000_000_000 / rate { state.pointee.lateCycles.wrappingAdd(1, ordering: .relaxed) }
}

/// Adds one playback to its port; returns whether it is over. Audio thread.
@_noLocks @_noAllocation
private func render(
  _ playback: UnsafeMutablePointer<PlaybackState>, into output: UnsafeMutablePointer<Float>, frames: Int,
  _ rampFrames: Int, _ state: UnsafeMutablePointer<ProcessState>, _ freewheelDeadline: inout Int64
) -> Bool {
  let reader = playback.pointee.reader
  acceptRequests(playback, rampFrames)
  var position = beginning(of: playback)
  if position < 0 { return false }
  // How far this cycle's share of a decay is in the output already.
  var decayed = 0
  if reader.skipFlushed() && playback.pointee.phase.load(ordering: .relaxed) == PlaybackState.Phase.playing {
    startDecay(playback, rampFrames)
    playback.pointee.phase.store(PlaybackState.Phase.waiting, ordering: .relaxed)
  }
  while position < frames && !playback.pointee.isDone {
    if playback.pointee.isCancelling && playback.pointee.fadeRemaining == 0 {
      end(playback, PlaybackState.Ending.cancelled)
      break
    }
    if playback.pointee.isPausing && (playback.pointee.fade == 0 || playback.pointee.fadeRemaining == 0) { break }
    let wanted = frames &- position
    if playback.pointee.phase.load(ordering: .relaxed) != PlaybackState.Phase.playing {
      guard gateOpens(playback, wanted, state, &freewheelDeadline) else {
        if playback.pointee.phase.load(ordering: .relaxed) == PlaybackState.Phase.starved {
          countMissing(playback, wanted, state)
        }
        break
      }
      playback.pointee.phase.store(PlaybackState.Phase.playing, ordering: .relaxed)
      noteLateness(playback, at: position)
      if playback.pointee.hasPlayed { startFade(playback, 1, rampFrames) }
    }
    let available = reader.readSpace
    if available == 0 {
      if reader.isAtEnd {
        decayed = addDecay(playback, to: output, from: decayed, until: position)
        if reader.isCancelled { startDecay(playback, rampFrames) }
        end(playback, reader.isCancelled ? PlaybackState.Ending.cancelled : PlaybackState.Ending.complete)
        break
      }
      // The last samples may have come between the two questions.
      if reader.readSpace > 0 || waitForAudio(playback, wanted, state, &freewheelDeadline) { continue }
      decayed = addDecay(playback, to: output, from: decayed, until: position)
      startDecay(playback, rampFrames)
      playback.pointee.phase.store(PlaybackState.Phase.starved, ordering: .relaxed)
      playback.pointee.underruns.wrappingAdd(1, ordering: .relaxed)
      state.pointee.underruns.wrappingAdd(1, ordering: .relaxed)
      reader.countUnderrun(missing: wanted)
      countMissing(playback, wanted, state)
      break
    }
    position &+= mixStretch(playback, into: output + position, count: available < wanted ? available : wanted)
  }
  addDecay(playback, to: output, from: decayed, until: frames)
  if playback.pointee.sinceCue != .min { playback.pointee.sinceCue &+= frames }
  return playback.pointee.isDone && playback.pointee.decayRemaining == 0
}

/// Counts how long after its cue a playback begins, at a frame of this cycle.
@_noLocks @_noAllocation
private func noteLateness(_ playback: UnsafeMutablePointer<PlaybackState>, at position: Int) {
  guard !playback.pointee.hasPlayed, playback.pointee.sinceCue != .min else { return }
  playback.pointee.lateFrames.store(playback.pointee.sinceCue &+ position, ordering: .relaxed)
}

@_noLocks @_noAllocation
private func countMissing(
  _ playback: UnsafeMutablePointer<PlaybackState>, _ frames: Int, _ state: UnsafeMutablePointer<ProcessState>
) {
  playback.pointee.missingFrames.wrappingAdd(frames, ordering: .relaxed)
  state.pointee.missingFrames.wrappingAdd(frames, ordering: .relaxed)
}

/// Takes over what the control side asked for: another gain, a pause, an early end.
@_noLocks @_noAllocation
private func acceptRequests(_ playback: UnsafeMutablePointer<PlaybackState>, _ rampFrames: Int) {
  let wantedGain = Float(bitPattern: playback.pointee.wantedGain.load(ordering: .acquiring))
  if wantedGain != playback.pointee.gainTarget {
    let asked = playback.pointee.gainFrames.load(ordering: .relaxed)
    let frames = asked > rampFrames ? asked : rampFrames
    playback.pointee.gainTarget = wantedGain
    playback.pointee.gainRemaining = frames
    playback.pointee.gainStep = (wantedGain - playback.pointee.gain) / Float(frames)
  }
  let isPlaying = playback.pointee.phase.load(ordering: .relaxed) == PlaybackState.Phase.playing
  let pauses = playback.pointee.isPauseRequested.load(ordering: .relaxed)
  if pauses != playback.pointee.isPausing && !playback.pointee.isCancelling {
    playback.pointee.isPausing = pauses
    if isPlaying { startFade(playback, pauses ? -1 : 1, rampFrames) }
  }
  guard playback.pointee.isCancelRequested.load(ordering: .acquiring), !playback.pointee.isCancelling else { return }
  playback.pointee.isCancelling = true
  if !isPlaying {
    playback.pointee.fadeRemaining = 0
  } else if playback.pointee.fade >= 0 {
    startFade(playback, -1, rampFrames)
  }
}

/// Starts to fade out (-1) or in (1): from where a fade the other way is, if one runs.
@_noLocks @_noAllocation
private func startFade(_ playback: UnsafeMutablePointer<PlaybackState>, _ direction: Int, _ rampFrames: Int) {
  if playback.pointee.fade == 0 &- direction {
    playback.pointee.fadeRemaining = playback.pointee.fadeFrames &- playback.pointee.fadeRemaining
  } else {
    playback.pointee.fadeFrames = rampFrames
    playback.pointee.fadeRemaining = rampFrames
  }
  playback.pointee.fade = direction
}

@_noLocks @_noAllocation
private func end(_ playback: UnsafeMutablePointer<PlaybackState>, _ ending: UInt8) {
  playback.pointee.isDone = true
  playback.pointee.ending.store(ending, ordering: .relaxed)
}

/// Whether a silent playback may start or resume: with the gate's frames ready, or with the end in the ring. While
/// freewheeling there is time to wait for the cycle's frames, so the gate's do not matter.
@_noLocks @_noAllocation
private func gateOpens(
  _ playback: UnsafeMutablePointer<PlaybackState>, _ wanted: Int, _ state: UnsafeMutablePointer<ProcessState>,
  _ freewheelDeadline: inout Int64
) -> Bool {
  let reader = playback.pointee.reader
  if reader.isEndMarked { return true }
  if state.pointee.isFreewheeling.load(ordering: .relaxed) {
    return waitForAudio(playback, wanted, state, &freewheelDeadline)
  }
  let gate = playback.pointee.gate.load(ordering: .relaxed)
  let reachable = gate < reader.capacity ? gate : reader.capacity
  return reader.readSpace >= (reachable > 1 ? reachable : 1)
}

/// Adds at most `count` samples, up to the end of a running fade or gain ramp; returns how many.
@_noLocks @_noAllocation
private func mixStretch(
  _ playback: UnsafeMutablePointer<PlaybackState>, into output: UnsafeMutablePointer<Float>, count: Int
) -> Int {
  var stretch = count
  if playback.pointee.fade != 0 && playback.pointee.fadeRemaining < stretch {
    stretch = playback.pointee.fadeRemaining
  }
  if playback.pointee.gainRemaining > 0 && playback.pointee.gainRemaining < stretch {
    stretch = playback.pointee.gainRemaining
  }
  let (first, firstCount, second, secondCount) = playback.pointee.reader.runs(count: stretch)
  mix(playback, first, into: output, count: firstCount)
  mix(playback, second, into: output + firstCount, count: secondCount)
  playback.pointee.reader.advance(stretch)
  playback.pointee.hasPlayed = true
  playback.pointee.playedFrames.wrappingAdd(stretch, ordering: .relaxed)
  return stretch
}

/// Adds samples in one piece, with fade and gain. `count` reaches past the end of neither.
@_noLocks @_noAllocation
private func mix(
  _ playback: UnsafeMutablePointer<PlaybackState>, _ samples: UnsafePointer<Float>,
  into output: UnsafeMutablePointer<Float>, count: Int
) {
  guard count > 0 else { return }
  let gain = playback.pointee.gain
  var index = 0
  if playback.pointee.fade == 0 && playback.pointee.gainRemaining == 0 {
    if gain == 1 {
      while index < count {
        output[index] += samples[index]
        index &+= 1
      }
    } else {
      while index < count {
        output[index] += samples[index] * gain
        index &+= 1
      }
    }
    playback.pointee.lastOutput = samples[count &- 1] * gain
    return
  }
  while index < count {
    let value = samples[index] * nextLevel(playback)
    output[index] += value
    playback.pointee.lastOutput = value
    index &+= 1
  }
}

/// Moves fade and gain by one frame; returns their product. Whole numbers count the way, so that both arrive exactly.
@_noLocks @_noAllocation
private func nextLevel(_ playback: UnsafeMutablePointer<PlaybackState>) -> Float {
  if playback.pointee.gainRemaining > 0 {
    playback.pointee.gainRemaining &-= 1
    // Measured from the end, so that no rounding adds up over a long way.
    playback.pointee.gain =
      playback.pointee.gainTarget - playback.pointee.gainStep * Float(playback.pointee.gainRemaining)
  }
  guard playback.pointee.fade != 0 else { return playback.pointee.gain }
  playback.pointee.fadeRemaining &-= 1
  let remaining = Float(playback.pointee.fadeRemaining) / Float(playback.pointee.fadeFrames)
  if playback.pointee.fade < 0 { return playback.pointee.gain * remaining }
  if playback.pointee.fadeRemaining == 0 { playback.pointee.fade = 0 }
  return playback.pointee.gain * (1 - remaining)
}

/// The signal breaks off here: from the value that it had, the output goes to zero in a ramp instead of a jump.
@_noLocks @_noAllocation
private func startDecay(_ playback: UnsafeMutablePointer<PlaybackState>, _ rampFrames: Int) {
  let running =
    playback.pointee.decayFrom * Float(playback.pointee.decayRemaining) / Float(playback.pointee.decayFrames)
  playback.pointee.decayFrom = playback.pointee.lastOutput + running
  playback.pointee.decayFrames = rampFrames
  playback.pointee.decayRemaining = playback.pointee.decayFrom == 0 ? 0 : rampFrames
  playback.pointee.lastOutput = 0
}

/// Adds a running decay to the output's frames `from..<until`; returns `until`.
@_noLocks @_noAllocation @discardableResult
private func addDecay(
  _ playback: UnsafeMutablePointer<PlaybackState>, to output: UnsafeMutablePointer<Float>, from: Int, until: Int
) -> Int {
  let step = playback.pointee.decayFrom / Float(playback.pointee.decayFrames)
  var index = from
  while index < until && playback.pointee.decayRemaining > 0 {
    playback.pointee.decayRemaining &-= 1
    output[index] += step * Float(playback.pointee.decayRemaining)
    index &+= 1
  }
  return until
}
