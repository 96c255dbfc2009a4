import Posix

/// Time as streams see it, so that tests can have one of their own.
package protocol StreamClock: Sendable {
  /// Seconds since an arbitrary start; never goes back.
  var seconds: Double { get }
  /// A lock whose holder can wait for others in this time.
  func makeRoom() -> any StreamRoom
}

/// A lock whose holder can sleep until another wakes it, or until a clock says so; see `WaitingRoom`.
package protocol StreamRoom: AnyObject, Sendable {
  /// Runs a body that no other thread's body runs beside.
  func enter<Result>(_ body: () -> Result) -> Result
  /// Sleeps, and lets others enter, until woken or until the clock passes `deadline`, in seconds. It may wake without a
  /// reason. Only for who has entered.
  func sleep(until deadline: Double)
  /// Wakes everybody who sleeps in the room. Only for who has entered.
  func wakeAll()
}

/// The machine's own time.
struct MachineClock: StreamClock {
  private final class Room: StreamRoom {
    private let room = WaitingRoom()

    func enter<Result>(_ body: () -> Result) -> Result { room.enter(body) }
    func sleep(until deadline: Double) { room.sleep(until: Duration(seconds: deadline)) }
    func wakeAll() { room.wakeAll() }
  }

  var seconds: Double { MonotonicClock.now.seconds }
  func makeRoom() -> any StreamRoom { Room() }
}
