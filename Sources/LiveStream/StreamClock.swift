import Posix

/// Time as streams see it, so that tests can have one of their own.
package protocol StreamClock: Sendable {
  /// Seconds since an arbitrary start; never goes back.
  var seconds: Double { get }
  /// Sleeps.
  func sleep(seconds: Double)
}

/// The machine's own time.
struct MachineClock: StreamClock {
  var seconds: Double { MonotonicClock.now.seconds }
  func sleep(seconds: Double) { MonotonicClock.sleep(until: MonotonicClock.now + Duration(seconds: seconds)) }
}
