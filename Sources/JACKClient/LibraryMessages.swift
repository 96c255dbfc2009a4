import Cjack
import Glibc
import Synchronization

/// Keeps libjack from writing to standard error, where each failed try to reach a server leaves several lines.
///
/// The functions are the whole process's; texts are kept only for the thread that asks for them, so that an audio thread
/// that libjack complains on takes no lock.
enum LibraryMessages {
  /// Messages that are kept at the most.
  private static let limit = 16

  private static let listeningThread = Atomic<UInt>(0)
  private static let errors = Mutex<[String]>([])

  /// Silences libjack. Once is enough, more does not hurt.
  static func silence() {
    jack_set_error_function { text in
      guard let text, LibraryMessages.listeningThread.load(ordering: .relaxed) == pthread_self() else { return }
      LibraryMessages.errors.withLock { if $0.count < LibraryMessages.limit { $0.append(String(cString: text)) } }
    }
    jack_set_info_function { _ in }
  }

  /// Runs `body` and returns the errors that libjack reported on this thread meanwhile, the first one first.
  static func errors(during body: () -> Void) -> [String] {
    errors.withLock { $0 = [] }
    listeningThread.store(pthread_self(), ordering: .relaxed)
    defer { listeningThread.store(0, ordering: .relaxed) }
    body()
    return errors.withLock { $0 }
  }
}
