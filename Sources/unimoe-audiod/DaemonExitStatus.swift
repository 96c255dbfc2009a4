import ControlProtocol
import Glibc

/// What the daemon ends with; the numbers of `sysexits.h`, so that a service manager can tell what a restart helps.
enum DaemonExitStatus: Int32, CaseIterable {
  case success = 0
  case usage = 64
  case noModel = 66
  case unavailable = 69
  case system = 71
  case configuration = 78

  /// When the daemon ends with it, in a few words.
  var meaning: String {
    switch self {
    case .success: "ended by a signal, or printed what was asked for"
    case .usage: "wrong options"
    case .noModel: "the model is not there or cannot be used"
    case .unavailable: "another daemon serves the control socket"
    case .system: "the system refused a socket or a thread, or JACK cannot be reached any more"
    case .configuration: "a setting is wrong"
    }
  }
}

/// Why the daemon ends before it serves, or with another status than success.
struct DaemonFailure: Error {
  var status: DaemonExitStatus
  /// One line.
  var message: String

  init(_ status: DaemonExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// A failed system call.
  static func system(_ what: String) -> DaemonFailure {
    DaemonFailure(.system, "\(what): \(String(cString: strerror(errno)))")
  }
  /// What a client hears of it.
  var refusal: ControlFailure {
    ControlFailure(status == .noModel ? .modelFailed : .stopping, "the daemon cannot start: \(message)")
  }
}
