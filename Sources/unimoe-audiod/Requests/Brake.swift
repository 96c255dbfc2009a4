import Posix
import Synchronization

/// Holds up the generation of one request, between two steps, while the machine is wanted for a more urgent one.
/// Thread: any.
final class Brake: Sendable {
  /// How often a held thread looks, a step takes about as long.
  private static let interval = Duration.milliseconds(5)

  private let held = Atomic<Bool>(false)

  /// Whether it holds. Never waits.
  var isHeld: Bool {
    get { held.load(ordering: .relaxed) }
    set { held.store(newValue, ordering: .relaxed) }
  }

  /// Returns once it does not hold. Called by the generating thread.
  func wait() {
    while isHeld { MonotonicClock.sleep(until: MonotonicClock.now + Self.interval) }
  }
}
