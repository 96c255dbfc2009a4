import AudioRing
import Glibc
import Posix
import Synchronization

/// One request that plays on a port: made by `JACKClient.attach`, over when it says `.finished`.
///
/// Every function may be called by any thread except the audio thread.
public final class Playback: @unchecked Sendable {
  /// Why a playback is over.
  public enum Ending: Sendable, Equatable {
    /// All samples up to the ring's end were played.
    case complete
    /// By `cancel`, by the ring's `cancel`, or because the client stopped.
    case cancelled
    /// The server has another sample rate than the ring's now, or came back with one. What was not played lies in the
    /// ring, which is not cancelled and has no consumer any more.
    case rateChanged
  }

  /// Where a playback is.
  public enum Status: Sendable, Equatable {
    /// Silent until the gate's frames are ready.
    case waiting
    /// Sounding.
    case playing
    /// Silent after an underrun, until the gate's frames are ready.
    case starved
    /// Over; no callback touches the ring any more.
    case finished(Ending)
  }

  /// What a playback waits for.
  public struct Hold: Equatable, Sendable {
    /// What fires it.
    public var cue: Cue
    /// If it was fired before it was attached: how many frames ago.
    public var firedFrames: Int?

    /// Creates a hold.
    public init(_ cue: Cue, firedFrames: Int? = nil) {
      self.cue = cue
      self.firedFrames = firedFrames
    }
  }

  /// The samples.
  public let ring: AudioRing
  /// Index of the output port.
  public let port: Int
  /// Rate of the samples in Hz.
  public let sampleRate: Int

  /// Freed with this object, which the client keeps until the callback let go.
  let state: UnsafeMutablePointer<PlaybackState>
  /// Set by the supervisor after the callback let go: 0, or an ending of `PlaybackState`.
  private let ending = Atomic<UInt8>(PlaybackState.Ending.none)
  private let hasRateChanged = Atomic<Bool>(false)

  init(ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int, hold: Hold? = nil) {
    self.ring = ring
    self.port = port
    self.sampleRate = sampleRate
    state = .allocate(capacity: 1)
    state.initialize(to: PlaybackState(reader: ring.reader, port: port, gain: gain, gate: gate, hold: hold))
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Ends the playback early: it fades out within 5 ms from the next cycle on, without a click. Its ring is cancelled
  /// once it is silent, which wakes a waiting producer. Can be repeated; never waits.
  public func cancel() { state.pointee.isCancelRequested.store(true, ordering: .releasing) }

  /// Whether it is held: silent until it is fired.
  public var isHeld: Bool { state.pointee.isHeld.load(ordering: .relaxed) }

  /// Lets a held playback begin with the next cycle, or as soon as its gate opens. Can be repeated.
  public func fire() { state.pointee.isHeld.store(false, ordering: .releasing) }

  /// Frames between its cue and its first sample; nil before that, and of one that was never held.
  public var lateFrames: Int? {
    let frames = state.pointee.lateFrames.load(ordering: .relaxed)
    return frames < 0 ? nil : frames
  }

  /// Changes the gain (linear, 0 and up), in a ramp of so many frames, at least 5 ms.
  public func setGain(_ gain: Float, over frames: Int = 0) {
    state.pointee.gainFrames.store(max(frames, 0), ordering: .relaxed)
    state.pointee.wantedGain.store((gain.isFinite ? max(gain, 0) : 0).bitPattern, ordering: .releasing)
  }

  /// Pauses the playback, faded out within 5 ms, or lets it go on where it was. One that does not sound yet begins only
  /// when it goes on.
  public func setPaused(_ isPaused: Bool) { state.pointee.isPauseRequested.store(isPaused, ordering: .relaxed) }

  /// Whether it is paused, or about to be.
  public var isPaused: Bool { state.pointee.isPauseRequested.load(ordering: .relaxed) }

  /// Changes how many frames must lie ready before the first sample and after an underrun; a gate beyond the ring's
  /// capacity means a full ring.
  public func setGate(_ frames: Int) { state.pointee.gate.store(max(frames, 0), ordering: .relaxed) }

  /// Where the playback is now.
  public var status: Status {
    switch ending.load(ordering: .acquiring) {
    case PlaybackState.Ending.complete: return .finished(.complete)
    case PlaybackState.Ending.cancelled: return .finished(.cancelled)
    case PlaybackState.Ending.rateChanged: return .finished(.rateChanged)
    default: break
    }
    switch state.pointee.phase.load(ordering: .relaxed) {
    case PlaybackState.Phase.waiting: return .waiting
    case PlaybackState.Phase.starved: return .starved
    default: return .playing
    }
  }

  /// Frames played so far.
  public var playedFrames: Int { state.pointee.playedFrames.load(ordering: .relaxed) }

  /// Times that the ring ran dry after the first frame.
  public var underruns: Int { state.pointee.underruns.load(ordering: .relaxed) }

  /// Frames of silence played for lack of samples.
  public var missingFrames: Int { state.pointee.missingFrames.load(ordering: .relaxed) }

  /// Sleeps until the playback is over; returns how it ended, or nil if it did not within `timeout`.
  public func waitUntilFinished(timeout: Duration) -> Ending? {
    let deadline = MonotonicClock.now + timeout
    while true {
      if case .finished(let ending) = status { return ending }
      if MonotonicClock.now >= deadline { return nil }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(2))
    }
  }

  /// Makes the cancellation that follows end as `.rateChanged`.
  func markRateChanged() { hasRateChanged.store(true, ordering: .relaxed) }

  /// Called once by the control side after the callback let go of the state.
  func close(_ ending: UInt8) -> Ending {
    var known = ending == PlaybackState.Ending.none ? PlaybackState.Ending.cancelled : ending
    if known == PlaybackState.Ending.cancelled && hasRateChanged.load(ordering: .relaxed) {
      known = PlaybackState.Ending.rateChanged
    }
    if known == PlaybackState.Ending.cancelled { ring.cancel() }
    self.ending.store(known, ordering: .releasing)
    if case .finished(let ending) = status { return ending }
    return .cancelled
  }
}
