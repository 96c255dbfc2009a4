import DaemonConfiguration
import Posix

/// What the configuration says about requests; may change while they run.
struct RequestLimits {
  /// Requests that wait.
  var waiting: Int
  /// Requests that are generated at once.
  var generating: Int
  /// Requests that are generated, ready or playing at once.
  var prepared: Int
  /// Seconds before playing begins; nil: from measured speed.
  var startSeconds: Double?
  /// Time between two progress events.
  var progressInterval: Duration
  /// Time without progress after which generation counts as hung.
  var stallTime: Duration
  /// Linear.
  var speechGain: Double
  /// Linear.
  var musicGain: Double
  /// How music gives way to speech: linear gain, and seconds.
  var ducking: (gain: Double, attack: Double, release: Double)
  /// Bytes of a text: what the settings say, as far as a message has room for it.
  var textBytes: Int

  /// Bytes of a message that are not its text.
  private static let otherBytes = 256

  init(_ configuration: Configuration) {
    waiting = configuration.integer(.queueLength)
    generating = configuration.integer(.queueGenerating)
    prepared = max(configuration.integer(.queuePrepared), generating)
    let start = configuration.number(.queueStart)
    startSeconds = start > 0 ? start : nil
    progressInterval = Duration(seconds: configuration.number(.queueProgress))
    stallTime = Duration(seconds: configuration.number(.queueStall))
    speechGain = configuration.number(.jackSpeechGain)
    musicGain = configuration.number(.jackMusicGain)
    ducking = (
      configuration.number(.jackDuckGain), configuration.number(.jackDuckAttack),
      configuration.number(.jackDuckRelease)
    )
    textBytes = min(
      configuration.integer(.controlTextBytes), configuration.integer(.controlFrameBytes) - Self.otherBytes)
  }
}
