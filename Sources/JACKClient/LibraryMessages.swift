import Cjack
import Glibc
import Synchronization

/// Keeps libjack from writing to standard error, where each failed try to reach a server leaves several lines.
///
/// The functions are the whole process's; the last text is kept only for the thread that asks for it, so that an audio
/// thread that libjack complains on takes no lock.
enum LibraryMessages {
  private static let listeningThread = Atomic<UInt>(0)
  private static let lastError = Mutex<String>("")

  /// Silences libjack. Once is enough, more does not hurt.
  static func silence() {
    jack_set_error_function { text in
      guard let text, LibraryMessages.listeningThread.load(ordering: .relaxed) == pthread_self() else { return }
      LibraryMessages.lastError.withLock { $0 = String(cString: text) }
    }
    jack_set_info_function { _ in }
  }

  /// Runs `body` and returns the last error that libjack reported on this thread meanwhile; empty if none.
  static func lastError(during body: () -> Void) -> String {
    lastError.withLock { $0 = "" }
    listeningThread.store(pthread_self(), ordering: .relaxed)
    defer { listeningThread.store(0, ordering: .relaxed) }
    body()
    return lastError.withLock { $0 }
  }
}
