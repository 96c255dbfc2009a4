import Glibc

/// The machine's monotonic clock: points in time are durations since an arbitrary start.
package enum MonotonicClock {
  /// The present. Any thread; a read of a shared page, no system call.
  package static var now: Duration {
    var time = Glibc.timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Duration(secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
  }

  /// Sleeps until a point in time; signals do not cut it short. For what cannot wake its waiter, an audio callback for
  /// example; whoever can, does so through a `WaitingRoom`.
  package static func sleep(until deadline: Duration) {
    var time = timespec(deadline)
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  /// A point in time as the system takes it; those that lie centuries away saturate.
  static func timespec(_ time: Duration) -> Glibc.timespec {
    let (seconds, attoseconds) = min(max(time, .zero), .seconds(1 << 33)).components
    return Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double { self / .seconds(1) }

  /// A number of seconds; what no duration can hold, NaN for one, becomes the nearest that one can: NaN is none.
  package init(seconds: Double) {
    self = seconds.isNaN ? .zero : .seconds(min(max(seconds, -1e15), 1e15))
  }

  /// The duration in whole microseconds.
  package var wholeMicroseconds: Int64 { Int64(self / .microseconds(1)) }

  /// As the milliseconds that `poll` waits, rounded up so that a wait does not end early: 0 or more.
  package var pollMilliseconds: Int32 { Int32(min(max((seconds * 1000).rounded(.up), 0), 1e9)) }
}
