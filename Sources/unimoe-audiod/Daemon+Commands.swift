import AudioRing
import ControlProtocol
import Posix

extension Daemon {
  /// Answers one message of a client.
  func handle(_ message: [UInt8], from connection: ClientConnection) {
    let received = ReceivedCommand(message)
    do throws(ControlFailure) {
      let command = try received.command.get()
      guard let id = received.id else { throw ControlFailure(.malformed, "id: expected a whole number") }
      if case .hello(let hello) = command { return try greet(connection, hello, id: id) }
      guard connection.isGreeted else {
        throw ControlFailure(.greetingExpected, "type: expected hello first, found \(command.name.rawValue)")
      }
      try obey(command, id: id, connection)
    } catch {
      refuse(id: received.id, received.name, error, connection)
      if !connection.isGreeted { connection.close() }
    }
  }

  private func greet(
    _ connection: ClientConnection, _ hello: ControlCommand.Hello, id: Int
  ) throws(ControlFailure) {
    guard hello.version == ControlCommand.version else {
      throw ControlFailure(
        .unsupportedProtocol, "protocol: expected \(ControlCommand.version), found \(hello.version)")
    }
    connection.isGreeted = true
    log.debug(
      "client \(connection.id): \(hello.client), process \(connection.peer.process), user \(connection.peer.user)")
    connection.send(
      .reply(
        id: id,
        .hello(
          Greeting(
            version: ControlCommand.version, server: "unimoe-audiod \(DaemonCommand.version)", state: state,
            frameBytes: settings.current.integer(.controlFrameBytes), textBytes: desk.limits.textBytes))
      ))
  }

  private func obey(_ command: ControlCommand, id: Int, _ connection: ClientConnection) throws(ControlFailure) {
    switch command {
    case .hello: break
    case .speak(let speak):
      try submit(command, text: speak.text, speak.options, id: id, connection) { .speak(request: $0) }
    case .compose(let compose):
      try submit(command, text: compose.caption, compose.options, id: id, connection) { .compose(request: $0) }
    case .go(let request): connection.send(.reply(id: id, .go(requests: try desk.go(request))))
    case .set(let change): connection.send(.reply(id: id, .set(requests: try desk.set(change))))
    case .cancel(let request):
      let requests = try desk.cancel(request, by: "cancelled by a client")
      connection.send(.reply(id: id, .cancel(requests: requests)))
    case .status: connection.send(.reply(id: id, .status(status)))
    case .voices:
      guard let model = desk.model else { throw ControlFailure(.modelFailed, "the model is not loaded yet") }
      let promise = try connection.promiseAnswer()
      voices.list(model) { [self, client = connection.id] result in
        answer(result.map(Reply.voices), to: id, command.name, client, promise)
      }
    case .watch:
      connection.watches = true
      connection.send(.reply(id: id, .watch))
    case .sync(let ended):
      guard connection.barriers.count < 64 else { throw ControlFailure(.queueFull, "64 barriers wait already") }
      connection.barriers.append(
        ClientConnection.Barrier(
          id: id, answers: connection.openAnswers, ended: ended,
          requests: ended ? desk.requests(of: connection.id) : []))
    }
  }

  /// Hands a request in; its number, or why it is refused, is answered once it was looked at.
  private func submit(
    _ command: ControlCommand, text: String, _ options: RequestOptions, id: Int, _ connection: ClientConnection,
    reply: @escaping (Int) -> Reply
  ) throws(ControlFailure) {
    let promise = try connection.promiseAnswer()
    do throws(ControlFailure) {
      try desk.submit(command, text: text, options: options, owner: connection.id) {
        [self, client = connection.id] result in
        answer(result.map(reply), to: id, command.name, client, promise, request: try? result.get())
      }
    } catch {
      connection.keepPromise(promise)
      throw error
    }
  }

  /// Answers a command whose answer took its time; its client may be gone.
  private func answer(
    _ result: Result<Reply, ControlFailure>, to id: Int, _ command: CommandName, _ client: Int, _ promise: Int,
    request: Int? = nil
  ) {
    guard let connection = clients[client] else { return }
    switch result {
    case .success(let reply): connection.send(.reply(id: id, reply))
    case .failure(let failure): refuse(id: id, command.rawValue, failure, connection)
    }
    connection.keepPromise(promise, request: request)
  }

  private func refuse(id: Int?, _ command: String?, _ failure: ControlFailure, _ connection: ClientConnection) {
    log.debug("client \(connection.id): \(command ?? "message") refused: \(failure.code.rawValue) \(failure.message)")
    connection.send(.error(id: id, command: command, failure))
  }

  private var status: DaemonStatus {
    DaemonStatus(
      state: state, model: modelDirectory, longestText: limits.textCharacters, longestMusic: limits.musicSeconds,
      uptimeSeconds: (MonotonicClock.now - startTime).seconds,
      clients: clients.all.count, ports: desk.ports.names, output: output.status,
      requests: desk.ordered.map { $0.status(port: desk.ports.names[$0.ticket.port]) }, ended: desk.ended)
  }
}
