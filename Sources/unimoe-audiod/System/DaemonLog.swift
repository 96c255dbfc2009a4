import Glibc
import Posix
import Synchronization

/// Lines on standard error: with a priority that the journal understands under a service manager, with the program's
/// name elsewhere.
///
/// A thread of its own writes them, so that nobody waits for whoever reads: lines that find a thousand before them are
/// dropped and counted, and a line tells how many once there is room. A line that cannot be written is lost and nothing
/// else happens.
final class DaemonLog: Sendable {
  /// How important a line is.
  enum Level: String, CaseIterable, Comparable {
    /// The daemon, or something that was asked of it, failed.
    case error
    /// Somebody may want to look into it: sound was lost, or somebody was turned away.
    case warning
    /// What a quiet life is made of: start, settings, servers, end.
    case info
    /// Each client, command and request.
    case debug

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

  private struct State {
    var threshold: Level
    var dropped = 0
  }

  /// Lines that wait to be written.
  private static let limit = 1000

  private let isJournal: Bool
  private let descriptor: Int32
  private let writer: SerialWorker
  private let state: Mutex<State>

  /// Begins a log of the lines up to a level.
  init(level: Level, isJournal: Bool, descriptor: Int32 = STDERR_FILENO) throws(DaemonFailure) {
    self.isJournal = isJournal
    self.descriptor = descriptor
    writer = try SerialWorker("unimoe-log")
    state = Mutex(State(threshold: level))
  }

  /// Changes which lines are written.
  func setLevel(_ level: Level) { state.withLock { $0.threshold = level } }

  /// Writes a line of a level.
  func write(_ level: Level, _ message: String) { add(level, message) }
  func error(_ message: String) { add(.error, message) }
  func warning(_ message: String) { add(.warning, message) }
  func info(_ message: String) { add(.info, message) }
  func debug(_ message: @autoclosure () -> String) {
    if state.withLock({ $0.threshold }) >= .debug { add(.debug, message()) }
  }

  /// Waits until everything is written, for `patience` at the most.
  func finish(patience: Duration) {
    state.withLock { noteDropped(&$0) }
    _ = writer.drain(patience: patience)
  }

  /// Writes the only line of a program that ends before it has a log, unless nobody takes it.
  static func writeLast(_ message: String, isJournal: Bool) {
    var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&room, 1, 200) > 0 else { return }
    write(
      line(.error, message, isJournal: isJournal), to: STDERR_FILENO, until: MonotonicClock.now + .milliseconds(200))
  }

  private func add(_ level: Level, _ message: String) {
    state.withLock { state in
      guard level <= state.threshold else { return }
      noteDropped(&state)
      if state.dropped > 0 || !enqueue(level, message) { state.dropped += 1 }
    }
  }

  /// Says how many lines were dropped, if any were and there is room again.
  private func noteDropped(_ state: inout State) {
    let lines = state.dropped == 1 ? "1 line was" : "\(state.dropped) lines were"
    if state.dropped > 0, enqueue(.warning, "log: \(lines) dropped: nobody read them") { state.dropped = 0 }
  }

  private func enqueue(_ level: Level, _ message: String) -> Bool {
    let line = Self.line(level, message, isJournal: isJournal)
    return writer.add(limit: Self.limit) { [descriptor] in Self.write(line, to: descriptor) }
  }

  private static func line(_ level: Level, _ message: String, isJournal: Bool) -> [UInt8] {
    // What clients send ends up here: it must not be able to begin a line of its own.
    let text = String(String.UnicodeScalarView(message.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
    return Array((isJournal ? "<\(level.priority)>\(text)\n" : "unimoe-audiod: \(level): \(text)\n").utf8)
  }

  private static func write(_ line: [UInt8], to descriptor: Int32, until deadline: Duration? = nil) {
    try? writeAll(line, to: descriptor, until: deadline)
  }
}
