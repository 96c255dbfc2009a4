import AudioRing
import ControlProtocol
import DaemonConfiguration
import Glibc
import JACKClient
import Posix
import UniMoEAudio

/// The running daemon: one thread that polls the control socket, its clients, the output and the signals, and looks
/// after the requests. What takes time happens elsewhere, so that nobody waits for an answer: the model is loaded,
/// requests are planned and generated, voices and settings are read and the log is written on threads of their own,
/// JACK's callback runs on JACK's.
final class Daemon {
  /// How often requests are looked at while some are generated or sound.
  static let tick = Duration.milliseconds(10)
  /// The longest sleep of the loop.
  static let longestSleep = Duration.seconds(1)
  /// How long the end may take: requests, then the last messages.
  static let endPatience: (requests: Duration, messages: Duration) = (.milliseconds(300), .milliseconds(100))

  let settings: Settings
  let log: DaemonLog
  let manager: ServiceManager
  let output: any AudioOutput
  let desk: RequestDesk
  let voices: VoiceDesk
  let startTime = MonotonicClock.now
  private(set) var state = DaemonState.loading
  private(set) var modelDirectory = ""
  /// Texts, voices and music that the model can take; unknown before it is found.
  private(set) var limits = ModelLimits()
  let clients: ControlClients

  private let wakeup: Wakeup
  private let inbox: Inbox
  private let loader: Loader
  /// The model, or why there is none, once that was found out.
  private var loaded: Result<any SoundModel, UniMoEError>?
  private var heartbeat: Heartbeat
  private var outputWatch = OutputWatch()
  private var hasSeenServer = false
  private var wasStalled = false
  private var shownStatus = ""
  private var shownStatusAt: Duration = .zero

  /// Loads the model of a directory.
  typealias Loader = @Sendable (_ directory: String, _ options: Engine.Options) throws(UniMoEError) -> any SoundModel

  /// Sets everything up short of the model. Throws what makes starting pointless, and leaves nothing behind then.
  init(
    _ configuration: Configuration, sources: ConfigurationSources, log: DaemonLog, manager: ServiceManager,
    wakeup: Wakeup, environment: [String: String], loader: @escaping Loader = LoadedModel.load
  ) throws(DaemonFailure) {
    self.log = log
    self.manager = manager
    self.wakeup = wakeup
    self.loader = loader
    heartbeat = Heartbeat(manager)
    inbox = Inbox(wakeup)
    voices = try VoiceDesk(inbox)
    settings = try Settings(configuration, sources: sources, inbox: inbox)
    let admission = try Admission(configuration)
    let ports = PortNames(
      speech: configuration.integer(.jackSpeechPorts), music: configuration.integer(.jackMusicPorts))
    let jack = configuration.flag(.jackEnabled) ? try JACKConfiguration(configuration, ports) : nil
    let socket = try ControlSocket.open(configuration, manager, admission, environment)
    do throws(DaemonFailure) {
      output = if let jack { try JACKOutput(jack) } else { try SilentOutput() }
      desk = try RequestDesk(
        ports: ports, limits: RequestLimits(configuration), output: output, wakeup: wakeup, inbox: inbox, log: log)
    } catch {
      socket.shut()
      throw error
    }
    clients = ControlClients(socket, admission: admission, configuration)
    desk.onEvent = { [unowned self] event, owner in self.deliver(event, to: owner) }
  }

  /// Loads the model and serves until a signal ends it. Throws if the model cannot be used.
  func run() throws(DaemonFailure) {
    try load()
    if let path = clients.socket.path {
      log.info("control socket \(path)")
    } else {
      log.info("control socket handed over")
    }
    while true {
      poll()
      let signals = wakeup.take()
      if signals.contains(.stop) { break }
      if signals.contains(.reload) { reload() }
      for event in output.takeEvents() { try note(event) }
      takeFindings()
      if state == .loading, let loaded { try finishLoading(loaded) }
      clients.serve(handle)
      desk.service()
      answerBarriers()
      for id in clients.removeDead(now: MonotonicClock.now) {
        log.debug("client \(id): gone")
        desk.disconnected(id)
      }
      lookAfterHealth()
      showStatus()
    }
    stop(.stopping)
  }

  private func load() throws(DaemonFailure) {
    do throws(UniMoEError) {
      modelDirectory = try ModelLocator(explicit: settings.current.optionalText(.modelDirectory)).locate()
    } catch {
      throw abandon(error)
    }
    // A broken file is reported by loading.
    limits = (try? ModelLimits(modelDirectory: modelDirectory)) ?? ModelLimits()
    log.info("loading the model \(modelDirectory)")
    // Before the model can be there: a small one is loaded sooner than the control thread comes round.
    heartbeat.beat(state: state, isStalled: false)
    showStatus()
    let threads = settings.current.integer(.modelThreads)
    let options = Engine.Options(
      threads: threads == 0 ? nil : threads,
      promptArithmetic: settings.current.flag(.modelFastPrompt) ? .bfloat16 : .exact)
    do throws(DaemonFailure) {
      try Background.run("unimoe-loader") { [inbox, loader, directory = modelDirectory] in
        let result: Result<any SoundModel, UniMoEError>
        do throws(UniMoEError) {
          result = .success(try loader(directory, options))
        } catch {
          result = .failure(error)
        }
        inbox.put(.model(result))
      }
    } catch {
      stop(.stopping)
      throw error
    }
  }

  private func finishLoading(_ result: Result<any SoundModel, UniMoEError>) throws(DaemonFailure) {
    switch result {
    case .success(let model):
      desk.model = model
      state = .ready
      let seconds = (MonotonicClock.now - startTime).seconds
      log.info("ready after \((seconds * 100).rounded() / 100) s")
      manager.notify("READY=1", "STATUS=\(statusLine)")
    case .failure(let error): throw abandon(error)
    }
  }

  /// Ends everything because of the model; returns what to throw.
  private func abandon(_ error: UniMoEError) -> DaemonFailure {
    let failure = DaemonFailure(.noModel, error.description)
    desk.fail(ControlFailure(.modelFailed, error.description))
    clients.tellEveryone(failure.refusal)
    stop(.stopping)
    return failure
  }

  /// Ends everything within a second: fades out, ends requests, says so, removes the socket.
  private func stop(_ state: DaemonState) {
    self.state = state
    manager.notify("STOPPING=1", "STATUS=Stopping")
    clients.stopListening()
    takeFindings()
    voices.stop()
    desk.stop()
    desk.service()
    output.stop()
    let deadline = MonotonicClock.now + Self.endPatience.requests
    while !desk.isEmpty, MonotonicClock.now < deadline {
      takeFindings()
      desk.service()
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(2))
    }
    desk.giveUp()
    clients.finish(patience: Self.endPatience.messages)
    log.info("stopped")
  }

  private func poll() {
    let now = MonotonicClock.now
    var wait = desk.isActive ? Self.tick : Self.longestSleep
    if let deadline = clients.nextDeadline { wait = min(wait, max(.zero, deadline - now)) }
    if let interval = heartbeat.interval { wait = min(wait, interval) }
    var descriptors = [pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0)]
    if output.eventDescriptor >= 0 {
      descriptors.append(pollfd(fd: output.eventDescriptor, events: Int16(POLLIN), revents: 0))
    }
    let own = descriptors.count
    descriptors += clients.descriptors(now: now)
    _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), wait.pollMilliseconds)
    clients.receive(descriptors[own...], log: log)
  }

  /// Tells the service manager that the daemon lives, and the log what goes wrong.
  private func lookAfterHealth() {
    let isStalled = desk.isStalled(now: MonotonicClock.now)
    if isStalled != wasStalled {
      log.warning(isStalled ? "generation is stalled" : "generation proceeds again")
    }
    wasStalled = isStalled
    heartbeat.beat(state: state, isStalled: isStalled)
    for finding in outputWatch.findings(of: output) { log.write(finding.level, finding.line) }
  }

  private func takeFindings() {
    for finding in inbox.take() {
      switch finding {
      case .voices(let result): voices.take(result, desk.model)
      case .settings(let result): adopt(result)
      case .model(let result): loaded = result
      default: desk.take(finding)
      }
    }
  }

  /// An event for its client, if that is still there.
  private func deliver(_ event: RequestEvent, to owner: Int?) {
    for connection in clients.all where connection.id == owner || connection.watches {
      connection.send(.event(event))
    }
  }

  private func answerBarriers() {
    for connection in clients.all where !connection.barriers.isEmpty {
      let open = desk.requests(of: connection.id)
      let isDue: (ClientConnection.Barrier) -> Bool = { $0.answers.isEmpty && $0.requests.isDisjoint(with: open) }
      for barrier in connection.barriers where isDue(barrier) { connection.send(.reply(id: barrier.id, .sync)) }
      connection.barriers.removeAll(where: isDue)
    }
  }

  private func note(_ event: OutputEvent) throws(DaemonFailure) {
    switch event {
    case .connected(let rate, let size) where hasSeenServer:
      log.warning("JACK: connected again, \(rate) Hz, \(size) frames")
    case .connected(let rate, let size):
      hasSeenServer = true
      log.info("JACK: connected, \(rate) Hz, \(size) frames")
    case .disconnected: log.warning("JACK: the server is gone; trying again")
    case .unreachable(let problem): log.warning("JACK: \(problem)")
    case .lost(let problem):
      stop(.stopping)
      throw DaemonFailure(.system, "JACK: \(problem)")
    case .bufferSizeChanged(let size): log.info("JACK: \(size) frames")
    case .sampleRateChanged(let rate): log.info("JACK: \(rate) Hz")
    case .soundEnded: break
    }
  }

  private func reload() {
    // While the model loads, the daemon is not ready, and must not say so.
    if state == .ready { manager.notify("RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.now.wholeMicroseconds)") }
    settings.readAgain()
  }

  /// Takes over settings that were read again.
  private func adopt(_ result: Result<Settings.Reading, ConfigurationError>) {
    if let reading = settings.adopt(result, log: log) {
      clients.admission = reading.admission
      clients.adopt(reading.configuration)
      desk.limits = RequestLimits(reading.configuration)
      log.setLevel(DaemonLog.Level(rawValue: reading.configuration.text(.logLevel)) ?? .info)
    }
    if !settings.isReading, state == .ready { manager.notify("READY=1") }
  }

  private var statusLine: String {
    switch state {
    case .loading: return "Loading the model \(modelDirectory)"
    case .stopping: return "Stopping"
    case .ready:
      let output = output.status
      let place = output.isRunning ? "\(output.sampleRate ?? 0) Hz" : "no JACK server"
      let active = desk.ordered.count - desk.waitingCount
      return "Ready: \(active) generated or playing, \(desk.waitingCount) waiting; \(output.kind): \(place)"
    }
  }

  /// Tells the service manager about changes, once a second at the most.
  private func showStatus() {
    let now = MonotonicClock.now
    guard now - shownStatusAt >= .seconds(1) || shownStatus.isEmpty, statusLine != shownStatus else { return }
    (shownStatus, shownStatusAt) = (statusLine, now)
    manager.notify("STATUS=\(statusLine)")
  }
}
