import AudioRing
import ControlProtocol
import Posix

/// Feeds the service manager's watchdog as long as generation proceeds, and asks for time while the model loads.
struct Heartbeat {
  /// How often more time is asked for while the model loads, and how much.
  private static let extensions: (every: Duration, by: Duration) = (.seconds(2), .seconds(10))
  /// How long the model may load.
  private static let longestLoading = Duration.seconds(600)

  private let manager: ServiceManager
  private let start = MonotonicClock.now
  private var fedAt: Duration = .zero
  private var extendedAt: Duration = .zero

  init(_ manager: ServiceManager) { self.manager = manager }

  /// How often `beat` has to be called; nil if it does not matter.
  var interval: Duration? { manager.watchdogInterval.map { max($0 / 2, .milliseconds(1)) } }

  /// To be called in each round of the control thread, which is a sign of life itself.
  mutating func beat(state: DaemonState, isStalled: Bool) {
    let now = MonotonicClock.now
    let mayLoad = state == .loading && now - start < Self.longestLoading
    if mayLoad, now - extendedAt >= Self.extensions.every {
      extendedAt = now
      manager.notify("EXTEND_TIMEOUT_USEC=\(Self.extensions.by.wholeMicroseconds)")
    }
    guard let interval = manager.watchdogInterval, !isStalled, mayLoad || state == .ready, now - fedAt >= interval
    else {
      return
    }
    fedAt = now
    manager.notify("WATCHDOG=1")
  }
}
