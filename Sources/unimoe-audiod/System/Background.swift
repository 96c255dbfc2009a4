import Glibc
import LiveStream
import UniMoEAudio

/// Threads beside the control thread; no signal is delivered to them.
enum Background {
  /// Runs a function on a thread of its own that nobody waits for.
  static func run(_ body: @escaping @Sendable () -> Void) throws(DaemonFailure) {
    do throws(UniMoEError) {
      try startThread(body)
    } catch {
      throw DaemonFailure(.system, error.description)
    }
  }
}
