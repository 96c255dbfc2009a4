import AudioRing
import Glibc

/// Time as streams see it, so that tests can have one of their own.
package protocol StreamClock: Sendable {
  /// Seconds since an arbitrary start; never goes back.
  var seconds: Double { get }
  /// Sleeps.
  func sleep(seconds: Double)
}

/// The machine's own time.
struct MachineClock: StreamClock {
  var seconds: Double { Double(MonotonicClock.nanoseconds) * 1e-9 }
  func sleep(seconds: Double) { usleep(UInt32(max(0, seconds) * 1e6)) }
}
