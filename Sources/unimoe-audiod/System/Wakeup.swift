import Glibc
import Synchronization

/// Lets other threads and signals wake the control thread out of its poll.
final class Wakeup: Sendable {
  /// What woke it, besides "look at everything".
  struct Signals: OptionSet, Sendable {
    var rawValue: Int
    /// TERM or INT.
    static let stop = Signals(rawValue: 1)
    /// HUP.
    static let reload = Signals(rawValue: 2)
  }

  /// To be polled for reading.
  let descriptor: Int32
  private let writer: Int32
  private let signals = Mutex(Signals())

  init() throws(DaemonFailure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .system("pipe") }
    (descriptor, writer) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    close(descriptor)
    close(writer)
  }

  /// Wakes the control thread. Any thread; never waits: a full pipe wakes it already.
  func ring() {
    var byte: UInt8 = 0
    _ = Glibc.write(writer, &byte, 1)
  }

  /// Wakes the control thread as a signal does. Any thread.
  func raise(_ signal: Signals) {
    signals.withLock { _ = $0.insert(signal) }
    ring()
  }

  /// Blocks the daemon's signals in this thread and all that it will start, and starts one that takes them. To be
  /// called before any other thread is started.
  func watchSignals() throws(DaemonFailure) {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var set = Self.signalSet
    pthread_sigmask(SIG_BLOCK, &set, nil)
    try Background.run("signals") { [self] in
      var set = Self.signalSet
      while true {
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { continue }
        raise(number == SIGHUP ? .reload : .stop)
      }
    }
  }

  /// Takes what came since the last call, and makes the descriptor unreadable.
  func take() -> Signals {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) == bytes.count {}
    return signals.withLock { signals in
      defer { signals = [] }
      return signals
    }
  }

  private static var signalSet: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
    return set
  }
}
