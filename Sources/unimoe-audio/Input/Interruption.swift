import Glibc
import Posix
import Synchronization
import UniMoEAudio

/// Turns the first Ctrl-C (or SIGTERM, SIGHUP) into a cancellation, and the second into the end of the process. Signals
/// that whoever started the process had it ignore, as `nohup` does, stay ignored.
///
/// Signals are blocked in every thread and taken by one that waits for them, so no handler ever interrupts anything.
final class Interruption: Sendable {
  /// Raised by the first signal.
  let cancellation = Cancellation()
  private let signal = Atomic<Int32>(0)

  /// Starts to watch. To be called on the main thread before other threads are started; they inherit its mask.
  static func watch() -> Interruption {
    let interruption = Interruption()
    var set = Self.signals(Self.watched)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    do throws(SystemError) {
      try startThread("signals") { interruption.wait() }
    } catch {
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
    return interruption
  }

  /// Runs work that can be cancelled; a cancelled one throws the failure of an interrupted command.
  func guarding<Result>(_ body: (Cancellation) throws -> Result) throws -> Result {
    do {
      return try body(cancellation)
    } catch {
      try check()
      throw error
    }
  }

  /// Throws the failure of an interrupted command if a signal came; `remains` says what became of its output.
  func check(_ remains: String = "nothing was written") throws {
    guard signal.load(ordering: .relaxed) != 0 else { return }
    throw CommandFailure(status, "\(status == .interrupted ? "interrupted" : "terminated"); \(remains)")
  }

  /// What the program ends with after the signal that came.
  var status: ExitStatus { signal.load(ordering: .relaxed) == SIGINT ? .interrupted : .terminated }

  private func wait() {
    var set = Self.signals(Self.watched)
    var number: Int32 = 0
    sigwait(&set, &number)
    signal.store(number, ordering: .relaxed)
    cancellation.cancel()
    sigwait(&set, &number)
    Glibc.signal(number, SIG_DFL)
    raise(number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The signals that are not ignored.
  private static let watched = [SIGINT, SIGTERM, SIGHUP].filter { number in
    var action = sigaction()
    return sigaction(number, nil, &action) != 0
      || unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func signals(_ numbers: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    return set
  }
}
