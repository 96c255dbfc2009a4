import AudioRing
import Synchronization

/// What the process callback keeps about one playing request. Lives in memory of its own that the control side frees
/// after the callback let go of it.
package struct PlaybackState: ~Copyable {
  /// Where a playback is, as the callback last left it. Getters, because a stored constant of another file is fetched
  /// through code that the compiler cannot prove free of locks.
  enum Phase {
    /// Silent until the gate opens: as much audio as the gate asks for, or the end.
    static var waiting: UInt8 { @_noLocks @_noAllocation get { 0 } }
    static var playing: UInt8 { @_noLocks @_noAllocation get { 1 } }
    /// Ran dry; silent until the gate opens again.
    static var starved: UInt8 { @_noLocks @_noAllocation get { 2 } }
    /// The callback no longer touches the state, once it is out of its slot too.
    static var finished: UInt8 { @_noLocks @_noAllocation get { 3 } }
  }

  /// Why a playback is over.
  enum Ending {
    static var none: UInt8 { @_noLocks @_noAllocation get { 0 } }
    static var complete: UInt8 { @_noLocks @_noAllocation get { 1 } }
    static var cancelled: UInt8 { @_noLocks @_noAllocation get { 2 } }
    static var rateChanged: UInt8 { @_noLocks @_noAllocation get { 3 } }
  }

  // Set before the callback sees the state, then constant.

  let reader: AudioRingReader
  /// Index of the output port.
  let port: Int
  /// The note that fires the playback while it is held; -1 for none.
  let cueNote: Int
  /// The transport's frame that does; -1 for none.
  let cueFrame: Int

  // Written by any control thread.

  /// Frames that must lie ready before the first sample and after an underrun.
  let gate: Atomic<Int>
  /// Bit pattern of the wanted gain (a Float, linear).
  let wantedGain: Atomic<UInt32>
  /// Frames that a change of the gain takes, if more than the usual ramp; written before the gain.
  let gainFrames = Atomic<Int>(0)
  let isPauseRequested = Atomic<Bool>(false)
  let isCancelRequested = Atomic<Bool>(false)
  /// Silent until it is fired: by the control side, or by the callback at its cue.
  let isHeld: Atomic<Bool>

  // Written by the callback.

  /// Frames between the cue and the first sample; -1 before that, and for a playback without a cue.
  let lateFrames = Atomic<Int>(-1)

  let phase = Atomic<UInt8>(Phase.waiting)
  let ending = Atomic<UInt8>(Ending.none)
  /// Frames taken from the ring and played.
  let playedFrames = Atomic<Int>(0)
  /// Times that the ring ran dry between first frame and end.
  let underruns = Atomic<Int>(0)
  /// Frames of silence that were played for lack of samples, up to the resumption.
  let missingFrames = Atomic<Int>(0)

  // The callback's own.

  var hasPlayed = false
  /// Whether it was held when a cycle saw it last.
  var wasHeld: Bool
  /// The frame of the running cycle at which its cue came; -1 for none.
  var cueOffset = -1
  /// Frames from the cue to the running cycle's beginning; `Int.min` without a cue.
  var sinceCue: Int
  var isCancelling = false
  /// Fading out for a pause, or silent since.
  var isPausing = false
  /// Nothing more is read; only a decay may still sound.
  var isDone = false
  /// -1 fading out, 1 fading in, 0 neither.
  var fade = 0
  /// Frames left of the fade, out of `fadeFrames`.
  var fadeRemaining = 0
  var fadeFrames = 1
  /// The gain that is applied, on its way to `gainTarget` for `gainRemaining` more frames.
  var gain: Float
  var gainTarget: Float
  var gainStep: Float = 0
  var gainRemaining = 0
  /// The last value added to the port.
  var lastOutput: Float = 0
  /// A signal that broke off sounds on as a ramp from `decayFrom` to zero: `decayRemaining` of `decayFrames` to go.
  var decayFrom: Float = 0
  var decayRemaining = 0
  var decayFrames = 1

  /// Whether it sounds, or did until this very cycle.
  var isHeard: Bool {
    @_noLocks @_noAllocation get { phase.load(ordering: .relaxed) == Phase.playing && !isPausing && !isDone }
  }

  init(reader: AudioRingReader, port: Int, gain: Float, gate: Int, hold: Playback.Hold?) {
    self.reader = reader
    self.port = port
    cueNote = hold?.cue.note ?? -1
    cueFrame = hold?.cue.transportFrame ?? -1
    let isHeld = hold.map { $0.firedFrames == nil } ?? false
    self.isHeld = Atomic(isHeld)
    wasHeld = isHeld
    sinceCue = hold?.firedFrames ?? .min
    self.gate = Atomic(gate)
    wantedGain = Atomic(gain.bitPattern)
    self.gain = gain
    gainTarget = gain
  }
}
