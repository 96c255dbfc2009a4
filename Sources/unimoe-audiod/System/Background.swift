import Posix

/// Threads beside the control thread; no signal is delivered to them.
enum Background {
  /// Runs a function on a thread of its own, with a name of at most 15 bytes, that nobody waits for.
  static func run(_ name: String, _ body: @escaping @Sendable () -> Void) throws(DaemonFailure) {
    do throws(SystemError) {
      try startThread(name, body)
    } catch {
      throw DaemonFailure(.system, "thread: cannot be started: \(error)")
    }
  }
}
