import AudioRing

/// What a schedule knows of one stream that is made.
struct StreamShare {
  /// Why a stream is heard, or will be: whose need goes first.
  enum Rank: Int, Comparable {
    /// Its gate is closed: nobody hears it yet.
    case gated
    /// It plays, because a fixed gate or a full ring said so.
    case playing
    /// It plays, because its speed said that it would not run dry.
    case promised

    static func < (one: Rank, other: Rank) -> Bool { one.rawValue < other.rawValue }
  }

  let task: SpeedMemory.Task
  let gate: StartGate
  /// Where the samples wait; `nil` if a callback takes them.
  let ring: AudioRing?
  let sampleRate: Int
  /// Whether it is made before all others.
  var isUrgent = false
  /// Seconds that the request gives at the most.
  var expected: Double
  var pace = Pace()
  var rank = Rank.gated
  /// Whether it waits for its turn.
  var isWaiting = false
  /// Since when it waits for its reader or for the host; in the future where a short wait does not count.
  var heldSince: Double?
  /// Whether its reader waits for samples, so that nothing can run dry.
  var isPatient = false

  /// Whether it waits for its reader or for the host.
  func isHeld(at now: Double) -> Bool { heldSince.map { $0 <= now } ?? false }

  /// Whether it shares the machine.
  func isAtWork(at now: Double) -> Bool { !isWaiting && !isHeld(at: now) }

  /// Whether it can run dry.
  var plays: Bool { rank > .gated && ring != nil && !isPatient }

  /// Seconds of sound that are ready.
  var ready: Double {
    guard let ring else { return 0 }
    return Double(ring.writtenSamples - ring.deliveredSamples) / Double(sampleRate)
  }

  /// The seconds of sound that have to be ready if its speed is the given one from now on; `nil` is an unknown one.
  func cushion(at speed: Double?) -> Double {
    let remaining = expected - pace.produced
    guard remaining > 0 else { return 0 }
    return speed.map { StartGate.cushion(remaining: remaining, speed: $0) } ?? .infinity
  }

  /// Whether it would run dry if its speed was the given one from now on.
  func isShort(at speed: Double?) -> Bool { ready < cushion(at: speed) }
}
