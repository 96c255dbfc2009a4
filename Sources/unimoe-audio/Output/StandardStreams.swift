import Glibc
import Posix

/// Standard output and standard error, written whole or not at all.
enum StandardStreams {
  /// Whether standard output is a terminal.
  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  /// Whether standard error is a terminal.
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  /// Whether standard input is a terminal.
  static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

  /// Writes lines to standard output.
  static func write(_ text: String) throws {
    try write(Array(text.utf8), to: STDOUT_FILENO, named: "standard output")
  }

  /// Writes text to standard error, as far as that works.
  static func complain(_ text: String) {
    try? write(Array(text.utf8), to: STDERR_FILENO, named: "standard error")
  }

  /// Whether a descriptor is a pipe that nobody reads any more.
  static func readerIsGone(_ descriptor: Int32) -> Bool {
    var state = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&state, 1, 0) > 0 && state.revents & Int16(POLLERR) != 0
  }

  /// Writes all bytes to a descriptor.
  static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws {
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor)
    } catch {
      if error.number == EPIPE { throw CommandFailure(.brokenPipe, "") }
      throw CommandFailure(.inputOutput, "\(name): cannot write: \(error)")
    }
  }
}
