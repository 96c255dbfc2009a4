/// How fast a stream is made, and beside how many others it was.
struct Pace: Sendable {
  /// Seconds of sound before a measured speed counts.
  static let measuredAfter = 0.15

  /// Seconds of sound made.
  private(set) var produced = 0.0
  /// Seconds of work since the first step.
  private(set) var elapsed = 0.0
  /// The sum of the streams at work over those seconds.
  private var crowd = 0.0

  /// Goes on to a later point.
  ///
  /// - Parameter streams: Streams at work since the last point, this one included.
  mutating func advance(produced: Double, elapsed: Double, streams: Int) {
    crowd += max(0, elapsed - self.elapsed) * Double(streams)
    self.produced = produced
    self.elapsed = max(self.elapsed, elapsed)
  }

  /// Streams at work on average, this one included.
  var streams: Double { elapsed > 0 ? crowd / elapsed : 1 }

  /// Seconds of sound per second of work; `nil` before enough was made.
  var speed: Double? { produced >= Self.measuredAfter && elapsed > 0 ? produced / elapsed : nil }

  /// The speed to expect as one of `count` streams at work; `nil` if nothing is known.
  ///
  /// More streams than there were on average share what one had. Of fewer, only an earlier measurement tells what they
  /// gain: threads that had a core each may not become faster at all.
  /// - Parameter known: The speed that earlier streams had among as many.
  func speed(among count: Int, known: Double?) -> Double? {
    guard let speed else { return known }
    let scaled = speed * streams / Double(max(1, count))
    if scaled <= speed { return scaled }
    return max(speed, min(scaled, known ?? speed))
  }
}
