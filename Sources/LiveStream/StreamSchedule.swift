import AudioRing
import Synchronization

/// The streams of one engine: how fast they are made, and which goes first while they share the machine.
///
/// What plays must not run dry because of what nobody hears yet. A gate is opened by the speed that its stream has
/// beside the streams that play, not beside those whose gates are closed, and this rule keeps the promise: whenever a
/// playing stream could not reach its end at the speed that it has among all, the streams that are not in such need
/// wait, at their next step or before their prompt, until it has enough ready or has been made. Only then can a second
/// stream's gate open, too. So where the machine is fast enough for several they are made side by side; where it is
/// not, one after the other. Streams that play by their host's word (a fixed gate, a ring that is too small) come after
/// those that play by their speed.
///
/// It knows the streams of one engine alone: two engines in one process share the machine unseen. Thread: any.
public final class StreamSchedule: Sendable {
  /// A stream's place in the schedule.
  struct Place: Hashable, Sendable {
    fileprivate let number: Int
  }

  /// What an update found.
  struct Opening {
    /// Whether the gate is open.
    var isOpen: Bool
    /// Seconds of sound that it waits for.
    var required: Double
  }

  fileprivate struct State {
    var shares: [Place: StreamShare] = [:]
    var speeds = SpeedMemory()
    var lastNumber = 0
  }

  let clock: any StreamClock
  private let state = Mutex(State())

  /// Creates the schedule of an engine.
  public convenience init() { self.init(clock: MachineClock()) }

  /// Creates a schedule in a time of its own.
  package init(clock: any StreamClock) { self.clock = clock }

  /// Takes a stream in; returns its place and the speed to expect beside the streams that play.
  func enter(_ share: StreamShare) -> (place: Place, speed: Double?) {
    state.withLock { state in
      let speed = state.speeds.prediction(share.task, among: state.playing + 1)
      state.lastNumber += 1
      let place = Place(number: state.lastNumber)
      state.shares[place] = share
      return (place, speed)
    }
  }

  /// Lets a stream go that is made, and remembers its speed.
  func leave(_ place: Place) {
    state.withLock { state in
      guard let share = state.shares.removeValue(forKey: place), let speed = share.pace.speed else { return }
      state.speeds.record(speed, share.task, among: max(1, Int(share.pace.streams.rounded())))
    }
  }

  /// Notes how far a stream has come, in seconds, and opens its gate if it can keep up from here and takes no other's
  /// sound away.
  func update(_ place: Place, produced: Double, elapsed: Double, expected: Double) -> Opening {
    let now = clock.seconds
    return state.withLock { state in
      guard var share = state.shares[place] else { return Opening(isOpen: true, required: 0) }
      let streams = state.shares.values.count { $0.isAtWork(at: now) }
      share.pace.advance(produced: produced, elapsed: elapsed, streams: max(1, streams))
      share.expected = expected
      let others = state.playing - (share.plays ? 1 : 0)
      let required = share.gate.required(
        produced: produced, expected: expected, speed: state.speed(of: share, among: others + 1))
      if share.rank == .gated, produced >= required {
        if share.gate.fixed != nil {
          share.rank = .playing
        } else if !state.isAnyShort(besides: place, among: others + 1) {
          share.rank = .promised
        }
      }
      state.shares[place] = share
      return Opening(isOpen: share.rank > .gated, required: required)
    }
  }

  /// Opens a stream's gate though its speed does not promise anything.
  func open(_ place: Place) {
    change(place) { if $0.rank == .gated { $0.rank = .playing } }
  }

  /// Says that a stream waits for its reader or its host from now on, and so needs nothing.
  ///
  /// - Parameter grace: Seconds before others go on: what takes that long only now and then would let them begin a
  ///   prompt, which nothing interrupts.
  func hold(_ place: Place, grace: Double = 0) {
    let time = clock.seconds + grace
    change(place) { $0.heldSince = time }
  }

  /// Says that a stream goes on.
  func goOn(_ place: Place) { change(place) { $0.heldSince = nil } }

  /// Says that a stream's reader waits for samples.
  func relax(_ place: Place) { change(place) { $0.isPatient = true } }

  /// Whether a stream has to wait for another that plays.
  func makesWay(_ place: Place) -> Bool {
    let now = clock.seconds
    return state.withLock { state in
      guard let share = state.shares[place] else { return false }
      let own = state.need(of: share, at: now)
      let makesWay = state.shares.contains { $0.key != place && state.need(of: $0.value, at: now) > own }
      state.shares[place]?.makesWay = makesWay
      return makesWay
    }
  }

  private func change(_ place: Place, _ body: (inout StreamShare) -> Void) {
    state.withLock { state in
      guard var share = state.shares[place] else { return }
      body(&share)
      state.shares[place] = share
    }
  }
}

extension StreamSchedule.State {
  /// How many streams play while they are made.
  fileprivate var playing: Int { shares.values.count { $0.plays } }

  /// The speed to expect of a stream among `count` at work.
  fileprivate func speed(of share: StreamShare, among count: Int) -> Double? {
    share.pace.speed(among: count, known: speeds.prediction(share.task, among: count))
  }

  /// Whether a stream that plays by its speed, besides one, could not keep up among `count`.
  fileprivate func isAnyShort(besides place: StreamSchedule.Place, among count: Int) -> Bool {
    shares.contains { other, share in
      other != place && share.plays && share.rank == .promised && share.isShort(at: speed(of: share, among: count))
    }
  }

  /// How much a stream needs the machine: its rank if it could not keep up among all, else nothing.
  fileprivate func need(of share: StreamShare, at now: Double) -> StreamShare.Rank {
    let isInNeed = share.plays && !share.isHeld(at: now) && share.isShort(at: speed(of: share, among: shares.count))
    return isInNeed ? share.rank : .gated
  }
}
