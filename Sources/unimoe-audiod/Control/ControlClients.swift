import AudioRing
import ControlProtocol
import DaemonConfiguration
import Glibc
import Posix

/// The listening socket and the clients that are connected to it. Control thread only.
final class ControlClients {
  /// Messages that one client's turn takes at the most, so that the others get theirs.
  private static let turn = 16
  /// How long no connection is taken after one could not be.
  private static let acceptPause = Duration.milliseconds(100)

  let socket: ControlSocket
  var admission: Admission
  private var connections: [Int: ClientConnection] = [:]
  private var lastID = 0
  private var limit = 0
  private var frameLimit = 0
  private var patience: Duration = .zero
  private var acceptsFrom: Duration = .zero
  private var isListening = true
  private var failures = LineLimit()
  private var refusals = LineLimit()
  /// Clients whose turn ended before their messages did.
  private var unfinished: Set<Int> = []

  init(_ socket: ControlSocket, admission: Admission, _ configuration: Configuration) {
    self.socket = socket
    self.admission = admission
    adopt(configuration)
  }

  /// Takes new limits; connected clients stay.
  func adopt(_ configuration: Configuration) {
    limit = configuration.integer(.controlClients)
    frameLimit = configuration.integer(.controlFrameBytes)
    patience = Duration(seconds: configuration.number(.controlPatience))
    for connection in connections.values { connection.setFrameLimit(frameLimit) }
  }

  /// The clients, the oldest first.
  var all: [ClientConnection] { connections.values.sorted { $0.id < $1.id } }

  subscript(id: Int) -> ClientConnection? { connections[id] }

  /// When something is due without anything arriving: at once if a client's messages wait.
  var nextDeadline: Duration? {
    if !unfinished.isEmpty { return .zero }
    return connections.values.compactMap { $0.deadline(patience: patience) }.min()
  }

  /// What to poll: the listening socket first.
  func descriptors(now: Duration) -> [pollfd] {
    let listens = isListening && now >= acceptsFrom
    return [pollfd(fd: listens ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0)]
      + all.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
  }

  /// Reads, sends and accepts after a poll.
  func receive(_ polled: ArraySlice<pollfd>, log: DaemonLog) {
    let ready = Dictionary(polled.map { ($0.fd, $0.revents) }) { first, _ in first }
    for connection in all {
      let events = Int32(ready[connection.descriptor] ?? 0)
      if events & POLLOUT != 0 { connection.flush() }
      if events & (POLLIN | POLLHUP | POLLERR) != 0 { connection.receive(isHungUp: events & (POLLHUP | POLLERR) != 0) }
      if events != 0 { unfinished.insert(connection.id) }
    }
    if let listener = polled.first, listener.revents != 0 { accept(log) }
  }

  /// Hands out whole messages, a fair number for each client.
  func serve(_ handle: ([UInt8], ClientConnection) -> Void) {
    for id in unfinished.sorted() {
      guard let connection = connections[id] else { continue }
      unfinished.remove(id)
      do throws(ControlFailure) {
        var count = 0
        while count < Self.turn, let message = try connection.nextMessage() {
          handle(message, connection)
          count += 1
        }
        if connection.hasMessage { unfinished.insert(id) }
      } catch {
        connection.refuse(error)
      }
    }
    unfinished.formIntersection(connections.keys)
  }

  /// Gives up clients that let the daemon wait, and removes those that are gone; returns their numbers.
  func removeDead(now: Duration) -> [Int] {
    for connection in connections.values where connection.isServed {
      if connection.isCutShort {
        connection.refuse(ControlFailure(.malformed, "message: expected the rest of it, found the connection's end"))
      } else {
        connection.close()
      }
    }
    for connection in connections.values {
      guard let deadline = connection.deadline(patience: patience), now >= deadline else { continue }
      if connection.isClosing {
        connection.abandon()
        continue
      }
      let what = connection.isGreeted ? "the rest of a message" : "the greeting"
      connection.refuse(ControlFailure(.timedOut, "\(what) did not come in time"))
    }
    let dead = connections.values.filter(\.isDead).map(\.id).sorted()
    for id in dead {
      if let connection = connections.removeValue(forKey: id) { close(connection.descriptor) }
    }
    return dead
  }

  /// Takes no more clients, and removes the socket. Those that wait at one of the daemon's own are told; those at a
  /// service manager's are for the next start.
  func stopListening() {
    guard isListening else { return }
    isListening = false
    if socket.path != nil {
      ControlSocket.refuseWaiting(at: socket.descriptor, ControlFailure(.stopping, "the daemon stops"))
    }
    socket.shut()
  }

  /// Sends a last error to all clients, those that wait at the socket included.
  func tellEveryone(_ failure: ControlFailure) {
    for connection in connections.values { connection.send(.error(id: nil, command: nil, failure)) }
    ControlSocket.refuseWaiting(at: socket.descriptor, failure)
  }

  /// Sends what waits, and closes all connections.
  func finish(patience: Duration) {
    let deadline = MonotonicClock.now + patience
    while connections.values.contains(where: { $0.pendingBytes > 0 && !$0.isDead }),
      MonotonicClock.now < deadline
    {
      for connection in connections.values where !connection.isDead { connection.flush() }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(2))
    }
    for connection in connections.values { close(connection.descriptor) }
    connections = [:]
  }

  private func accept(_ log: DaemonLog) {
    // No more than a handful at once, so that those who are connected are not forgotten.
    for _ in 0..<16 {
      switch socket.accept() {
      case nil: return
      case .failure(let failure):
        acceptsFrom = MonotonicClock.now + Self.acceptPause
        if let count = failures.count() {
          log.error("control socket: \(failure.text)\(count > 1 ? ", \(count) times" : "")")
        }
        return
      case .success(let descriptor): welcome(descriptor, log)
      }
    }
  }

  private func welcome(_ descriptor: Int32, _ log: DaemonLog) {
    guard let peer = Peer(descriptor: descriptor) else {
      close(descriptor)
      return
    }
    lastID += 1
    let connection = ClientConnection(id: lastID, descriptor: descriptor, peer: peer, frameLimit: frameLimit)
    if !admission.admits(peer) {
      complain("user \(peer.user), process \(peer.process) may not connect", log)
      connection.refuse(ControlFailure(.notAllowed, "user \(peer.user) may not connect"))
    } else if connections.count >= limit {
      complain("process \(peer.process) is one client too many", log)
      let many = limit == 1 ? "1 client is" : "\(limit) clients are"
      connection.refuse(ControlFailure(.tooManyClients, "\(many) connected, which is the limit"))
    } else {
      connections[connection.id] = connection
      unfinished.insert(connection.id)
      return
    }
    close(descriptor)
  }
  /// Tells the log of a client that was turned away.
  private func complain(_ problem: String, _ log: DaemonLog) {
    guard let count = refusals.count() else { return }
    log.warning("control socket: \(problem)\(count > 1 ? "; \(count) clients were turned away" : "")")
  }
}
