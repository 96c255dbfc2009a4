import ControlProtocol
import Glibc
import Posix
import UniMoEAudio

/// A command's conversation with the daemon, from the greeting to what is printed at the end.
struct DaemonConversation {
  private let client: ControlClient
  private let options: DaemonOptions

  /// How long a daemon may take from its start to its socket.
  private static let patience = Duration.seconds(1)

  /// Connects to the daemon.
  init(_ options: DaemonOptions) throws {
    self.options = options
    var environment: [String: String] = [:]
    for name in ["UNIMOE_AUDIO_SOCKET", "XDG_RUNTIME_DIR"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let path = SocketPath.forClient(named: options.socket, environment: environment)
    let deadline = ContinuousClock.now + Self.patience
    while true {
      do throws(ControlClient.Failure) {
        client = try ControlClient(path: path, name: "unimoe-audio")
        return
      } catch {
        guard case .unreachable = error, ContinuousClock.now < deadline else { throw Self.failure(error) }
      }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(50))
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

  /// What the daemon's model can take, as far as it says.
  func limits() throws -> ModelLimits {
    do throws(ControlClient.Failure) {
      guard case .status(let status) = try client.call(.status) else { return ModelLimits() }
      return ModelLimits(textCharacters: status.longestText, musicSeconds: status.longestMusic)
    } catch {
      throw Self.failure(error)
    }
  }

  /// Has a request played and waits until it was, or prints its number and leaves.
  func play(_ command: ControlCommand, detach: Bool) throws {
    let interruption = Interruption.watch()
    let request = try submit(command)
    if detach {
      if !options.json { try StandardStreams.write("\(request)\n") }
      return
    }
    let end = try follow(request, of: command, interruption)
    if interruption.cancellation.isCancelled {
      throw CommandFailure(interruption.status, "request \(request): cancelled")
    }
    try Self.check(end)
    summarise(end)
  }

  /// Has a request made ready, prints its number once it waits for its cue, and leaves it to the daemon.
  func arm(_ command: ControlCommand) throws {
    let interruption = Interruption.watch()
    let request = try submit(command)
    let event = try follow(request, of: command, interruption, until: .armed)
    if interruption.cancellation.isCancelled {
      throw CommandFailure(interruption.status, "request \(request): cancelled")
    }
    try Self.check(event)
    if !options.json { try StandardStreams.write("\(request)\n") }
  }

  /// Prints the events of all requests, a line each, until Ctrl-C or the daemon's end.
  func watch() throws {
    let interruption = Interruption.watch()
    do throws(ControlClient.Failure) {
      _ = try client.call(.watch)
    } catch {
      throw Self.failure(error)
    }
    while !interruption.cancellation.isCancelled {
      let message: ServerMessage
      do throws(ControlClient.Failure) {
        message = try client.receive(timeout: .milliseconds(100))
      } catch {
        if error == .timedOut { continue }
        if error == .closed { return }
        throw Self.failure(error)
      }
      guard case .event(let event) = message else { continue }
      if options.json {
        try JSONLine.print(message)
      } else if event.kind != .progress {
        try StandardStreams.write(Self.line(event) + "\n")
      }
    }
  }

  /// What happened, in a line.
  private static func line(_ event: RequestEvent) -> String {
    let details = [
      event.port.map { "on \($0)" }, event.lateFrames.map { "\(Figure.number($0, "frame")) after its cue" },
      event.word.map { "\($0 + 1)" }, event.playedSeconds.map { "\(Figure.seconds($0)) played" },
      event.underruns.map { Figure.number($0, "underrun") }, event.message,
    ]
    return "request \(event.request): " + ([event.kind.rawValue] + details.compactMap { $0 }).joined(separator: ", ")
  }

  /// Sends a request; returns its number.
  private func submit(_ command: ControlCommand) throws -> Int {
    switch try call(command) {
    case .speak(let request), .compose(let request): return request
    default: throw CommandFailure(.software, "daemon: expected a request's number, found another answer")
    }
  }

  /// Cancels a request, unless it is over.
  private func cancel(_ request: Int) throws {
    do throws(ControlClient.Failure) {
      _ = try client.call(.cancel(request: request))
    } catch {
      if case .refused(let failure) = error, failure.code == .noSuchRequest { return }
      throw Self.failure(error)
    }
  }

  /// Prints events until the request ends, or until one of a kind; Ctrl-C cancels it.
  private func follow(
    _ request: Int, of command: ControlCommand, _ interruption: Interruption, until kind: RequestEvent.Kind? = nil
  ) throws -> RequestEvent {
    let text: String? = if case .speak(let speak) = command, speak.tellsWords { speak.text } else { nil }
    var hasCancelled = false
    var lastPlace: Int?
    let showsProgress = !options.quiet && !options.json && StandardStreams.errorIsTerminal
    defer { if showsProgress { StandardStreams.complain("\r\u{1B}[K") } }
    while true {
      if interruption.cancellation.isCancelled, !hasCancelled {
        hasCancelled = true
        try cancel(request)
      }
      guard let message = try next(), case .event(let event) = message, event.request == request else { continue }
      if options.json { try JSONLine.print(message) }
      if event.kind.isTerminal || event.kind == kind { return event }
      if event.kind == .word, !options.json, let text, event.textStart != lastPlace {
        // Several words that an expression is said as, "five dollars" for "$5", are written once.
        lastPlace = event.textStart
        try StandardStreams.write(Self.word(event, of: text) + "\n")
      }
      if showsProgress { StandardStreams.complain("\r request \(request): \(Self.text(event))\u{1B}[K") }
    }
  }

  private func summarise(_ end: RequestEvent) {
    guard !options.quiet, !options.json else { return }
    StandardStreams.complain(
      "request \(end.request): \(end.kind.rawValue), \(Figure.seconds(end.playedSeconds ?? 0)) played, "
        + "\(Figure.number(end.underruns ?? 0, "underrun"))\n")
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
    switch event.kind {
    case .progress: break
    case .armed: return "armed"
    case .started, .word, .wordEnd, .resampled: return "playing"
    default: return "waiting"
    }
    return "\(event.phase ?? ""), \(event.codeFrames ?? 0) of at most \(event.codeFramesExpected ?? 0) code frames"
  }

  /// What stands in a text where an event's word is said.
  private static func word(_ event: RequestEvent, of text: String) -> String {
    let bytes = Array(text.utf8)
    let start = min(max(event.textStart ?? 0, 0), bytes.count)
    return String(decoding: bytes[start..<min(max(event.textEnd ?? 0, start), bytes.count)], as: UTF8.self)
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
