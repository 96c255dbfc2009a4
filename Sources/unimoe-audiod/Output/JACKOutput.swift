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
    status.abandonedClients = client.abandonedClients
    status.longestCycleMicroseconds = statistics.longestCycleMicroseconds
    return status
  }

  var sampleRate: Int? { client.sampleRate }
  var eventDescriptor: Int32 { client.eventDescriptor }

  func takeEvents() -> [OutputEvent] { client.takeEvents().map(OutputEvent.init) }

  func play(
    _ ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int, hold: SoundHold?
  ) throws(OutputRefusal) -> any Sound {
    do throws(JACKClientError) {
      return try client.attach(
        ring, port: port, sampleRate: sampleRate, gain: gain, gate: gate, hold: hold.map(Playback.Hold.init))
    } catch {
      switch error {
      case .wrongSampleRate: throw .wrongSampleRate
      case .tooManyPlaybacks: throw .full
      default: throw .failed(error.description)
      }
    }
  }

  func setSoundExpected(_ isExpected: Bool) { client.setPlaybackExpected(isExpected) }

  func setDucking(gain: Double, attack: Double, release: Double) {
    client.setDucking(Ducking(gain: Float(gain), attack: attack, release: release))
  }

  func stop() { client.stop(within: .milliseconds(500)) }
}

extension OutputEvent {
  /// What an event of JACK is to the daemon.
  init(_ event: JACKEvent) {
    self =
      switch event {
      case .connected(let rate, let size): .connected(sampleRate: rate, bufferSize: size)
      case .disconnected: .disconnected
      case .unreachable(let problem): .unreachable(problem)
      case .stranded(let problem): .lost(problem)
      case .bufferSizeChanged(let size): .bufferSizeChanged(size)
      case .sampleRateChanged(let rate): .sampleRateChanged(rate)
      case .finished: .soundEnded
      }
  }
}

extension Playback: Sound {
  func setGain(_ gain: Float, over seconds: Double) { setGain(gain, over: Int(seconds * Double(sampleRate))) }

  var ending: SoundEnding? {
    guard case .finished(let ending) = status else { return nil }
    return switch ending {
    case .complete: .complete
    case .cancelled: .cancelled
    case .rateChanged: .rateChanged
    }
  }
}

extension Playback.Hold {
  /// What a sound waits for, as JACK's client has it.
  init(_ hold: SoundHold) {
    self.init(Cue(note: hold.note, transportFrame: hold.transportFrame), firedFrames: hold.firedFrames)
  }
}
