import ControlProtocol
import Glibc

/// A command's conversation with the daemon, from the greeting to what is printed at the end.
struct DaemonConversation {
  private let client: ControlClient
  private let options: DaemonOptions

  /// Connects to the daemon.
  init(_ options: DaemonOptions) throws {
    self.options = options
    var environment: [String: String] = [:]
    for name in ["UNIMOE_AUDIO_SOCKET", "XDG_RUNTIME_DIR"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let path = SocketPath.forClient(named: options.socket, environment: environment)
    do {
      client = try ControlClient(path: path, name: "unimoe-audio")
    } catch {
      throw Self.failure(error)
    }
  }

  /// Sends a command and returns its answer, printed too where JSON is wanted.
  func call(_ command: ControlCommand) throws -> Reply {
    let reply: Reply
    do throws(ControlClient.Failure) {
      reply = try client.call(command)
    } catch {
      throw Self.failure(error)
    }
    if options.json { try JSONLine.print(ServerMessage.reply(id: 0, reply)) }
    return reply
  }

  /// Sends a request and waits until it was played, or leaves at once.
  func play(_ command: ControlCommand, detach: Bool) throws {
    let interruption = Interruption.watch()
    let request: Int
    switch try call(command) {
    case .speak(let number), .compose(let number): request = number
    default: throw CommandFailure(.software, "daemon: expected a request's number, found another answer")
    }
    if detach {
      if !options.json { try StandardStreams.write("\(request)\n") }
      return
    }
    let end = try follow(request, interruption)
    if interruption.cancellation.isCancelled { throw CommandFailure(.interrupted, "request \(request): cancelled") }
    try Self.check(end)
    if !options.quiet && !options.json {
      StandardStreams.complain(
        "request \(request): \(end.kind.rawValue), \(Figure.seconds(end.playedSeconds ?? 0)) played, "
          + "\(end.underruns ?? 0) underruns\n")
    }
  }

  /// Prints events until the last one, which is returned. Ctrl-C cancels the request.
  private func follow(_ request: Int, _ interruption: Interruption) throws -> RequestEvent {
    var hasCancelled = false
    let showsProgress = !options.quiet && !options.json && StandardStreams.errorIsTerminal
    defer { if showsProgress { StandardStreams.complain("\r\u{1B}[K") } }
    while true {
      if interruption.cancellation.isCancelled, !hasCancelled {
        hasCancelled = true
        _ = try? client.send(.cancel(request: request))
      }
      guard let message = try next(), case .event(let event) = message, event.request == request else { continue }
      if options.json { try JSONLine.print(message) }
      if event.kind.isTerminal { return event }
      if showsProgress { StandardStreams.complain("\r request \(request): \(Self.text(event))\u{1B}[K") }
    }
  }

  /// The next message; nil if none came for a while.
  private func next() throws -> ServerMessage? {
    do throws(ControlClient.Failure) {
      return try client.receive(timeout: .milliseconds(100))
    } catch {
      if error == .timedOut { return nil }
      throw Self.failure(error)
    }
  }

  private static func text(_ event: RequestEvent) -> String {
    guard event.kind == .progress else { return event.kind == .started ? "playing" : "waiting" }
    return "\(event.phase ?? ""), \(event.codeFrames ?? 0) of at most \(event.codeFramesExpected ?? 0) code frames"
  }

  private static func check(_ end: RequestEvent) throws {
    switch end.kind {
    case .failed:
      throw failure(.refused(ControlFailure(end.code ?? .failed, end.message ?? "the request failed")))
    case .cancelled:
      throw CommandFailure(.interrupted, "request \(end.request): cancelled: \(end.message ?? "no reason given")")
    default: break
    }
  }

  private static func failure(_ failure: ControlClient.Failure) -> CommandFailure {
    switch failure {
    case .unreachable(let path, let reason):
      CommandFailure(
        .unavailable, "\(path): cannot reach the daemon: \(reason); start it: unimoe-audiod, or name its --socket")
    case .closed: CommandFailure(.unavailable, "daemon: closed the connection")
    case .timedOut: CommandFailure(.unavailable, "daemon: did not answer in time")
    case .refused(let failure): CommandFailure(status(failure.code), "daemon: \(failure.message)")
    }
  }

  private static func status(_ code: ControlCode) -> ExitStatus {
    switch code {
    case .wrongField, .requestRefused, .noSuchPort, .textTooLong, .noSuchRequest: .usage
    case .noSuchVoice: .noInput
    case .failed, .malformed, .unknownCommand, .greetingExpected, .unsupportedProtocol, .frameTooLong: .software
    default: .unavailable
    }
  }
}
