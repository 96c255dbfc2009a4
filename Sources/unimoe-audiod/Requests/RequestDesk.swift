import AudioRing
import ControlProtocol
import JACKClient
import LiveStream
import UniMoEAudio

/// All requests that are not over: takes them in, has them generated and played in their order, and reports what
/// happens to them. Control thread only; nothing here waits.
final class RequestDesk {
  /// How long generation goes on after its sound was told to fade out, in nanoseconds.
  private static let fadeTime: Int64 = 20_000_000
  /// Seconds of sound that must lie ready before a request goes on after an underrun.
  private static let refill = 0.2

  /// The output ports.
  let ports: PortNames
  /// What the configuration allows.
  var limits: RequestLimits { didSet { applyGains() } }
  /// Nil before it is loaded.
  var model: LoadedModel?
  /// Receives events with the connection that they are for.
  var onEvent: (RequestEvent, Int?) -> Void = { _, _ in }
  /// How many requests ended how.
  private(set) var ended: [String: Int] = [:]

  private let output: any AudioOutput
  private let wakeup: Wakeup
  private let log: Log
  private let speed = SpeedMemory()
  private var queue = RequestQueue()
  private var jobs: [Int: Job] = [:]
  private var lastRequest = 0
  private var isStopping = false

  init(ports: PortNames, limits: RequestLimits, output: any AudioOutput, wakeup: Wakeup, log: Log) {
    self.ports = ports
    self.limits = limits
    self.output = output
    self.wakeup = wakeup
    self.log = log
  }

  /// The requests in the order of their numbers.
  var ordered: [Job] { jobs.values.sorted { $0.ticket.request < $1.ticket.request } }

  /// How many wait to be generated.
  var waitingCount: Int { queue.count }

  /// Whether something changes by itself, so that `service` has to be called every few milliseconds.
  var isActive: Bool { jobs.values.contains { $0.stream != nil || $0.cancellation != nil || $0.failure != nil } }

  /// Whether a request is among those of a connection that are not over.
  func requests(of owner: Int) -> Set<Int> { Set(jobs.values.filter { $0.owner == owner }.map(\.ticket.request)) }

  /// Takes a request in. The caller answers and then calls `announce`.
  func submit(_ command: ControlCommand, text: String, options: RequestOptions, owner: Int) throws(ControlFailure)
    -> Job
  {
    if isStopping { throw ControlFailure(.stopping, "the daemon stops") }
    guard text.utf8.count <= limits.textBytes else {
      throw ControlFailure(.textTooLong, "text: expected at most \(limits.textBytes) bytes, found \(text.utf8.count)")
    }
    let port = try ports.index(of: options.port, for: command.name)
    // What is wrong is said at once if the model is there to judge it, else by the event `failed`.
    if let model { _ = try model.request(command, options: options) }
    let ticket = Ticket(request: lastRequest + 1, priority: options.priority, port: port, mixes: options.mixes)
    guard queue.insert(ticket, limit: limits.waiting) else {
      throw ControlFailure(.queueFull, "queue: \(limits.waiting) requests wait already, which is the limit")
    }
    lastRequest += 1
    let job = Job(ticket, command, options: options, owner: owner)
    jobs[ticket.request] = job
    return job
  }

  /// Reports that a request is accepted, and lets it interrupt others.
  func announce(_ job: Job) {
    var event = job.event(.accepted)
    event.port = ports.names[job.ticket.port]
    onEvent(event, job.owner)
    log.debug("request \(job.ticket.request): \(job.command.name.rawValue) on \(ports.names[job.ticket.port])")
    guard job.ticket.priority == .interrupt else { return }
    for other in ordered where other.ticket.port == job.ticket.port && other.stream != nil {
      if job.ticket.priority < other.ticket.priority { cancel(other, "interrupted by request \(job.ticket.request)") }
    }
  }

  /// Cancels a request, or all; returns which. Throws if there is no such request.
  func cancel(_ request: Int?, by reason: String) throws(ControlFailure) -> [Int] {
    guard let request else {
      let all = ordered
      for job in all { cancel(job, reason) }
      return all.map(\.ticket.request)
    }
    guard let job = jobs[request] else {
      throw ControlFailure(.noSuchRequest, "request: expected one that is not over, found \(request)")
    }
    cancel(job, reason)
    return [request]
  }

  /// A connection is gone: its requests go on or end, as they asked.
  func disconnected(_ owner: Int) {
    for job in ordered where job.owner == owner {
      job.owner = nil
      if job.options.onDisconnect == .cancel { cancel(job, "its client left") }
    }
  }

  /// Cancels everything and takes nothing in any more.
  func stop() {
    isStopping = true
    for job in ordered { cancel(job, "the daemon stops") }
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

  /// Whether no request is left.
  var isEmpty: Bool { jobs.isEmpty }

  /// Whether a request has not come further for longer than it may.
  func isStalled(now: Int64) -> Bool {
    jobs.values.contains { $0.isGenerating && !$0.isHeldUp && now - $0.progressAt > limits.stallTime }
  }

  /// Looks at every request and does what is due.
  func service() {
    let now = MonotonicClock.nanoseconds
    for job in ordered where job.stream != nil { follow(job, now: now) }
    for job in ordered where job.isQuiet { settle(job) }
    startGenerating(now: now)
    startPlaying()
  }

  private func cancel(_ job: Job, _ reason: String) {
    guard job.cancellation == nil, job.failure == nil else { return }
    job.cancellation = reason
    job.cancelledAt = MonotonicClock.nanoseconds
    _ = queue.remove(job.ticket.request)
    if let sound = job.sound, sound.ending == nil { sound.cancel() } else { job.stream?.cancel() }
  }

  private func startGenerating(now: Int64) {
    guard let model, let rate = output.sampleRate else { return }
    while queue.count > 0, jobs.values.count(where: \.isGenerating) < limits.generating,
      jobs.values.count(where: { $0.stream != nil }) < limits.prepared, let ticket = queue.takeFirst()
    {
      guard let job = jobs[ticket.request] else { continue }
      do throws(ControlFailure) {
        try generate(job, model, rate: rate, now: now)
      } catch {
        job.failure = error
        settle(job)
      }
    }
  }

  private func generate(_ job: Job, _ model: LoadedModel, rate: Int, now: Int64) throws(ControlFailure) {
    let request = try model.request(job.command, options: job.options)
    var options = LiveStream.Options()
    options.sampleRate = rate
    options.startAfterSeconds = job.options.startSeconds ?? limits.startSeconds
    options.onStart = { [wakeup] in wakeup.ring() }
    options.onEnd = { [wakeup] _ in wakeup.ring() }
    do throws(UniMoEError) {
      job.stream = try LiveStream(model.engine, request, options: options, speed: speed)
    } catch {
      throw ControlFailure(.requestRefused, error.description)
    }
    job.progressAt = now
  }

  /// Gives each port its next requests.
  private func startPlaying() {
    let waiting = ordered.filter { $0.stream != nil && $0.sound == nil && $0.cancellation == nil && $0.failure == nil }
    for port in Set(waiting.map(\.ticket.port)) {
      let sounding = jobs.values.count { $0.ticket.port == port && $0.isSounding }
      let ready = waiting.filter { $0.ticket.port == port }.map(\.ticket)
      for ticket in RequestQueue.starting(of: ready, sounding: sounding) {
        if let job = jobs[ticket.request] { play(job) }
      }
    }
  }

  /// Attaches a request to its port, silent until its gate opens; a server that freewheels does not wait for that.
  private func play(_ job: Job) {
    guard let stream = job.stream else { return }
    do throws(JACKClientError) {
      job.sound = try output.play(
        stream.ring, port: job.ticket.port, sampleRate: stream.sampleRate, gain: gain(of: job), gate: .max)
    } catch {
      switch error {
      case .wrongSampleRate: regenerate(job)
      case .tooManyPlaybacks: break
      default: fail(job, ControlFailure(.outputFailed, error.description))
      }
      return
    }
    openGate(job, stream)
  }

  private func gain(of job: Job) -> Float {
    Float(job.options.gain * (ports.isSpeech(job.ticket.port) ? limits.speechGain : limits.musicGain))
  }

  private func applyGains() {
    for job in jobs.values { job.sound?.setGain(gain(of: job)) }
  }

  private func openGate(_ job: Job, _ stream: LiveStream) {
    guard let sound = job.sound, !job.isGateOpen, stream.state.isStarted else { return }
    job.isGateOpen = true
    sound.setGate(0)
  }

  /// Reports what happened to a request that is generated or sounds.
  private func follow(_ job: Job, now: Int64) {
    guard let stream = job.stream else { return }
    let state = stream.state
    if state.progress != job.progress {
      job.progress = state.progress
      job.progressAt = now
    }
    openGate(job, stream)
    if case .failed(let error) = state.end, job.cancellation == nil {
      fail(job, ControlFailure(.failed, error.description))
    }
    if job.cancellation != nil || job.failure != nil {
      if now - job.cancelledAt > Self.fadeTime { stream.cancel() }
      return
    }
    if now - job.sentProgressAt >= limits.progressInterval, job.sentProgress != job.progress { report(job, now: now) }
    guard let sound = job.sound else { return }
    if !job.hasStarted, sound.playedFrames > 0 {
      job.hasStarted = true
      sound.setGate(Int(Self.refill * Double(stream.sampleRate)))
      var event = job.event(.started)
      event.gateSeconds = state.gateSeconds
      event.firstAudioSeconds = state.firstAudioSeconds
      onEvent(event, job.owner)
    }
    switch sound.ending {
    case .rateChanged where !job.hasStarted: regenerate(job)
    case .rateChanged:
      fail(job, ControlFailure(.outputFailed, "the sound server came back with another sample rate"))
    case .cancelled: cancel(job, "the output stopped")
    case .complete, nil: break
    }
  }

  private func report(_ job: Job, now: Int64) {
    job.sentProgress = job.progress
    job.sentProgressAt = now
    var event = job.event(.progress)
    event.phase = job.progress.phase.rawValue
    event.codeFrames = job.progress.codeFramesDone
    event.codeFramesExpected = job.progress.codeFramesExpected
    onEvent(event, job.owner)
  }

  private func fail(_ job: Job, _ failure: ControlFailure) {
    guard job.failure == nil else { return }
    job.failure = failure
    job.cancelledAt = MonotonicClock.nanoseconds
    job.sound?.cancel()
    if job.sound == nil { job.stream?.cancel() }
  }

  /// Puts a request that nobody heard yet back into the queue, to be made at another sample rate.
  private func regenerate(_ job: Job) {
    job.stream?.cancel()
    (job.stream, job.sound, job.isGateOpen) = (nil, nil, false)
    _ = queue.insert(job.ticket)
  }

  /// Ends a request that is quiet, if it is not merely waiting.
  private func settle(_ job: Job) {
    let isOver = job.cancellation != nil || job.failure != nil || job.sound?.ending == .complete
    guard isOver, jobs.removeValue(forKey: job.ticket.request) != nil else { return }
    let event = job.terminalEvent()
    ended[event.kind.rawValue, default: 0] += 1
    log.debug("request \(event.request): \(event.kind.rawValue) \(event.message ?? "")")
    onEvent(event, job.owner)
  }
}
