import Glibc
import Synchronization

/// Lines on standard error: with a priority that the journal understands under a service manager, with the program's
/// name elsewhere. A line that cannot be written is lost and nothing else happens.
final class Log: Sendable {
  /// How important a line is.
  enum Level: String, CaseIterable, Comparable {
    case error, warning, info, debug

    /// The number of syslog.
    var priority: Int {
      switch self {
      case .error: 3
      case .warning: 4
      case .info: 6
      case .debug: 7
      }
    }

    static func < (left: Level, right: Level) -> Bool { left.priority < right.priority }
  }

  private let isJournal: Bool
  private let threshold: Mutex<Level>

  init(level: Level, isJournal: Bool) {
    self.isJournal = isJournal
    threshold = Mutex(level)
  }

  /// Changes which lines are written.
  func setLevel(_ level: Level) { threshold.withLock { $0 = level } }

  func error(_ message: String) { write(.error, message) }
  func warning(_ message: String) { write(.warning, message) }
  func info(_ message: String) { write(.info, message) }
  func debug(_ message: @autoclosure () -> String) {
    if threshold.withLock({ $0 }) >= .debug { write(.debug, message()) }
  }

  private func write(_ level: Level, _ message: String) {
    guard level <= threshold.withLock({ $0 }) else { return }
    // What clients send ends up here: it must not be able to begin a line of its own.
    let text = String(String.UnicodeScalarView(message.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
    let line = isJournal ? "<\(level.priority)>\(text)\n" : "unimoe-audiod: \(level): \(text)\n"
    var bytes = Array(line.utf8)
    _ = Glibc.write(STDERR_FILENO, &bytes, bytes.count)
  }
}
