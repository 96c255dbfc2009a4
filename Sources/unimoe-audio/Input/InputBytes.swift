import Glibc
import Posix
import UniMoEAudio

/// Reads what a user names as input, whole.
enum InputBytes {
  /// All bytes of a file, a pipe or, for `-`, standard input; `what` they are is said where there are too many.
  static func read(
    _ path: String, named name: String, limit: Int, of what: String, cancellation: Cancellation? = nil
  ) throws -> [UInt8] {
    if path == "-" { return try readAll(STDIN_FILENO, name, limit, what, cancellation) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure(.noInput, "\(name): cannot read: \(SystemError.last)")
    }
    defer { close(descriptor) }
    return try readAll(descriptor, name, limit, what, cancellation)
  }

  private static func readAll(
    _ descriptor: Int32, _ name: String, _ limit: Int, _ what: String, _ cancellation: Cancellation?
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&ready, 1, cancellation == nil ? -1 : 50) == 0 {
        if cancellation?.isCancelled == true { throw UniMoEError.cancelled }
        continue
      }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw CommandFailure(.noInput, "\(name): cannot read: \(SystemError.last)")
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw CommandFailure(.badData, "\(name): expected at most \(limit) bytes of \(what), found more")
      }
    }
  }
}
