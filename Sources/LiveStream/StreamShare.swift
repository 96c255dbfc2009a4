import AudioRing

/// What a schedule knows of one stream that is made.
struct StreamShare {
  /// Whose need goes first.
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
  /// Seconds that the request gives at the most.
  var expected: Double
  var pace = Pace()
  var rank = Rank.gated
  /// Whether it waits for others that play.
  var makesWay = false
  /// Since when it waits for its reader or for the host.
  var heldSince: Double?
  /// Whether its reader waits for samples, so that nothing can run dry.
  var isPatient = false

  /// Whether it waits for its reader or for the host.
  func isHeld(at now: Double) -> Bool { heldSince.map { $0 <= now } ?? false }

  /// Whether it shares the machine.
  func isAtWork(at now: Double) -> Bool { !makesWay && !isHeld(at: now) }

  /// Whether it can run dry.
  var plays: Bool { rank > .gated && ring != nil && !isPatient }

  /// Seconds of sound that are ready.
  var ready: Double {
    guard let ring else { return 0 }
    return Double(ring.writtenSamples - ring.deliveredSamples) / Double(sampleRate)
  }

  /// Whether it would run dry if its speed was the given one from now on; `nil` is an unknown one.
  func isShort(at speed: Double?) -> Bool {
    guard let speed else { return true }
    let remaining = expected - pace.produced
    return remaining > 0 && ready < StartGate.cushion(remaining: remaining, speed: speed)
  }
}
