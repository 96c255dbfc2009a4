import AudioRing
import Cjack
import Glibc
import Posix
import Synchronization

/// What the control threads and the supervisor share.
final class SharedControl: @unchecked Sendable {
  /// Guarded by the mutex.
  struct Control: ~Copyable {
    var table: PlaybackTable
    var events: [JACKEvent] = []
    var serverState = JACKServerState.absent
    var isStopping = false
  }

  /// Events that are kept for a control side that does not fetch them; older ones than that are dropped, the ends of
  /// playbacks never.
  static let eventLimit = 1024

  let configuration: JACKConfiguration
  let state: UnsafeMutablePointer<ProcessState>
  let control: Mutex<Control>
  /// Open when the supervisor's thread holds nothing any more.
  let ended = Latch()
  /// Clients that could not be closed.
  let abandonedClients = Atomic<Int>(0)
  /// Written to wake the supervisor.
  let bell: Int32
  /// Readable as long as events wait; -1 if the system gave none.
  let eventDescriptor: Int32

  init(_ configuration: JACKConfiguration, eventDescriptor: Int32, bell: Int32) {
    self.configuration = configuration
    self.eventDescriptor = eventDescriptor
    self.bell = bell
    state = .allocate(capacity: 1)
    state.initialize(
      to: ProcessState(portCount: configuration.ports.count, slotCount: configuration.playbackLimit))
    for (index, port) in configuration.ports.enumerated() { state.pointee.isDucker[index] = port.ducks }
    state.pointee.measuresProcessorTime = configuration.measuresProcessorTime
    control = Mutex(Control(table: PlaybackTable(state)))
  }

  deinit {
    Glibc.close(eventDescriptor)
    Glibc.close(bell)
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Ends all playbacks for their owners while the callback may still use them: they stay in the table for that.
  func abandon() {
    control.withLock { control in
      control.table.endAll(exceptRate: nil)
      control.serverState = .stopped
      for playback in control.table.all { _ = playback.close(PlaybackState.Ending.cancelled) }
    }
  }

  /// Wakes the supervisor out of its sleep.
  func wakeSupervisor() { Self.write(bell) }

  func post(_ events: [JACKEvent]) {
    guard !events.isEmpty else { return }
    control.withLock { control in
      control.events += events
      if control.events.count > Self.eventLimit {
        control.events.removeAll { if case .finished = $0 { false } else { true } }
      }
    }
    Self.write(eventDescriptor)
  }

  private static func write(_ descriptor: Int32) {
    var one: UInt64 = 1
    _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
  }
}

/// The thread that opens the client, watches it, and opens it again after the server went away. Everything that the
/// callbacks only count or flag is done here.
final class Supervisor: @unchecked Sendable {
  /// How often playbacks are looked at, as their callback wakes nobody: while the client runs, and while it has no
  /// server.
  private static let looks: (running: Duration, absent: Duration) = (.milliseconds(5), .milliseconds(50))
  /// The longest sleep.
  private static let longestSleep = Duration.seconds(1)
  /// Between two tries to open the client: from the first number, doubling, to the second; to the third while another
  /// client has the name, as a try makes a client.
  private static let backOff: (first: Duration, last: Duration, nameTaken: Duration) = (
    .milliseconds(20), .milliseconds(200), .seconds(2)
  )
  /// Clients that are left behind at the most. Each holds 0.3 MB, two threads and 13 descriptors (PipeWire 0.3.65).
  private static let abandonLimit = 32
  /// How long a stopping client waits for its playbacks to fade out.
  private static let fadePatience = Duration.milliseconds(400)

  private let shared: SharedControl
  private var state: UnsafeMutablePointer<ProcessState> { shared.state }
  private var session: ServerSession?
  private var connections: ConnectionKeeper
  private var nextTry: Duration = .zero
  private var pause = backOff.first
  private var lastProblem = ""
  private var seenBufferSize = 0
  private var seenSampleRate = 0
  /// Whether no other client can be opened in this process.
  private var isStranded = false

  init(_ shared: SharedControl) {
    self.shared = shared
    connections = ConnectionKeeper(shared.configuration)
  }

  /// The thread's body: returns after `isStopping` was set and the client has left the graph. No signals come to it, nor
  /// to the threads that libjack makes from it: a write to a server that was just killed then raises no SIGPIPE either.
  func run() {
    LibraryMessages.silence()
    while !shared.control.withLock({ $0.isStopping }) {
      if session == nil { openIfDue() }
      if let session { watch(session) }
      collectPlaybacks()
      sleep()
    }
    stop()
  }

  /// Sleeps until something is due, or somebody rings.
  private func sleep() {
    let now = MonotonicClock.now
    var wait = Self.longestSleep
    if session == nil, !isStranded { wait = min(wait, nextTry - now) }
    if session != nil, let look = connections.nextLook { wait = min(wait, look - now) }
    if !shared.control.withLock({ $0.table.isEmpty }) {
      wait = min(wait, session == nil ? Self.looks.absent : Self.looks.running)
    }
    var bell = pollfd(fd: shared.bell, events: Int16(POLLIN), revents: 0)
    guard poll(&bell, 1, wait.pollMilliseconds) > 0 else { return }
    var count: UInt64 = 0
    _ = read(shared.bell, &count, MemoryLayout<UInt64>.size)
  }

  private func openIfDue() {
    guard !isStranded, MonotonicClock.now >= nextTry else { return }
    switch ServerSession.open(shared.configuration, state, bell: shared.bell) {
    case .success(let session): begin(session)
    case .failure(let failure): postpone(failure)
    }
  }

  private func begin(_ session: ServerSession) {
    let rate = state.pointee.sampleRate.load(ordering: .relaxed)
    let stopped = shared.control.withLock { control in
      let stopped = control.table.takeStopped(sampleRate: rate)
      control.table.prepareToResume()
      return stopped
    }
    finish(stopped)
    guard session.activate() else {
      close(session)
      return postpone(OpeningFailure(.other, "the server did not activate the client"))
    }
    self.session = session
    seenSampleRate = rate
    seenBufferSize = state.pointee.bufferSize.load(ordering: .relaxed)
    pause = Self.backOff.first
    lastProblem = ""
    connections.begin()
    connections.update(session, changes: state.pointee.graphChanges.load(ordering: .acquiring))
    shared.control.withLock { $0.serverState = .running }
    shared.post([.connected(sampleRate: rate, bufferSize: seenBufferSize)])
  }

  private func postpone(_ failure: OpeningFailure) {
    nextTry = MonotonicClock.now + pause
    pause = min(pause * 2, failure.reason == .nameTaken ? Self.backOff.nameTaken : Self.backOff.last)
    if failure.description != lastProblem, !isStranded { shared.post([.unreachable(failure.description)]) }
    lastProblem = failure.description
  }

  /// Closes a session, or counts a client that cannot be closed and is left behind.
  private func close(_ session: ServerSession) {
    let closing = session.close()
    if closing == .complete { return }
    // The callbacks of a client that is left behind may come for as long as the process lives.
    if shared.abandonedClients.load(ordering: .relaxed) == 0 { _ = Unmanaged.passRetained(shared) }
    let count = shared.abandonedClients.wrappingAdd(1, ordering: .relaxed).newValue
    guard closing == .stuck || count >= Self.abandonLimit else { return }
    isStranded = true
    shared.post([
      .stranded("\(count) clients that PipeWire threw out stay in this process, which has to be started again to play")
    ])
  }

  private func watch(_ session: ServerSession) {
    if state.pointee.isServerLost.load(ordering: .acquiring) {
      connections.end()
      shared.control.withLock { $0.serverState = .absent }
      shared.post([.disconnected])
      self.session = nil
      nextTry = .zero
      return close(session)
    }
    connections.update(session, changes: state.pointee.graphChanges.load(ordering: .acquiring))
    let bufferSize = state.pointee.bufferSize.load(ordering: .relaxed)
    if bufferSize != seenBufferSize {
      seenBufferSize = bufferSize
      shared.post([.bufferSizeChanged(bufferSize)])
    }
    let sampleRate = state.pointee.sampleRate.load(ordering: .relaxed)
    if sampleRate != seenSampleRate {
      seenSampleRate = sampleRate
      session.adopt(sampleRate: sampleRate)
      shared.control.withLock { $0.table.endAll(exceptRate: sampleRate) }
      shared.post([.sampleRateChanged(sampleRate)])
    }
  }

  private func collectPlaybacks() {
    let isRunning = session != nil
    finish(
      shared.control.withLock { control in
        control.table.takeFinished() + (isRunning ? [] : control.table.takeStopped(sampleRate: 0))
      })
  }

  private func finish(_ playbacks: [(Playback, UInt8)]) {
    shared.post(playbacks.map { playback, ending in .finished(playback, playback.close(ending)) })
  }

  private func stop() {
    state.pointee.isStopping.store(true, ordering: .relaxed)
    shared.control.withLock { $0.table.endAll(exceptRate: nil) }
    let deadline = MonotonicClock.now + Self.fadePatience
    while session != nil && !state.pointee.isServerLost.load(ordering: .acquiring)
      && MonotonicClock.now < deadline && !shared.control.withLock({ $0.table.isEmpty })
    {
      collectPlaybacks()
      MonotonicClock.sleep(until: MonotonicClock.now + Self.looks.running)
    }
    if let session { close(session) }
    session = nil
    collectPlaybacks()
    shared.control.withLock { $0.serverState = .stopped }
  }
}
