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
  var limits: RequestLimits { didSet { applyGains() } }
  /// Nil before it is loaded.
  var model: (any SoundModel)?
  /// Receives events with the connection that they are for.
  var onEvent: (RequestEvent, Int?) -> Void = { _, _ in }
  /// How many requests ended how.
  private(set) var ended: [String: Int] = [:]

  let output: any AudioOutput
  let schedule = StreamSchedule()
  var queue = RequestQueue()
  var jobs: [Int: Job] = [:]
  let wakeup: Wakeup
  let inbox: Inbox
  let workers: Workers
  let log: Log
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
    ports: PortNames, limits: RequestLimits, output: any AudioOutput, wakeup: Wakeup, inbox: Inbox, log: Log
  ) throws(DaemonFailure) {
    self.ports = ports
    self.limits = limits
    self.output = output
    self.wakeup = wakeup
    self.inbox = inbox
    self.log = log
    workers = try Workers()
  }

  /// The requests that were accepted, in the order of their numbers.
  var ordered: [Job] { jobs.values.filter { !$0.isChecking }.sorted { $0.ticket.request < $1.ticket.request } }

  /// How many wait to be generated.
  var waitingCount: Int { queue.count }

  /// Whether something changes by itself, so that `service` has to be called every few milliseconds.
  var isActive: Bool { jobs.values.contains { $0.stream != nil || $0.isEnding } }

  /// The accepted requests of a connection that are not over.
  func requests(of owner: Int) -> Set<Int> { Set(ordered.filter { $0.owner == owner }.map(\.ticket.request)) }

  /// Whether no request is left.
  var isEmpty: Bool { jobs.isEmpty }

  /// Whether a request has not come further for longer than it may.
  func isStalled(now: Duration) -> Bool {
    jobs.values.contains { job in
      let isComputing = job.isGenerating && !job.isHeldUp
      return (isComputing || job.isStarting || job.isChecking) && now - job.progressAt > limits.stallTime
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
    guard queue.count + jobs.values.count(where: \.isChecking) < limits.waiting else {
      let many = limits.waiting == 1 ? "1 request waits" : "\(limits.waiting) requests wait"
      throw ControlFailure(.queueFull, "queue: \(many) already, which is the limit")
    }
    lastRequest += 1
    let ticket = Ticket(request: lastRequest, priority: options.priority, port: port, mixes: options.mixes)
    let job = Job(ticket, command, options: options, owner: owner, answer: answer)
    jobs[ticket.request] = job
    guard let model else { return admit(job) }
    job.isChecking = true
    job.progressAt = MonotonicClock.now
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
    case .checked(let request, let result):
      guard let job = jobs[request], job.isChecking else { return }
      switch result {
      case .success(let request):
        job.request = request
        admit(job)
        interruptOthers(job)
      case .failure(let failure):
        jobs[request] = nil
        job.answer?(.failure(failure))
      }
    case .started(let request, let result): takeStream(of: request, result)
    case .voices, .settings: break
    }
  }

  /// Cancels a request, or all; returns which. Throws if there is no such request.
  func cancel(_ request: Int?, by reason: String) throws(ControlFailure) -> [Int] {
    guard let request else {
      let all = jobs.values.sorted { $0.ticket.request < $1.ticket.request }
      for job in all { cancel(job, reason) }
      return all.map(\.ticket.request)
    }
    guard let job = jobs[request], !job.isChecking else {
      throw ControlFailure(.noSuchRequest, "request: expected one that is not over, found \(request)")
    }
    cancel(job, reason)
    return [request]
  }

  /// A connection is gone: its requests go on or end, as they asked.
  func disconnected(_ owner: Int) {
    for job in jobs.values.sorted(by: { $0.ticket.request < $1.ticket.request }) where job.owner == owner {
      job.owner = nil
      if job.options.onDisconnect == .cancel { cancel(job, "its client left") }
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
    for job in ordered where job.failure == nil {
      job.failure = failure
      _ = queue.remove(job.ticket.request)
    }
    service()
  }

  /// Ends what did not become quiet in time, so that every request has its terminal event.
  func giveUp() {
    for job in ordered { settle(job) }
  }

  /// Looks at every request and does what is due.
  func service() {
    let now = MonotonicClock.now
    schedule.setFreewheeling(output.status.isFreewheeling)
    for job in ordered where job.stream != nil { follow(job, now: now) }
    for job in ordered where job.isQuiet { settle(job) }
    startGenerating(now: now)
    startPlaying()
  }

  /// Answers that a request is accepted, and puts it into the queue.
  private func admit(_ job: Job) {
    job.isChecking = false
    job.answer?(.success(job.ticket.request))
    job.answer = nil
    _ = queue.insert(job.ticket)
    var event = job.event(.accepted)
    event.port = ports.names[job.ticket.port]
    onEvent(event, job.owner)
    log.debug("request \(job.ticket.request): \(job.command.name.rawValue) on \(ports.names[job.ticket.port])")
  }

  /// Has a request that interrupts end what is generated or played on its port with a lower priority. One that mixes
  /// has no need to.
  private func interruptOthers(_ job: Job) {
    guard job.ticket.priority == .interrupt, !job.ticket.mixes else { return }
    for other in ordered where other.ticket.port == job.ticket.port && other.isPrepared {
      if job.ticket.priority < other.ticket.priority { cancel(other, "interrupted by request \(job.ticket.request)") }
    }
  }

  func cancel(_ job: Job, _ reason: String) {
    guard !job.isEnding else { return }
    // Its number has to be known before it can end.
    if job.isChecking { admit(job) }
    job.cancellation = reason
    job.cancelledAt = MonotonicClock.now
    _ = queue.remove(job.ticket.request)
    if let sound = job.sound, sound.ending == nil { sound.cancel() } else { job.stopGenerating() }
  }

  func fail(_ job: Job, _ failure: ControlFailure) {
    guard job.failure == nil else { return }
    job.failure = failure
    job.cancelledAt = MonotonicClock.now
    if let sound = job.sound { sound.cancel() } else { job.stopGenerating() }
  }

  /// Ends a request that is quiet, if it is not merely waiting.
  func settle(_ job: Job) {
    let isOver = job.isEnding || job.sound?.ending == .complete
    guard isOver, jobs.removeValue(forKey: job.ticket.request) != nil else { return }
    let event = job.terminalEvent()
    ended[event.kind.rawValue, default: 0] += 1
    record(event, of: job)
    onEvent(event, job.owner)
  }

  private func record(_ event: RequestEvent, of job: Job) {
    let why = event.message.map { ": \($0)" } ?? ""
    let line = "request \(event.request): \(event.kind.rawValue)\(why)"
    if event.kind == .failed { log.warning(line) } else { log.debug(line) }
    guard let underruns = event.underruns, underruns > 0 else { return }
    let times = underruns == 1 ? "once" : "\(underruns) times"
    log.warning("request \(event.request): ran dry \(times) on \(ports.names[job.ticket.port])")
  }
}
