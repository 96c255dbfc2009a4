import ControlProtocol
import LiveStream
import UniMoEAudio

/// What the daemon wants of an engine. Thread: any but the control thread, as each function may take its time: it reads
/// files, takes a text apart, gets memory.
protocol SoundModel: Sendable {
  /// The engine's request for a command. Throws what is wrong with it.
  func request(_ command: ControlCommand, options: RequestOptions) throws(ControlFailure) -> Request
  /// Starts to make a request, and returns without waiting for its sound.
  func start(
    _ request: Request, options: LiveStream.Options, schedule: StreamSchedule
  ) throws(ControlFailure) -> LiveStream
  /// All voices, broken ones with the reason.
  func voices() throws(ControlFailure) -> [VoiceInfo]
}
