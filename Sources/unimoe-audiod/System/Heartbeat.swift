import AudioRing
import ControlProtocol

/// Feeds the service manager's watchdog as long as generation comes forward, and asks for time while the model loads.
struct Heartbeat {
  /// How often more time is asked for while the model loads, and how much, in nanoseconds.
  private static let extensions: (every: Int64, by: Int64) = (2_000_000_000, 10_000_000_000)
  /// How long the model may load, in nanoseconds.
  private static let longestLoading: Int64 = 600_000_000_000

  private let manager: ServiceManager
  private let start = MonotonicClock.nanoseconds
  private var fedAt: Int64 = 0
  private var extendedAt: Int64 = 0

  init(_ manager: ServiceManager) { self.manager = manager }

  /// How often `beat` has to be called, in nanoseconds; nil if it does not matter.
  var interval: Int64? { manager.watchdogInterval.map { max($0 / 2, 1_000_000) } }

  /// To be called in each round of the control thread, which is a sign of life itself.
  mutating func beat(state: DaemonState, isStalled: Bool) {
    let now = MonotonicClock.nanoseconds
    let mayLoad = state == .loading && now - start < Self.longestLoading
    if mayLoad, now - extendedAt >= Self.extensions.every {
      extendedAt = now
      manager.notify("EXTEND_TIMEOUT_USEC=\(Self.extensions.by / 1000)")
    }
    guard let interval = manager.watchdogInterval, !isStalled, mayLoad || state == .ready, now - fedAt >= interval
    else {
      return
    }
    fedAt = now
    manager.notify("WATCHDOG=1")
  }
}
