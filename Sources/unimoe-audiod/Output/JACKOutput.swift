import AudioRing
import ControlProtocol
import JACKClient

/// JACK ports as an output.
final class JACKOutput: AudioOutput {
  private let client: JACKClient

  init(_ configuration: JACKConfiguration) throws(DaemonFailure) {
    do throws(JACKClientError) {
      client = try JACKClient(configuration)
    } catch {
      throw DaemonFailure(.system, error.description)
    }
  }

  var status: OutputStatus {
    var status = OutputStatus(
      kind: "jack", isRunning: client.serverState == .running, sampleRate: client.sampleRate,
      bufferSize: client.bufferSize)
    let statistics = client.statistics
    status.isFreewheeling = client.isFreewheeling
    status.xruns = statistics.xruns
    status.lateCycles = statistics.lateCycles
    status.underruns = statistics.underruns
    status.missingFrames = statistics.missingFrames
    status.freewheelTimeouts = statistics.freewheelTimeouts
    status.longestCycleMicroseconds = statistics.longestCycleMicroseconds
    return status
  }

  var sampleRate: Int? { client.sampleRate }
  var eventDescriptor: Int32 { client.eventDescriptor }

  func takeEvents() -> [JACKEvent] { client.takeEvents() }

  func play(
    _ ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int
  ) throws(JACKClientError) -> any Sound {
    try client.attach(ring, port: port, sampleRate: sampleRate, gain: gain, gate: gate)
  }

  func stop() { client.stop(within: .milliseconds(500)) }
}
