import Glibc

/// The machine's monotonic clock.
package enum MonotonicClock {
  /// Nanoseconds since an arbitrary start. Any thread; a read of a shared page, no system call.
  package static var nanoseconds: Int64 {
    var now = Glibc.timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }

  /// The point in time that lies `duration` ahead; far durations saturate.
  package static func deadline(after duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    let limited = min(max(seconds, 0), 1_000_000_000)
    return nanoseconds &+ limited &* 1_000_000_000 &+ max(attoseconds / 1_000_000_000, 0)
  }

  static func timespec(_ nanoseconds: Int64) -> Glibc.timespec {
    Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}
