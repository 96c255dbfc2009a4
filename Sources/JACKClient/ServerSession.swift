import Cjack
import Glibc
import Synchronization

/// One stay in one server's graph, from the opening of the client to its closing. Supervisor thread only.
final class ServerSession {
  let client: OpaquePointer
  /// Own ports by their place: the outputs in order, then the cues' input.
  let ports: [OpaquePointer]
  private let state: UnsafeMutablePointer<ProcessState>

  /// Opens the client under exactly its name and registers callbacks and ports; the callback does not run yet.
  /// Returns a line that says why it cannot be, on failure.
  static func open(
    _ configuration: JACKConfiguration, _ state: UnsafeMutablePointer<ProcessState>
  ) -> Result<ServerSession, JACKClientError> {
    var status = JackStatus(0)
    var opened: OpaquePointer?
    // Before the callbacks are set: a server that dies from here on is noticed.
    state.pointee.isServerLost.store(false, ordering: .relaxed)
    state.pointee.isFreewheeling.store(false, ordering: .relaxed)
    let options = jack_options_t(JackNoStartServer.rawValue | JackUseExactName.rawValue)
    let message = LibraryMessages.lastError {
      opened = withOptionalCString(configuration.serverName) {
        cjack_client_open(configuration.clientName, options, &status, $0)
      }
    }
    guard let client = opened else {
      let nameIsTaken = status.rawValue & JackNameNotUnique.rawValue != 0
      let reason =
        nameIsTaken ? "the server has a client \"\(configuration.clientName)\" already" : "no server: \(message)"
      return .failure(.system(reason))
    }
    setCallbacks(client, state)
    let outputs = configuration.ports.map { port in
      jack_port_register(client, port.name, cjack_audio_type(), UInt(JackPortIsOutput.rawValue), 0)
    }
    let cue = jack_port_register(
      client, configuration.cuePort.name, cjack_midi_type(), UInt(JackPortIsInput.rawValue), 0)
    let ports = (outputs + [cue]).compactMap { $0 }
    guard ports.count == outputs.count + 1 else {
      jack_client_close(client)
      return .failure(.system("the server did not register all ports"))
    }
    let session = ServerSession(client, ports, state)
    session.describePorts(configuration)
    return .success(session)
  }

  private init(_ client: OpaquePointer, _ ports: [OpaquePointer], _ state: UnsafeMutablePointer<ProcessState>) {
    self.client = client
    self.ports = ports
    self.state = state
    for index in 0..<state.pointee.portCount { state.pointee.ports[index] = ports[index] }
    state.pointee.cuePort = ports.last
    adopt(sampleRate: Int(jack_get_sample_rate(client)))
    state.pointee.bufferSize.store(Int(jack_get_buffer_size(client)), ordering: .relaxed)
  }

  /// Lets the process callback run.
  func activate() -> Bool { jack_activate(client) == 0 }

  /// Leaves the graph. After a lost server this only frees what the library holds.
  func close() {
    if !state.pointee.isServerLost.load(ordering: .relaxed) {
      jack_deactivate(client)
      for port in ports { jack_remove_properties(client, jack_port_uuid(port)) }
    }
    jack_client_close(client)
    for index in 0..<state.pointee.portCount {
      state.pointee.ports[index] = nil
      state.pointee.outputs[index] = nil
    }
    state.pointee.cuePort = nil
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

/// Every callback gets the process state and nothing else: it stores and counts, the supervisor acts.
private func setCallbacks(_ client: OpaquePointer, _ state: UnsafeMutablePointer<ProcessState>) {
  jack_set_process_callback(
    client,
    { frames, context in
      if let state = context?.assumingMemoryBound(to: ProcessState.self) { runCycle(state, frames: frames) }
      return 0
    }, state)
  jack_on_shutdown(
    client,
    { context in
      context?.assumingMemoryBound(to: ProcessState.self).pointee.isServerLost.store(true, ordering: .releasing)
    }, state)
  jack_set_xrun_callback(
    client,
    { context in
      context?.assumingMemoryBound(to: ProcessState.self).pointee.xruns.wrappingAdd(1, ordering: .relaxed)
      return 0
    }, state)
  jack_set_freewheel_callback(
    client,
    { starting, context in
      context?.assumingMemoryBound(to: ProcessState.self).pointee.isFreewheeling
        .store(starting != 0, ordering: .relaxed)
    }, state)
  jack_set_buffer_size_callback(
    client,
    { frames, context in
      context?.assumingMemoryBound(to: ProcessState.self).pointee.bufferSize.store(Int(frames), ordering: .relaxed)
      return 0
    }, state)
  jack_set_sample_rate_callback(
    client,
    { rate, context in
      context?.assumingMemoryBound(to: ProcessState.self).pointee.sampleRate.store(Int(rate), ordering: .relaxed)
      return 0
    }, state)
  jack_set_port_connect_callback(
    client, { _, _, _, context in countGraphChange(context) }, state)
  jack_set_port_registration_callback(client, { _, _, context in countGraphChange(context) }, state)
  jack_set_latency_callback(client, { mode, context in reportLatency(mode, context) }, state)
}

private func countGraphChange(_ context: UnsafeMutableRawPointer?) {
  context?.assumingMemoryBound(to: ProcessState.self).pointee.graphChanges.wrappingAdd(1, ordering: .releasing)
}

/// A cue that arrives sounds within its cycle, so the client adds no latency: the outputs take over the cue port's
/// capture latency, the cue port the widest playback latency of the outputs. JACK's notification thread.
private func reportLatency(_ mode: jack_latency_callback_mode_t, _ context: UnsafeMutableRawPointer?) {
  guard let state = context?.assumingMemoryBound(to: ProcessState.self), let cue = state.pointee.cuePort else { return }
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
