import AudioRing
import ControlProtocol
import DaemonConfiguration
import Glibc
import JACKClient
import Posix
import Synchronization
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

  private(set) var configuration: Configuration
  let log: Log
  let manager: ServiceManager
  let output: any AudioOutput
  let desk: RequestDesk
  let voices: VoiceDesk
  let startTime = MonotonicClock.now
  private(set) var state = DaemonState.loading
  private(set) var modelDirectory = ""
  /// Characters of the longest text that the model speaks well in one go.
  private(set) var longestText: Int?
  let clients: ControlClients

  private let sources: ConfigurationSources
  private let wakeup: Wakeup
  private let inbox: Inbox
  private let settingsReader: SerialWorker
  /// Readings of the settings that are not adopted yet.
  private var reloads = 0
  private let loader: Loader
  private let loading = Mutex<Result<any SoundModel, UniMoEError>?>(nil)
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
    _ configuration: Configuration, sources: ConfigurationSources, log: Log, manager: ServiceManager, wakeup: Wakeup,
    environment: [String: String], loader: @escaping Loader = LoadedModel.load
  ) throws(DaemonFailure) {
    self.configuration = configuration
    self.sources = sources
    self.log = log
    self.manager = manager
    self.wakeup = wakeup
    self.loader = loader
    heartbeat = Heartbeat(manager)
    inbox = Inbox(wakeup)
    voices = try VoiceDesk(inbox)
    settingsReader = try SerialWorker("unimoe-settings")
    let admission = try Admission(
      users: configuration.list(.controlUsers), group: configuration.optionalText(.controlGroup))
    let ports = PortNames(
      speech: configuration.integer(.jackSpeechPorts), music: configuration.integer(.jackMusicPorts))
    let jack = try Self.jackConfiguration(configuration, ports)
    let socket = try Self.socket(configuration, manager, admission, environment)
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
      if state == .loading, let result = loading.withLock({ $0 }) { try finishLoading(result) }
      for event in output.takeEvents() { try note(event) }
      takeFindings()
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
      modelDirectory = try ModelLocator(explicit: configuration.optionalText(.modelDirectory)).locate()
    } catch {
      throw abandon(error)
    }
    // A broken file is reported by loading.
    longestText = (try? SpeechLimits(modelDirectory: modelDirectory))?.textCharacters
    log.info("loading the model \(modelDirectory)")
    // Before the model can be there: a small one is loaded sooner than the control thread comes round.
    heartbeat.beat(state: state, isStalled: false)
    showStatus()
    let threads = configuration.integer(.modelThreads)
    let options = Engine.Options(
      threads: threads == 0 ? nil : threads,
      promptArithmetic: configuration.flag(.modelFastPrompt) ? .bfloat16 : .exact)
    do throws(DaemonFailure) {
      try Background.run("unimoe-loader") { [self = Unchecked(self), loader, directory = modelDirectory, wakeup] in
        let result: Result<any SoundModel, UniMoEError>
        do throws(UniMoEError) {
          result = .success(try loader(directory, options))
        } catch {
          result = .failure(error)
        }
        self.value.loading.withLock { $0 = result }
        wakeup.ring()
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
      log.warning(isStalled ? "generation does not come forward" : "generation comes forward again")
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
      default: desk.take(finding)
      }
    }
  }

  /// An event for its client, if that is still there.
  private func deliver(_ event: RequestEvent, to owner: Int?) {
    if let owner { clients[owner]?.send(.event(event)) }
  }

  private func answerBarriers() {
    for connection in clients.all where !connection.barriers.isEmpty {
      let open = desk.requests(of: connection.id)
      let isDue: (Connection.Barrier) -> Bool = { $0.answers.isEmpty && $0.requests.isDisjoint(with: open) }
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

  /// Has the settings read again, by a worker: files and users may lie on other machines.
  private func reload() {
    reloads += 1
    // While the model loads, the daemon is not ready, and must not say so.
    if state == .ready { manager.notify("RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.now.wholeMicroseconds)") }
    settingsReader.add { [inbox, sources, current = configuration] in
      let result: Result<Inbox.Settings, ConfigurationError>
      do throws(ConfigurationError) {
        let new = try sources.load()
        result = .success(
          Inbox.Settings(configuration: new, admission: try Self.admission(new.keepingConstants(of: current))))
      } catch {
        result = .failure(error)
      }
      inbox.put(.settings(result))
    }
  }

  /// Takes over settings that were read again.
  private func adopt(_ result: Result<Inbox.Settings, ConfigurationError>) {
    reloads -= 1
    defer { if reloads == 0, state == .ready { manager.notify("READY=1") } }
    switch result {
    case .success(let settings):
      let differences = settings.configuration.differences(from: configuration)
      for key in differences where !key.isReloadable {
        log.warning(
          "\(settings.configuration[key].origin): \(key.rawValue): takes effect when the daemon is started again")
      }
      let new = settings.configuration.keepingConstants(of: configuration)
      configuration = new
      clients.admission = settings.admission
      clients.adopt(new)
      desk.limits = RequestLimits(new)
      log.setLevel(Log.Level(rawValue: new.text(.logLevel)) ?? .info)
      let changed = differences.filter(\.isReloadable).map(\.rawValue)
      log.info("reloaded; " + (changed.isEmpty ? "nothing changed" : "changed: " + changed.joined(separator: ", ")))
    case .failure(let error): log.error("not reloaded: \(error)")
    }
  }

  private static func admission(_ configuration: Configuration) throws(ConfigurationError) -> Admission {
    do throws(DaemonFailure) {
      return try Admission(
        users: configuration.list(.controlUsers), group: configuration.optionalText(.controlGroup))
    } catch {
      throw ConfigurationError(configuration[.controlUsers].origin, error.message)
    }
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

  private static func socket(
    _ configuration: Configuration, _ manager: ServiceManager, _ admission: Admission, _ environment: [String: String]
  ) throws(DaemonFailure) -> ControlSocket {
    if let descriptor = manager.sockets.first {
      guard manager.sockets.count == 1 else {
        throw DaemonFailure(.configuration, "sockets: expected one to be handed over, found \(manager.sockets.count)")
      }
      return try ControlSocket(handedOver: descriptor)
    }
    let usual = SocketPath.forDaemon(environment: environment, user: geteuid())
    guard let path = configuration.optionalText(.controlSocket) ?? usual else {
      throw DaemonFailure(
        .configuration, "control.socket: expected a path, as there is neither XDG_RUNTIME_DIR nor RUNTIME_DIRECTORY")
    }
    return try ControlSocket(path: path, group: admission.group)
  }

  /// How the daemon appears in JACK's graph; nil if it does not. Throws for settings that cannot be.
  private static func jackConfiguration(_ configuration: Configuration, _ ports: PortNames) throws(DaemonFailure)
    -> JACKConfiguration?
  {
    guard configuration.flag(.jackEnabled) else { return nil }
    var connections: [JACKConfiguration.Connection] = []
    for text in configuration.list(.jackConnections) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DaemonFailure(
          .configuration,
          "\(configuration[.jackConnections].origin): jack.connections: expected PORT=PATTERN, found \"\(text)\"")
      }
      connections.append(JACKConfiguration.Connection(port: String(parts[0]), pattern: String(parts[1])))
    }
    let jack = JACKConfiguration(
      clientName: configuration.text(.jackClientName), serverName: configuration.optionalText(.jackServerName),
      ports: zip(ports.names, ports.prettyNames).map { JACKConfiguration.Port(name: $0, prettyName: $1) },
      connections: connections, playbackLimit: 256)
    do throws(JACKClientError) {
      try JACKClient.check(jack)
    } catch {
      throw DaemonFailure(.configuration, error.description)
    }
    return jack
  }
}

/// Hands an object to a thread that touches its thread-safe parts only.
private struct Unchecked<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}
