import AudioRing
import Cjack
import Glibc
import Posix
import Synchronization

/// The program's place in JACK's graph: mono output ports on which requests play, and a MIDI input for cues.
///
/// One client for life: it comes when a server is there, comes back under the same names and with the same connections
/// after the server was lost, and starts no server. Playbacks outlive a lost server and go on where they were cut.
///
/// Under PipeWire's libjack each loss leaves a client behind (`abandonedClients`), and after 32 the client does not come
/// back: `.stranded`.
///
/// Every function may be called by any thread except the audio thread, and none waits for the server. The process
/// callback sees `AudioRing`s and nothing else.
public final class JACKClient: Sendable {
  /// A ring has to hold at least this many samples: the longest cycle that JACK servers use.
  public static let minimumRingCapacity = 8192

  private let shared: SharedControl
  /// Whether `stop` was called.
  private let isStopped = Mutex(false)

  /// Creates the client and starts to look for its server.
  /// - Throws: `.configuration` if names or limits are out of range, `.system` if there is no thread or descriptor.
  public init(_ configuration: JACKConfiguration) throws(JACKClientError) {
    try Self.check(configuration)
    let descriptors = (cjack_event_descriptor(), cjack_event_descriptor())
    guard descriptors.0 >= 0, descriptors.1 >= 0 else {
      let problem = errno
      close(descriptors.0)
      close(descriptors.1)
      throw .system("no event descriptor: errno \(problem)")
    }
    shared = SharedControl(configuration, eventDescriptor: descriptors.0, bell: descriptors.1)
    let supervisor = Supervisor(shared)
    do throws(SystemError) {
      try startThread("unimoe-jack", { supervisor.run() }, last: { [ended = shared.ended] in ended.open() })
    } catch {
      throw .system("no thread: \(error)")
    }
  }

  deinit { stop() }

  /// Fades out what plays (5 ms), leaves the graph and ends the client's thread; returns when that is done, or after
  /// `limit`. Can be repeated.
  ///
  /// A server that is alive but does not answer cannot be left in time, because libjack waits for it without end. Then
  /// this function gives up: every playback is over as `.cancelled` and its ring is cancelled, but the client's thread
  /// with libjack's client, their shared memory and the playbacks' rings stay in the process, until the server answers
  /// or goes away, else to the process's end.
  /// - Returns: whether the client left the graph.
  @discardableResult
  public func stop(within limit: Duration = .seconds(1)) -> Bool {
    shared.control.withLock { $0.isStopping = true }
    shared.state.pointee.isStopping.store(true, ordering: .relaxed)
    shared.wakeSupervisor()
    let hasLeft = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return isStopped || shared.ended.wait(until: MonotonicClock.now + limit)
    }
    if !hasLeft { shared.abandon() }
    return hasLeft
  }

  /// Plays a ring's samples on a port from the next cycle on, or from when `gate` frames lie ready in it; other
  /// playbacks on the port are mixed with it. Works without a server: the playback then starts when one comes.
  ///
  /// The playback is over when the ring's end (`AudioRing.finish`) was played, or by cancelling it or the ring.
  /// While the server freewheels the callback waits for the ring's samples, up to 5 s a cycle, whatever the gate says.
  /// - Parameters:
  ///   - ring: samples at the server's rate; the client becomes its consumer.
  ///   - port: index into the configuration's ports.
  ///   - sampleRate: the rate of the samples in Hz.
  ///   - gain: linear, 0 and up.
  ///   - gate: frames that must lie ready before the first one is played and after an underrun; the ring's end opens
  ///     the gate too.
  ///   - hold: what the playback waits for; others on the port sound meanwhile.
  /// - Throws: `.noSuchPort`, `.ringTooSmall`, `.wrongSampleRate` if a server was seen and has another rate,
  ///   `.tooManyPlaybacks`, `.stopped`.
  public func attach(
    _ ring: AudioRing, port: Int, sampleRate: Int, gain: Float = 1, gate: Int = 0, hold: Playback.Hold? = nil
  ) throws(JACKClientError) -> Playback {
    let ports = shared.configuration.ports.count
    guard ports > port, port >= 0 else { throw .noSuchPort(index: port, count: ports) }
    guard ring.capacity >= Self.minimumRingCapacity else {
      throw .ringTooSmall(capacity: ring.capacity, minimum: Self.minimumRingCapacity)
    }
    let playback = Playback(ring: ring, port: port, sampleRate: sampleRate, gain: gain, gate: max(gate, 0), hold: hold)
    playback.setGain(gain)
    let refusal: JACKClientError? = shared.control.withLock { control in
      if control.isStopping { return .stopped }
      let rate = shared.state.pointee.sampleRate.load(ordering: .relaxed)
      if rate != 0 && rate != sampleRate { return .wrongSampleRate(found: sampleRate, server: rate) }
      return control.table.insert(playback) ? nil : .tooManyPlaybacks(limit: shared.configuration.playbackLimit)
    }
    if let refusal { throw refusal }
    shared.wakeSupervisor()
    return playback
  }

  /// Changes how the ports that duck no others give way to those that do; at first they do not.
  public func setDucking(_ ducking: Ducking) { shared.state.pointee.ducking.set(ducking) }

  /// Tells whether something will be attached soon that is not yet. While the server freewheels and nothing plays, the
  /// callback waits for it, up to 5 s a cycle, so that an export has no gap where a next playback is being made. At first
  /// nothing is expected.
  public func setPlaybackExpected(_ isExpected: Bool) {
    shared.state.pointee.isPlaybackExpected.store(isExpected, ordering: .releasing)
  }

  /// A descriptor to poll for reading: readable once events wait. Owned by the client; read it through `takeEvents`.
  public var eventDescriptor: Int32 { shared.eventDescriptor }

  /// What happened since the last call, oldest first; makes `eventDescriptor` unreadable again.
  public func takeEvents() -> [JACKEvent] {
    var count: UInt64 = 0
    _ = Glibc.read(shared.eventDescriptor, &count, MemoryLayout<UInt64>.size)
    return shared.control.withLock { control in
      let events = control.events
      control.events = []
      return events
    }
  }

  /// Where the client stands.
  public var serverState: JACKServerState { shared.control.withLock { $0.serverState } }

  /// The server's rate in Hz: of the last server while there is none, nil before the first.
  public var sampleRate: Int? { Self.known(shared.state.pointee.sampleRate.load(ordering: .relaxed)) }

  /// The server's buffer size in frames: of the last server while there is none, nil before the first.
  public var bufferSize: Int? { Self.known(shared.state.pointee.bufferSize.load(ordering: .relaxed)) }

  /// Whether the server runs as fast as its clients, for an export.
  public var isFreewheeling: Bool { shared.state.pointee.isFreewheeling.load(ordering: .relaxed) }

  /// Clients that PipeWire threw out and that stay in the process, because its library cannot close them.
  public var abandonedClients: Int { shared.abandonedClients.load(ordering: .relaxed) }

  /// What the callback counted.
  public var statistics: JACKStatistics { JACKStatistics(shared.state) }

  /// Sleeps until the client runs in a server's graph; returns false if it does not within `timeout`.
  public func waitUntilRunning(timeout: Duration) -> Bool {
    let deadline = MonotonicClock.now + timeout
    while serverState != .running {
      if serverState == .stopped || MonotonicClock.now >= deadline { return false }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(2))
    }
    return true
  }

  private static func known(_ value: Int) -> Int? { value == 0 ? nil : value }

  /// Throws `.configuration` if names or limits are out of range.
  public static func check(_ configuration: JACKConfiguration) throws(JACKClientError) {
    let nameLimit = JACKLibrary.longestClientName
    // Both sizes count the closing zero.
    let portLimit = Int(jack_port_name_size()) - Int(jack_client_name_size()) - 1
    let name = configuration.clientName
    guard !name.isEmpty, name.utf8.count <= nameLimit, !name.utf8.contains(UInt8(ascii: ":")) else {
      throw .configuration("client name: expected 1 to \(nameLimit) bytes without \":\", found \"\(name)\"")
    }
    guard (1...64).contains(configuration.ports.count) else {
      throw .configuration("ports: expected 1 to 64, found \(configuration.ports.count)")
    }
    guard (1...1024).contains(configuration.playbackLimit) else {
      throw .configuration("playback limit: expected 1 to 1024, found \(configuration.playbackLimit)")
    }
    let names = configuration.ports.map(\.name) + [configuration.cuePort.name]
    for name in names where name.isEmpty || name.utf8.count > portLimit || name.utf8.contains(UInt8(ascii: ":")) {
      throw .configuration("port name: expected 1 to \(portLimit) bytes without \":\", found \"\(name)\"")
    }
    guard Set(names).count == names.count else { throw .configuration("port names: expected each name once") }
    for connection in configuration.connections {
      guard configuration.ports.contains(where: { $0.name == connection.port }) else {
        throw .configuration("connection: expected one of the output ports, found \"\(connection.port)\"")
      }
      guard isPattern(connection.pattern) else {
        throw .configuration("connection: expected a regular expression, found \"\(connection.pattern)\"")
      }
    }
  }

  private static func isPattern(_ pattern: String) -> Bool {
    var compiled = regex_t()
    guard regcomp(&compiled, "^(\(pattern))$", REG_EXTENDED | REG_NOSUB) == 0 else { return false }
    regfree(&compiled)
    return true
  }
}
