import Glibc

/// A client's end of the control socket: sends commands, receives answers and events, and waits while it does.
///
/// One thread at a time.
public final class ControlClient {
  /// Why a client cannot go on.
  public enum Failure: Error, Equatable, Sendable {
    /// No daemon serves the socket: the path and the system's reason.
    case unreachable(path: String, reason: String)
    /// The daemon closed the connection.
    case closed
    /// Nothing came in time.
    case timedOut
    /// The daemon answered with an error.
    case refused(ControlFailure)
  }

  /// How long the last message of a daemon that closed the connection may take.
  private static let lastWordPatience = Duration.seconds(1)

  private let descriptor: Int32
  private var reader = FrameReader(limit: ControlFrame.replyLimit)
  private var waiting: [ServerMessage] = []
  private var lastID = 0

  /// Connects to a daemon and greets it.
  public init(path: String, name: String) throws(Failure) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard let status = SocketPath.withAddress(path, { connect(descriptor, $0, $1) }) else {
      close(descriptor)
      throw .unreachable(path: path, reason: "expected a path of at most 107 bytes")
    }
    if status != 0 {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw .unreachable(path: path, reason: reason)
    }
    _ = try call(.hello(.init(client: name)))
  }

  deinit { close(descriptor) }

  /// Sends a command and waits for its answer; events that come before it are kept for `receive`.
  ///
  /// Throws `.refused` where the daemon closed the connection and said why, `.closed` where it did not.
  public func call(_ command: ControlCommand, timeout: Duration = .seconds(10)) throws(Failure) -> Reply {
    let id = try send(command)
    let deadline = ContinuousClock.now + timeout
    while true {
      switch try read(until: deadline) {
      case .reply(id, let reply): return reply
      case .error(let failed, _, let failure) where failed == nil || failed == id: throw .refused(failure)
      case let other: waiting.append(other)
      }
    }
  }

  /// Sends a command and returns its number.
  @discardableResult
  public func send(_ command: ControlCommand) throws(Failure) -> Int {
    lastID += 1
    guard let message = try? command.message(id: lastID) else {
      throw .refused(ControlFailure(.malformed, "\(command.name.rawValue): cannot be written as JSON"))
    }
    var bytes = ControlFrame.bytes(message)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { throw lastWord() }
    }
    return lastID
  }

  /// Why the daemon closed the connection, as far as it said so before: reads what waits.
  private func lastWord() -> Failure {
    while true {
      do throws(Failure) {
        let message = try read(until: .now + Self.lastWordPatience)
        if case .error(nil, _, let failure) = message { return .refused(failure) }
        waiting.append(message)
      } catch {
        return error == .timedOut ? .closed : error
      }
    }
  }

  /// The next message; throws `.timedOut` if none comes.
  public func receive(timeout: Duration) throws(Failure) -> ServerMessage {
    waiting.isEmpty ? try read(until: ContinuousClock.now + timeout) : waiting.removeFirst()
  }

  private func read(until deadline: ContinuousClock.Instant) throws(Failure) -> ServerMessage {
    while true {
      do throws(ControlFailure) {
        while let bytes = try reader.next() {
          if let message = try ServerMessage(message: bytes) { return message }
        }
      } catch {
        throw .refused(error)
      }
      let left = (deadline - .now) / .milliseconds(1)
      var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0 else { throw .timedOut }
      let ready = poll(&state, 1, Int32(min(left.rounded(.up), 1e9)))
      if ready < 0, errno == EINTR { continue }
      guard ready != 0 else { throw .timedOut }
      var bytes = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      if count > 0 { reader.append(bytes[..<count]) } else if count == 0 || errno != EINTR { throw .closed }
    }
  }
}
