import Synchronization

/// How fast an engine has been of late: seconds of sound per second of work. Thread: any.
public final class SpeedMemory: Sendable {
  private let speed = Mutex<Double?>(nil)

  /// Creates a memory of nothing.
  public init() {}

  /// The speed to expect; `nil` before the first request.
  public var prediction: Double? { speed.withLock { $0 } }

  /// Takes a request's speed into account; the last ones count most.
  func record(_ measured: Double) {
    guard measured.isFinite, measured > 0 else { return }
    speed.withLock { $0 = $0.map { 0.5 * $0 + 0.5 * measured } ?? measured }
  }
}
