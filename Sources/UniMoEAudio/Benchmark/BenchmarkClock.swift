import Glibc

/// What a benchmark counts.
package enum BenchmarkClock: String, Sendable, CaseIterable {
  /// Time that passed.
  case wall
  /// Processor time of all threads of the process: for one thread on a busy machine.
  case processor

  /// Runs `body` and returns the seconds that it took.
  package func measure(_ body: () throws(UniMoEError) -> Void) throws(UniMoEError) -> Double {
    let start = now
    try body()
    return now - start
  }

  private var now: Double {
    var time = timespec()
    clock_gettime(self == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
