import AudioRing
import ControlProtocol
import JACKClient

/// Where requests sound. Every function is called by the control thread, and none but `stop` waits for a sound
/// server.
protocol AudioOutput: AnyObject {
  /// How it is doing.
  var status: OutputStatus { get }
  /// Hz that a ring's samples have to have; nil before it is known.
  var sampleRate: Int? { get }
  /// Readable when something happened that is to be looked at; negative if there is none.
  var eventDescriptor: Int32 { get }
  /// What happened since the last call.
  func takeEvents() -> [JACKEvent]
  /// Plays a ring on a port; see `JACKClient.attach`.
  func play(_ ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int) throws(JACKClientError) -> any Sound
  /// Fades out what plays, within 10 ms, and leaves; gives up after half a second if the sound server hangs.
  func stop()
}

/// One request that sounds on an output.
protocol Sound: AnyObject {
  /// How it ended; nil before.
  var ending: Playback.Ending? { get }
  /// Frames played so far.
  var playedFrames: Int { get }
  /// Times that it ran dry after its start.
  var underruns: Int { get }
  /// Fades it out.
  func cancel()
  /// Changes its gain.
  func setGain(_ gain: Float)
  /// Changes how many frames must lie ready before it starts or goes on after an underrun.
  func setGate(_ frames: Int)
}

extension Playback: Sound {
  var ending: Ending? { if case .finished(let ending) = status { ending } else { nil } }
}
