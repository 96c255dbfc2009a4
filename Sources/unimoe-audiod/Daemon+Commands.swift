import AudioRing
import ControlProtocol

extension Daemon {
  /// Answers one message of a client.
  func handle(_ message: [UInt8], from connection: Connection) {
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
      connection.send(.error(id: received.id, command: received.name, error))
      if !connection.isGreeted { connection.close() }
    }
  }

  private func greet(
    _ connection: Connection, _ hello: ControlCommand.Hello, id: Int
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
            frameBytes: configuration.integer(.controlFrameBytes), textBytes: configuration.integer(.controlTextBytes)))
      ))
  }

  private func obey(_ command: ControlCommand, id: Int, _ connection: Connection) throws(ControlFailure) {
    switch command {
    case .hello: break
    case .speak(let speak):
      let job = try desk.submit(command, text: speak.text, options: speak.options, owner: connection.id)
      connection.send(.reply(id: id, .speak(request: job.ticket.request)))
      desk.announce(job)
    case .compose(let compose):
      let job = try desk.submit(command, text: compose.caption, options: compose.options, owner: connection.id)
      connection.send(.reply(id: id, .compose(request: job.ticket.request)))
      desk.announce(job)
    case .cancel(let request):
      let requests = try desk.cancel(request, by: "cancelled by a client")
      connection.send(.reply(id: id, .cancel(requests: requests)))
    case .status: connection.send(.reply(id: id, .status(status)))
    case .voices:
      guard let model = desk.model else { throw ControlFailure(.modelFailed, "the model is not loaded yet") }
      connection.send(.reply(id: id, .voices(try model.list())))
    case .sync(let ended):
      guard connection.barriers.count < 64 else { throw ControlFailure(.queueFull, "64 barriers wait already") }
      connection.barriers.append((id, ended ? desk.requests(of: connection.id) : []))
    }
  }

  private var status: DaemonStatus {
    DaemonStatus(
      state: state, model: modelDirectory, uptimeSeconds: Double(MonotonicClock.nanoseconds - startTime) / 1e9,
      clients: clients.all.count, ports: desk.ports.names, output: output.status,
      requests: desk.ordered.map { $0.status(port: desk.ports.names[$0.ticket.port]) }, ended: desk.ended)
  }
}
