import Cjack
import Glibc
import Synchronization

/// One stay in one server's graph, from the opening of the client to its closing. Supervisor thread only.
final class ServerSession {
  /// How long a running cycle may take to end after the server was lost.
  private static let cyclePatience = Duration.seconds(1)

  let client: OpaquePointer
  /// Own ports by their place: the outputs in order, then the cues' input.
  let ports: [OpaquePointer]
  private let state: UnsafeMutablePointer<ProcessState>
  /// Freed with the client, so never where that is left behind.
  private let context: UnsafeMutablePointer<CallbackContext>

  /// How a session ended.
  enum Closing {
    /// Nothing of it is left.
    case complete
    /// The client stays in the process, and nothing uses it any more.
    case leftBehind
    /// The client stays in the process, and its callback may still use what the next session would.
    case stuck
  }

  /// Opens the client under exactly its name and registers callbacks and ports; the callback does not run yet. `bell` is
  /// an event descriptor that is written to when something is to be looked at.
  static func open(
    _ configuration: JACKConfiguration, _ state: UnsafeMutablePointer<ProcessState>, bell: Int32
  ) -> Result<ServerSession, OpeningFailure> {
    var status = JackStatus(0)
    var opened: OpaquePointer?
    // Before the callbacks are set: a server that dies from here on is noticed.
    state.pointee.isServerLost.store(false, ordering: .relaxed)
    state.pointee.isFreewheeling.store(false, ordering: .relaxed)
    let options = jack_options_t(JackNoStartServer.rawValue | JackUseExactName.rawValue)
    let messages = LibraryMessages.errors {
      opened = withOptionalCString(configuration.serverName) {
        cjack_client_open(configuration.clientName, options, &status, $0)
      }
    }
    let name = configuration.clientName
    guard let client = opened else {
      return .failure(
        OpeningFailure(status: status, messages: messages, client: name, server: configuration.serverName))
    }
    // PipeWire takes any number of clients of one name, and shows the later ones to others under names of its own.
    guard !JACKLibrary.isPipeWire || !hasPorts(of: name, client) else {
      jack_client_close(client)
      return .failure(.nameTaken(name))
    }
    let context = UnsafeMutablePointer<CallbackContext>.allocate(capacity: 1)
    context.initialize(to: CallbackContext(state, bell: bell))
    setCallbacks(client, context)
    let outputs = configuration.ports.map { port in
      jack_port_register(client, port.name, cjack_audio_type(), UInt(JackPortIsOutput.rawValue), 0)
    }
    let cue = jack_port_register(
      client, configuration.cuePort.name, cjack_midi_type(), UInt(JackPortIsInput.rawValue), 0)
    let ports = (outputs + [cue]).compactMap { $0 }
    let session = ServerSession(client, ports, state, context)
    guard ports.count == outputs.count + 1 else {
      _ = session.close()
      return .failure(OpeningFailure(.other, "the server did not register all ports"))
    }
    session.describePorts(configuration)
    return .success(session)
  }

  private init(
    _ client: OpaquePointer, _ ports: [OpaquePointer], _ state: UnsafeMutablePointer<ProcessState>,
    _ context: UnsafeMutablePointer<CallbackContext>
  ) {
    self.client = client
    self.ports = ports
    self.state = state
    self.context = context
    for (index, port) in ports.prefix(state.pointee.portCount).enumerated() { state.pointee.ports[index] = port }
    (state.pointee.client, state.pointee.cuePort) = (client, ports.last)
    adopt(sampleRate: Int(jack_get_sample_rate(client)))
    state.pointee.bufferSize.store(Int(jack_get_buffer_size(client)), ordering: .relaxed)
  }

  /// Whether the graph has ports of a client of this name.
  private static func hasPorts(of name: String, _ client: OpaquePointer) -> Bool {
    guard let ports = jack_get_ports(client, nil, nil, 0) else { return false }
    defer { jack_free(ports) }
    var index = 0
    while let port = ports[index] {
      if String(cString: port).hasPrefix(name + ":") { return true }
      index += 1
    }
    return false
  }

  /// Lets the process callback run.
  func activate() -> Bool { jack_activate(client) == 0 }

  /// Leaves the graph. After a lost server this only frees what the library holds; PipeWire's library holds it for good,
  /// because closing a client that was thrown out crashes there.
  func close() -> Closing {
    let isLost = state.pointee.isServerLost.load(ordering: .acquiring)
    if isLost && JACKLibrary.isPipeWire {
      guard context.pointee.detach(patience: Self.cyclePatience) else { return .stuck }
      clearPorts()
      return .leftBehind
    }
    if !isLost {
      jack_deactivate(client)
      for port in ports { jack_remove_properties(client, jack_port_uuid(port)) }
    }
    jack_client_close(client)
    clearPorts()
    context.deinitialize(count: 1)
    context.deallocate()
    return .complete
  }

  private func clearPorts() {
    for index in 0..<state.pointee.portCount {
      state.pointee.ports[index] = nil
      state.pointee.outputs[index] = nil
    }
    (state.pointee.client, state.pointee.cuePort) = (nil, nil)
  }

  func adopt(sampleRate: Int) {
    state.pointee.sampleRate.store(sampleRate, ordering: .relaxed)
    state.pointee.rampFrames.store(max(sampleRate / 200, 1), ordering: .relaxed)
  }

  private func describePorts(_ configuration: JACKConfiguration) {
    for (order, (port, described)) in zip(ports, configuration.ports + [configuration.cuePort]).enumerated() {
      let subject = jack_port_uuid(port)
      if !described.prettyName.isEmpty {
        jack_set_property(client, subject, cjack_pretty_name_key(), described.prettyName, "text/plain")
      }
      jack_set_property(
        client, subject, cjack_order_key(), String(order), "http://www.w3.org/2001/XMLSchema#integer")
    }
  }
}

private func withOptionalCString<T>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> T) -> T {
  guard let text else { return body(nil) }
  return text.withCString(body)
}

/// Every callback gets the session's context and nothing else: it stores and counts, the supervisor acts.
private func setCallbacks(_ client: OpaquePointer, _ context: UnsafeMutablePointer<CallbackContext>) {
  jack_set_process_callback(
    client,
    { frames, context in
      context?.assumingMemoryBound(to: CallbackContext.self).pointee.run(frames: frames)
      return 0
    }, context)
  jack_on_shutdown(client, { context in note(context) { $0.isServerLost.store(true, ordering: .releasing) } }, context)
  jack_set_xrun_callback(
    client,
    { context in
      let state = context?.assumingMemoryBound(to: CallbackContext.self).pointee.current
      state?.pointee.xruns.wrappingAdd(1, ordering: .relaxed)
      return 0
    }, context)
  jack_set_freewheel_callback(
    client,
    { starting, context in note(context) { $0.isFreewheeling.store(starting != 0, ordering: .relaxed) } }, context)
  jack_set_buffer_size_callback(
    client,
    { frames, context in
      note(context) { $0.bufferSize.store(Int(frames), ordering: .relaxed) }
      return 0
    }, context)
  jack_set_sample_rate_callback(
    client,
    { rate, context in
      note(context) { $0.sampleRate.store(Int(rate), ordering: .relaxed) }
      return 0
    }, context)
  jack_set_port_connect_callback(client, { _, _, _, context in noteGraphChange(context) }, context)
  jack_set_port_registration_callback(client, { _, _, context in noteGraphChange(context) }, context)
  jack_set_latency_callback(
    client,
    { mode, context in
      if let state = context?.assumingMemoryBound(to: CallbackContext.self).pointee.current {
        reportLatency(mode, state)
      }
    }, context)
}

/// Stores something for the supervisor and wakes it, unless the session is over. JACK's notification thread.
private func note(_ context: UnsafeMutableRawPointer?, _ store: (borrowing ProcessState) -> Void) {
  guard let context = context?.assumingMemoryBound(to: CallbackContext.self), let state = context.pointee.current else {
    return
  }
  store(state.pointee)
  context.pointee.ring()
}

private func noteGraphChange(_ context: UnsafeMutableRawPointer?) {
  note(context) { $0.graphChanges.wrappingAdd(1, ordering: .releasing) }
}

/// A cue that arrives sounds within its cycle, so the client adds no latency: the outputs take over the cue port's
/// capture latency, the cue port the widest playback latency of the outputs. JACK's notification thread.
private func reportLatency(_ mode: jack_latency_callback_mode_t, _ state: UnsafeMutablePointer<ProcessState>) {
  guard let cue = state.pointee.cuePort else { return }
  var range = jack_latency_range_t(min: 0, max: 0)
  let outputs = (0..<state.pointee.portCount).compactMap { state.pointee.ports[$0] }
  if mode == JackCaptureLatency {
    jack_port_get_latency_range(cue, mode, &range)
    for output in outputs { jack_port_set_latency_range(output, mode, &range) }
  } else {
    var widest: jack_latency_range_t?
    for output in outputs where jack_port_connected(output) > 0 {
      jack_port_get_latency_range(output, mode, &range)
      widest = jack_latency_range_t(
        min: min(widest?.min ?? range.min, range.min), max: max(widest?.max ?? 0, range.max))
    }
    range = widest ?? jack_latency_range_t(min: 0, max: 0)
    jack_port_set_latency_range(cue, mode, &range)
  }
}
