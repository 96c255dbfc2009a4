import AudioRing
import ControlProtocol
import LiveStream
import Posix
import UniMoEAudio

/// All requests that are not over: takes them in, has them looked at, generated and played in their order, and reports
/// what happens to them. Control thread only; nothing here waits: what takes its time is done by workers, whose findings
/// come back through the inbox.
final class RequestDesk {
  /// The output ports.
  let ports: PortNames
  /// What the configuration allows.
  var limits: RequestLimits {
    didSet {
      applyGains()
      applyDucking()
    }
  }
  /// Nil before it is loaded.
  var model: (any SoundModel)?
  /// Receives events with the connection that they are for.
  var onEvent: (RequestEvent, Int?) -> Void = { _, _ in }
  /// How many requests ended how.
  private(set) var ended: [String: Int] = [:]

  let output: any AudioOutput
  let schedule = StreamSchedule()
  var queue = RequestQueue()
  /// All of them, by their numbers.
  var active: [Int: ActiveRequest] = [:]
  let wakeup: Wakeup
  let inbox: Inbox
  let workers: Workers
  let log: DaemonLog
  private var lastRequest = 0
  private var isStopping = false

  /// Threads beside the control thread.
  struct Workers {
    /// Looks at requests before they are accepted.
    let checks: SerialWorker
    /// Makes streams.
    let starts: SerialWorker
    /// Does both for requests that interrupt others, so that they wait for nobody.
    let urgent: SerialWorker

    init() throws(DaemonFailure) {
      checks = try SerialWorker("unimoe-checks")
      starts = try SerialWorker("unimoe-starts")
      urgent = try SerialWorker("unimoe-urgent")
    }
  }

  init(
    ports: PortNames, limits: RequestLimits, output: any AudioOutput, wakeup: Wakeup, inbox: Inbox, log: DaemonLog
  ) throws(DaemonFailure) {
    self.ports = ports
    self.limits = limits
    self.output = output
    self.wakeup = wakeup
    self.inbox = inbox
    self.log = log
    workers = try Workers()
    applyDucking()
  }

  /// The requests that were accepted, in the order of their numbers.
  var ordered: [ActiveRequest] {
    active.values.filter { !$0.isChecking }.sorted { $0.ticket.request < $1.ticket.request }
  }

  /// How many wait to be generated.
  var waitingCount: Int { queue.count }

  /// Whether something changes by itself, so that `service` has to be called every few milliseconds.
  var isActive: Bool { active.values.contains { $0.production != nil || $0.isEnding || $0.endsAt != nil } }

  /// The accepted requests of a connection that are not over.
  func requests(of owner: Int) -> Set<Int> { Set(ordered.filter { $0.owner == owner }.map(\.ticket.request)) }

  /// Whether no request is left.
  var isEmpty: Bool { active.isEmpty }

  /// Whether a request has not come further for longer than it may.
  func isStalled(now: Duration) -> Bool {
    active.values.contains { request in
      let isComputing = request.isGenerating && !request.isHeldUp
      return (isComputing || request.isStarting || request.isChecking)
        && now - request.progress.changedAt > limits.stallTime
    }
  }

  /// Takes a request in. `answer` is called once it is accepted or refused, unless this function throws.
  ///
  /// What is wrong with it is said before it is accepted if the model is there to judge it, else by the event `failed`.
  func submit(
    _ command: ControlCommand, text: String, options: RequestOptions, owner: Int,
    answer: @escaping (Result<Int, ControlFailure>) -> Void
  ) throws(ControlFailure) {
    if isStopping { throw ControlFailure(.stopping, "the daemon stops") }
    guard text.utf8.count <= limits.textBytes else {
      throw ControlFailure(.textTooLong, "text: expected at most \(limits.textBytes) bytes, found \(text.utf8.count)")
    }
    let port = try ports.index(of: options.port, for: command.name)
    guard queue.count + active.values.count(where: \.isChecking) < limits.waiting else {
      let many = limits.waiting == 1 ? "1 request waits" : "\(limits.waiting) requests wait"
      throw ControlFailure(.queueFull, "queue: \(many) already, which is the limit")
    }
    lastRequest += 1
    let ticket = Ticket(request: lastRequest, priority: options.priority, port: port, mixes: options.mixes)
    let request = ActiveRequest(ticket, command, options: options, owner: owner, answer: answer)
    active[ticket.request] = request
    guard let model else { return admit(request, nil) }
    request.progress.touch()
    (ticket.priority == .interrupt ? workers.urgent : workers.checks).add { [inbox] in
      let result: Result<Request, ControlFailure>
      do throws(ControlFailure) {
        result = .success(try model.request(command, options: options))
      } catch {
        result = .failure(error)
      }
      inbox.put(.checked(ticket.request, result))
    }
  }

  /// Takes in what a worker found out.
  func take(_ finding: Inbox.Finding) {
    switch finding {
    case .checked(let number, let result):
      guard let request = active[number], case .checking(let answer) = request.stage else { return }
      switch result {
      case .success(let checked):
        admit(request, checked)
        interruptOthers(request)
      case .failure(let failure):
        active[number] = nil
        answer(.failure(failure))
      }
    case .started(let number, let result): takeStream(of: number, result)
    case .voices, .settings, .model: break
    }
  }

  /// Cancels a request, or all; returns which. Throws if there is no such request.
  func cancel(_ number: Int?, by reason: String) throws(ControlFailure) -> [Int] {
    guard let number else {
      let all = active.values.sorted { $0.ticket.request < $1.ticket.request }
      for request in all { cancel(request, reason) }
      return all.map(\.ticket.request)
    }
    guard let request = active[number], !request.isChecking else {
      throw ControlFailure(.noSuchRequest, "request: expected one that is not over, found \(number)")
    }
    cancel(request, reason)
    return [number]
  }

  /// Fires a request that is held, or all; returns which. Throws if there is no such request.
  func go(_ number: Int?) throws(ControlFailure) -> [Int] {
    let held = active.values.filter { request in
      request.isHeld && !request.isEnding && !request.isChecking && number.map { $0 == request.ticket.request } ?? true
    }
    if let number, held.isEmpty {
      throw ControlFailure(.noSuchRequest, "request: expected one that is held, found \(number)")
    }
    for request in held { request.fire() }
    return held.map(\.ticket.request).sorted()
  }

  /// Changes a request, or all; returns which. Throws if there is no such request.
  func set(_ change: ControlCommand.Change) throws(ControlFailure) -> [Int] {
    let changed = ordered.filter { request in
      !request.isEnding && change.request.map { $0 == request.ticket.request } ?? true
    }
    if let number = change.request, changed.isEmpty {
      throw ControlFailure(.noSuchRequest, "request: expected one that is not over, found \(number)")
    }
    for request in changed {
      if let isPaused = change.isPaused { request.setPaused(isPaused) }
      if let gain = change.gain {
        request.gain = gain
        request.sound?.setGain(self.gain(of: request), over: change.seconds)
      }
      if change.ends { request.endsAt = MonotonicClock.now + Duration(seconds: change.seconds) }
    }
    return changed.map(\.ticket.request)
  }

  /// A connection is gone: its requests go on or end, as they asked.
  func disconnected(_ owner: Int) {
    let own = active.values.filter { $0.owner == owner }
    for request in own.sorted(by: { $0.ticket.request < $1.ticket.request }) {
      request.owner = nil
      if request.options.onDisconnect == .cancel { cancel(request, "its client left") }
    }
  }

  /// Cancels everything and takes nothing in any more.
  func stop() {
    isStopping = true
    _ = try? cancel(nil, by: "the daemon stops")
  }

  /// Fails everything that waits for a model that will not come.
  func fail(_ failure: ControlFailure) {
    isStopping = true
    for request in ordered {
      request.end(.failed(failure))
      _ = queue.remove(request.ticket.request)
    }
    service()
  }

  /// Ends what did not become quiet in time, so that every request has its terminal event.
  func giveUp() {
    for request in ordered { settle(request) }
  }

  /// Looks at every request and does what is due.
  func service() {
    let now = MonotonicClock.now
    schedule.setFreewheeling(output.status.isFreewheeling)
    for request in ordered { follow(request, now: now) }
    for request in ordered where request.isQuiet { settle(request) }
    startGenerating(now: now)
    startPlaying()
    output.setSoundExpected(ordered.contains { $0.isExpected })
  }

  /// Answers that a request is accepted, and puts it into the queue; `checked` is what the engine is to make of it, nil
  /// if there was no engine to ask.
  private func admit(_ request: ActiveRequest, _ checked: Request?) {
    guard case .checking(let answer) = request.stage else { return }
    request.stage = .queued(checked)
    answer(.success(request.ticket.request))
    queue.insert(request.ticket)
    let port = ports.names[request.ticket.port]
    var event = request.event(.accepted)
    event.port = port
    onEvent(event, request.owner)
    log.debug("request \(request.ticket.request): \(request.command.name.rawValue) on \(port)")
  }

  /// Has a request that interrupts end what is generated or played on its port with a lower priority. One that mixes
  /// has no need to.
  private func interruptOthers(_ request: ActiveRequest) {
    let ticket = request.ticket
    guard ticket.priority == .interrupt, !ticket.mixes else { return }
    for other in ordered where other.ticket.port == ticket.port && other.isPrepared && !other.isHeld {
      if ticket.priority < other.ticket.priority { cancel(other, "interrupted by request \(ticket.request)") }
    }
  }

  func cancel(_ request: ActiveRequest, _ reason: String) {
    // Its number has to be known before it can end.
    if request.isChecking { admit(request, nil) }
    _ = queue.remove(request.ticket.request)
    end(request, .cancelled(reason: reason))
  }

  func fail(_ request: ActiveRequest, _ failure: ControlFailure) { end(request, .failed(failure)) }

  private func end(_ request: ActiveRequest, _ ending: ActiveRequest.Ending) {
    guard !request.isEnding else { return }
    request.end(ending)
    if let sound = request.sound, sound.ending == nil { sound.cancel() } else { request.stopGenerating() }
  }

  /// Ends a request that is quiet, if it is not merely waiting.
  func settle(_ request: ActiveRequest) {
    let isOver = request.isEnding || request.sound?.ending == .complete
    guard isOver, active.removeValue(forKey: request.ticket.request) != nil else { return }
    let event = request.terminalEvent()
    ended[event.kind.rawValue, default: 0] += 1
    record(event, of: request)
    onEvent(event, request.owner)
  }

  private func record(_ event: RequestEvent, of request: ActiveRequest) {
    let why = event.message.map { ": \($0)" } ?? ""
    let line = "request \(event.request): \(event.kind.rawValue)\(why)"
    if event.kind == .failed { log.warning(line) } else { log.debug(line) }
    guard let underruns = event.underruns, underruns > 0 else { return }
    let times = underruns == 1 ? "once" : "\(underruns) times"
    log.warning("request \(event.request): ran dry \(times) on \(ports.names[request.ticket.port])")
  }
}
