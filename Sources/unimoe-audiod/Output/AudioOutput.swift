import AudioRing
import ControlProtocol

/// Where requests sound. Every function is called by the control thread, and none but `stop` waits for a sound
/// server.
protocol AudioOutput: AnyObject {
  /// How it is doing.
  var status: OutputStatus { get }
  /// Hz that a ring's samples have to have; nil before it is known.
  var sampleRate: Int? { get }
  /// Readable when something happened that is to be looked at; negative if there is none.
  var eventDescriptor: Int32 { get }
  /// What happened since the last call, the oldest first.
  func takeEvents() -> [OutputEvent]
  /// Plays a ring on a port from when `gate` frames lie ready in it; others that play there are mixed with it.
  ///
  /// - Parameters:
  ///   - ring: mono samples; the output becomes their consumer.
  ///   - port: index of the port.
  ///   - sampleRate: the rate of the samples in Hz.
  ///   - gain: linear, 0 and up.
  ///   - hold: what it waits for, if it is held.
  func play(
    _ ring: AudioRing, port: Int, sampleRate: Int, gain: Float, gate: Int, hold: SoundHold?
  ) throws(OutputRefusal) -> any Sound
  /// Tells whether something will be played soon that is not yet: a sound server that freewheels waits for it.
  func setSoundExpected(_ isExpected: Bool)
  /// Changes how music gives way to speech: the linear gain that it has meanwhile, and the seconds until it has it and
  /// until it is back.
  func setDucking(gain: Double, attack: Double, release: Double)
  /// Fades out what plays, within 10 ms, and leaves; gives up after half a second if the sound server hangs.
  func stop()
}

/// What happened to an output.
enum OutputEvent: Equatable {
  /// It plays: the first time or again.
  case connected(sampleRate: Int, bufferSize: Int)
  /// Its sound server went away; it tries to come back.
  case disconnected
  /// A try to come back failed, for another reason than the one before.
  case unreachable(String)
  /// It plays no more in this process.
  case lost(String)
  /// Frames of a period from now on.
  case bufferSizeChanged(Int)
  /// Hz from now on; sounds of another rate end with `.rateChanged`.
  case sampleRateChanged(Int)
  /// A sound is over.
  case soundEnded
}

/// Why an output does not play a ring.
enum OutputRefusal: Error, Equatable {
  /// Its samples have another rate than the output.
  case wrongSampleRate
  /// As much plays as can.
  case full
  /// For another reason: one line.
  case failed(String)
}

/// What a sound waits for.
struct SoundHold: Equatable {
  /// The MIDI note of the cue port that fires it.
  var note: Int?
  /// The transport's frame that does.
  var transportFrame: Int?
  /// If it was fired before: how many frames ago.
  var firedFrames: Int?
}

/// Why a sound is over.
enum SoundEnding: Equatable {
  /// All of it was played.
  case complete
  /// It was cancelled, or the output was stopped. Its ring is cancelled.
  case cancelled
  /// The output has another sample rate now. The rest lies in its ring, which nobody reads any more.
  case rateChanged
}

/// One request that sounds on an output.
protocol Sound: AnyObject {
  /// How it ended; nil before.
  var ending: SoundEnding? { get }
  /// Frames played so far.
  var playedFrames: Int { get }
  /// Times that it ran dry after its start.
  var underruns: Int { get }
  /// Whether it is silent until it is fired.
  var isHeld: Bool { get }
  /// Frames between its cue and its first sample; nil before that, and of one that was never held.
  var lateFrames: Int? { get }
  /// Fires it.
  func fire()
  /// Fades it out.
  func cancel()
  /// Changes its gain, within some seconds.
  func setGain(_ gain: Float, over seconds: Double)
  /// Pauses it, or lets it go on.
  func setPaused(_ isPaused: Bool)
  /// Changes how many frames must lie ready before it starts or resumes after an underrun.
  func setGate(_ frames: Int)
}
