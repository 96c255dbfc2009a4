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
  /// Readable as long as events wait; -1 if the system gave none.
  let eventDescriptor: Int32

  init(_ configuration: JACKConfiguration, eventDescriptor: Int32) {
    self.configuration = configuration
    self.eventDescriptor = eventDescriptor
    state = .allocate(capacity: 1)
    state.initialize(
      to: ProcessState(portCount: configuration.ports.count, slotCount: configuration.playbackLimit))
    state.pointee.measuresProcessorTime = configuration.measuresProcessorTime
    control = Mutex(Control(table: PlaybackTable(state)))
  }

  deinit {
    Glibc.close(eventDescriptor)
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

  func post(_ events: [JACKEvent]) {
    guard !events.isEmpty else { return }
    control.withLock { control in
      control.events += events
      if control.events.count > Self.eventLimit {
        control.events.removeAll { if case .finished = $0 { false } else { true } }
      }
    }
    var one: UInt64 = 1
    _ = Glibc.write(eventDescriptor, &one, MemoryLayout<UInt64>.size)
  }
}

/// The thread that opens the client, watches it, and opens it again after the server went away. Everything that the
/// callbacks only count or flag is done here.
final class Supervisor: @unchecked Sendable {
  /// Looks at the flags this often.
  private static let interval = Duration.milliseconds(5)
  /// Between two tries to open the client: from the first number, doubling, to the second.
  private static let backOff: (first: Duration, last: Duration) = (.milliseconds(20), .milliseconds(200))
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
      MonotonicClock.sleep(until: MonotonicClock.now + Self.interval)
    }
    stop()
  }

  private func openIfDue() {
    guard MonotonicClock.now >= nextTry else { return }
    switch ServerSession.open(shared.configuration, state) {
    case .success(let session): begin(session)
    case .failure(let problem): postpone(problem.description)
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
      session.close()
      return postpone("the server did not activate the client")
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

  private func postpone(_ problem: String) {
    nextTry = MonotonicClock.now + pause
    pause = min(pause * 2, Self.backOff.last)
    if problem != lastProblem { shared.post([.unreachable(problem)]) }
    lastProblem = problem
  }

  private func watch(_ session: ServerSession) {
    if state.pointee.isServerLost.load(ordering: .acquiring) {
      connections.end()
      session.close()
      self.session = nil
      nextTry = .zero
      shared.control.withLock { $0.serverState = .absent }
      return shared.post([.disconnected])
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
      MonotonicClock.sleep(until: MonotonicClock.now + Self.interval)
    }
    session?.close()
    session = nil
    collectPlaybacks()
    shared.control.withLock { $0.serverState = .stopped }
  }
}
