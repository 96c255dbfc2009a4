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
  /// How many requests of one command are at the daemon at once: enough that the next is ready when one was played.
  private static let ahead = 8

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

  /// Sends requests that are played one after the other, and waits until they were, or leaves at once.
  ///
  /// - Parameter overlaps: Whether the daemon would play them together; then each waits for the end of the one before.
  func play(_ commands: [ControlCommand], overlaps: Bool, detach: Bool) throws {
    let interruption = Interruption.watch()
    if detach { return try leave(commands, overlaps: overlaps, interruption) }
    var rest = commands[...]
    var open: [Int] = []
    var texts: [Int: String] = [:]
    var ends: [RequestEvent] = []
    while !rest.isEmpty || !open.isEmpty {
      while let command = rest.first, open.count < (overlaps ? 1 : Self.ahead), !interruption.cancellation.isCancelled {
        guard let request = try submit(command, waits: !open.isEmpty) else { break }
        open.append(request)
        if case .speak(let speak) = command, speak.tellsWords { texts[request] = speak.text }
        rest.removeFirst()
      }
      guard let end = try follow(open, texts, interruption) else { break }
      ends.append(end)
      open.removeAll { $0 == end.request }
      do {
        try Self.check(end)
      } catch {
        cancel(open)
        if interruption.cancellation.isCancelled { break }
        throw error
      }
    }
    if interruption.cancellation.isCancelled {
      throw CommandFailure(interruption.status, "\(Self.names(ends.map(\.request))): cancelled")
    }
    summarise(ends)
  }

  /// Sends requests, prints their numbers and leaves them to the daemon.
  private func leave(_ commands: [ControlCommand], overlaps: Bool, _ interruption: Interruption) throws {
    if overlaps, commands.count > 1 {
      throw CommandFailure(
        .usage, "--mix: expected no --detach beside it for a text of \(commands.count) pieces, which follow each other")
    }
    var requests: [Int] = []
    do {
      for command in commands {
        if interruption.cancellation.isCancelled { throw CommandFailure(interruption.status, "interrupted") }
        guard let request = try submit(command, waits: false) else { break }
        requests.append(request)
      }
    } catch {
      throw giveBack(requests, of: commands.count, because: CommandFailure(error))
    }
    if !options.json { try StandardStreams.write(requests.map { "\($0)\n" }.joined()) }
  }

  /// Cancels what was taken of a text that cannot be taken whole; returns what to say.
  private func giveBack(_ requests: [Int], of count: Int, because failure: CommandFailure) -> CommandFailure {
    guard !requests.isEmpty else { return failure }
    let isOver = cancel(requests)
    let fate = isOver ? "cancelled again" : "perhaps still at the daemon"
    return CommandFailure(
      failure.status,
      "\(failure.message); \(requests.count) of \(count) pieces were taken (\(Self.names(requests))) and are \(fate)")
  }

  /// Sends one request; returns its number, or nil if it `waits` for room in the queue.
  private func submit(_ command: ControlCommand, waits: Bool) throws -> Int? {
    let reply: Reply
    do throws(ControlClient.Failure) {
      reply = try client.call(command)
    } catch {
      if waits, case .refused(let failure) = error, failure.code == .queueFull { return nil }
      throw Self.failure(error)
    }
    if options.json { try JSONLine.print(ServerMessage.reply(id: 0, reply)) }
    switch reply {
    case .speak(let request), .compose(let request): return request
    default: throw CommandFailure(.software, "daemon: expected a request's number, found another answer")
    }
  }

  /// Cancels requests and waits until the daemon has obeyed; returns whether it did. Those that are over already do not
  /// matter.
  @discardableResult
  private func cancel(_ requests: [Int]) -> Bool {
    for request in requests {
      do throws(ControlClient.Failure) {
        _ = try client.call(.cancel(request: request))
      } catch {
        if case .refused(let failure) = error, failure.code == .noSuchRequest { continue }
        return false
      }
    }
    return true
  }

  /// Prints events until one of the requests ends, which is returned; nil if there is none. Ctrl-C cancels them. `texts`
  /// are those of the requests whose words are printed.
  private func follow(_ requests: [Int], _ texts: [Int: String], _ interruption: Interruption) throws -> RequestEvent? {
    var hasCancelled = false
    let showsProgress = !options.quiet && !options.json && StandardStreams.errorIsTerminal
    defer { if showsProgress { StandardStreams.complain("\r\u{1B}[K") } }
    while !requests.isEmpty {
      if interruption.cancellation.isCancelled, !hasCancelled {
        hasCancelled = true
        cancel(requests)
      }
      guard let message = try next(), case .event(let event) = message, requests.contains(event.request) else {
        continue
      }
      if options.json { try JSONLine.print(message) }
      if event.kind.isTerminal { return event }
      if event.kind == .word, !options.json, let text = texts[event.request] {
        try StandardStreams.write(Self.word(event, of: text) + "\n")
      }
      if showsProgress, event.request == requests.first {
        StandardStreams.complain("\r request \(event.request): \(Self.text(event))\u{1B}[K")
      }
    }
    return nil
  }

  private func summarise(_ ends: [RequestEvent]) {
    guard let last = ends.last, !options.quiet, !options.json else { return }
    let seconds = ends.reduce(0) { $0 + ($1.playedSeconds ?? 0) }
    let underruns = ends.reduce(0) { $0 + ($1.underruns ?? 0) }
    StandardStreams.complain(
      "\(Self.names(ends.map(\.request))): \(last.kind.rawValue), \(Figure.seconds(seconds)) played, "
        + "\(Figure.number(underruns, "underrun"))\n")
  }

  /// `request 7` or `requests 7 to 9`.
  private static func names(_ requests: [Int]) -> String {
    guard let first = requests.min(), let last = requests.max(), first != last else {
      return "request \(requests.first.map(String.init) ?? "")"
    }
    return "requests \(first) to \(last)"
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
