import CPosix
import Glibc

/// How a thread rounds, what it does with denormal numbers, and which exceptions trap: a new thread has it of the thread
/// that started it.
package struct FloatingPointState {
  private var environment = fenv_t()

  /// The calling thread's state.
  package static var current: FloatingPointState {
    var state = FloatingPointState()
    fegetenv(&state.environment)
    return state
  }

  /// Gives the calling thread the state that a program begins with: rounds to the nearest, keeps denormals, no traps.
  package static func setDefault() { cposix_set_default_arithmetic() }

  /// Gives the calling thread this state again.
  package func restore() {
    var environment = environment
    fesetenv(&environment)
  }
}
