import AudioRing

/// The streams of one engine: how fast they are made, and whose turn it is while they share the machine.
///
/// A stream makes its sound in pieces: its prompt, then steps. Before each it waits for its turn (`waitForTurn`), and
/// nowhere else for another stream, least of all in a callback of the engine: between two pieces any stream can begin,
/// stop or leave. `State.turns` is the one rule of who may go on; a batch that is stepped together would step those that
/// it names. What a stream's samples are depends on its request alone, never on its turns.
///
/// The rule, from the strongest claim to the weakest:
///
/// 1. An *urgent* stream waits for nobody. While one is made, all others wait, except what plays and has less than
///    `reserve` ready: that goes on beside it.
/// 2. *What plays must not run dry because of what nobody hears yet.* A gate is opened by the speed that its stream has
///    beside the streams that play, not beside those whose gates are closed, and this rule keeps the promise: whenever a
///    playing stream could not reach its end at the speed that it has among all, the streams that are not in such need
///    wait until it has enough ready or has been made. Only then can a second stream's gate open, too. So where the
///    machine is fast enough for several they are made side by side; where it is not, one after the other. Streams that
///    play by their host's word (a fixed gate, a ring that is too small) come after those that play by their speed.
/// 3. The others share the machine as the system shares it.
///
/// A stream that waits for its reader, or for long for its host, claims nothing. While the sound server freewheels nothing
/// can run dry, and nobody waits for anybody.
///
/// It knows the streams of one engine alone: two engines in one process share the machine unseen. Thread: any.
public final class StreamSchedule: @unchecked Sendable {
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
    var isFreewheeling = false
  }

  /// Seconds of sound with which a stream that plays lets an urgent one go first.
  static let reserve = 1.0
  /// Seconds after which a waiting stream looks by itself: an audio thread that cancels it wakes nobody.
  private static let look = 0.05

  let clock: any StreamClock
  private let room: any StreamRoom
  /// Read and changed in the room.
  private var state = State()

  /// Creates the schedule of an engine.
  public convenience init() { self.init(clock: MachineClock()) }

  /// Creates a schedule in a time of its own.
  package init(clock: any StreamClock) {
    self.clock = clock
    room = clock.makeRoom()
  }

  /// Says whether the sound server freewheels: it waits for each sample, and nothing runs dry.
  public func setFreewheeling(_ isFreewheeling: Bool) { change { $0.isFreewheeling = isFreewheeling } }

  /// Takes a stream in; returns its place and the speed to expect beside the streams that play.
  func enter(_ share: StreamShare) -> (place: Place, speed: Double?) {
    change { state in
      let speed = state.speeds.prediction(share.task, among: state.playing + 1)
      state.lastNumber += 1
      let place = Place(number: state.lastNumber)
      state.shares[place] = share
      return (place, speed)
    }
  }

  /// Lets a stream go that is made, and remembers its speed.
  func leave(_ place: Place) {
    change { state in
      guard let share = state.shares.removeValue(forKey: place), let speed = share.pace.speed else { return }
      state.speeds.record(speed, share.task, among: max(1, Int(share.pace.streams.rounded())))
    }
  }

  /// Notes how far a stream has come, in seconds, and opens its gate if it can keep up from here and takes no other's
  /// sound away.
  func update(_ place: Place, produced: Double, elapsed: Double, expected: Double) -> Opening {
    let now = clock.seconds
    return change { state in
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
  func resume(_ place: Place) { change(place) { $0.heldSince = nil } }

  /// Says that a stream's reader waits for samples.
  func relax(_ place: Place) { change(place) { $0.isPatient = true } }

  /// Whether it is a stream's turn.
  func hasTurn(_ place: Place) -> Bool { room.enter { state.turns(at: clock.seconds).contains(place) } }

  /// Waits until it is a stream's turn, or until `isCancelled`.
  func waitForTurn(_ place: Place, isCancelled: () -> Bool) {
    room.enter {
      defer { state.shares[place]?.isWaiting = false }
      while !isCancelled() {
        let now = clock.seconds
        if state.turns(at: now).contains(place) { return }
        state.shares[place]?.isWaiting = true
        room.sleep(until: min(state.nextTurn(after: now), now + Self.look))
      }
    }
  }

  /// Lets a waiting stream look whether it was cancelled.
  func wake() { room.enter { room.wakeAll() } }

  private func change(_ place: Place, _ body: (inout StreamShare) -> Void) {
    change { state in
      guard var share = state.shares[place] else { return }
      body(&share)
      state.shares[place] = share
    }
  }

  /// Changes the state, and wakes the waiting streams if that gave one of them its turn.
  private func change<Result>(_ body: (inout State) -> Result) -> Result {
    room.enter {
      let result = body(&state)
      if state.shares.values.contains(where: \.isWaiting) {
        let turns = state.turns(at: clock.seconds)
        if state.shares.contains(where: { $0.value.isWaiting && turns.contains($0.key) }) { room.wakeAll() }
      }
      return result
    }
  }
}

extension StreamSchedule.State {
  /// The streams that may go on now. See `StreamSchedule` for the rule.
  fileprivate func turns(at now: Double) -> Set<StreamSchedule.Place> {
    if isFreewheeling { return Set(shares.keys) }
    if shares.values.contains(where: { $0.isUrgent && !$0.isHeld(at: now) }) {
      return Set(shares.filter { $0.value.isUrgent || isNearlyDry($0.value) }.keys)
    }
    let needs = shares.mapValues { need(of: $0, at: now) }
    return Set(
      needs.filter { place, own in !needs.contains { $0.key != place && $0.value > own } }.keys)
  }

  /// The time at which a turn may come by itself: when a stream has been held for long enough, or has played so much of
  /// what is ready that it is in need.
  fileprivate func nextTurn(after now: Double) -> Double {
    shares.values.reduce(.infinity) { next, share in
      var times = [next]
      if let since = share.heldSince, since > now { times.append(since) }
      if share.plays {
        let enough = max(StreamSchedule.reserve, share.cushion(at: speed(of: share, among: shares.count)))
        if share.ready > StreamSchedule.reserve { times.append(now + share.ready - StreamSchedule.reserve) }
        if share.ready > enough { times.append(now + share.ready - enough) }
      }
      return times.min() ?? next
    }
  }

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

  /// Whether a stream plays and has hardly anything ready.
  private func isNearlyDry(_ share: StreamShare) -> Bool {
    share.plays && share.ready <= StreamSchedule.reserve && share.expected > share.pace.produced
  }

  /// How much a stream needs the machine: its rank if it could not keep up among all, else nothing.
  private func need(of share: StreamShare, at now: Double) -> StreamShare.Rank {
    let isInNeed = share.plays && !share.isHeld(at: now) && share.isShort(at: speed(of: share, among: shares.count))
    return isInNeed ? share.rank : .gated
  }
}
