import Glibc
import Synchronization

/// A value that a forked child has of its own, made anew there.
///
/// What threads of the parent hold, locks above all, nobody lets go of in the child, where those threads are not. Thread:
/// any.
package final class PerProcess<Value: Sendable>: Sendable {
  /// The process that made this object, and its value.
  private let home: (process: pid_t, value: Value)
  /// Of a child of that process.
  private let foreign = Mutex<(process: pid_t, value: Value)?>(nil)
  private let make: @Sendable () -> Value

  /// Makes the value for the calling process.
  package init(_ make: @escaping @Sendable () -> Value) {
    self.make = make
    home = (getpid(), make())
  }

  /// The calling process's value.
  package var value: Value {
    let process = getpid()
    if process == home.process { return home.value }
    return foreign.withLock { foreign in
      if let foreign, foreign.process == process { return foreign.value }
      let value = make()
      foreign = (process, value)
      return value
    }
  }
}
