import Posix

/// Lets a kind of line into the log at once when it comes, and then once a minute at the most, with the number of times
/// that it was held back: what goes wrong again and again fills no disk.
struct LineLimit {
  /// Between two lines.
  static let pause = Duration.seconds(60)

  private var saidAt: Duration?
  private var count = 0

  /// Counts `times` more; returns how many came since the last line if one may be written now.
  mutating func count(_ times: Int = 1, now: Duration = MonotonicClock.now) -> Int? {
    count += times
    guard count > 0 else { return nil }
    if let saidAt, now - saidAt < Self.pause { return nil }
    defer { count = 0 }
    saidAt = now
    return count
  }
}
