/// What happened to a request. Every accepted request gets `accepted` first and exactly one terminal event, last.
public struct RequestEvent: Codable, Equatable, Sendable {
  /// The kinds of events.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// It is in the queue.
    case accepted
    /// It came further: phase and code frames.
    case progress
    /// It is held and would sound at once if it was fired now.
    case armed
    /// Its first sample was played.
    case started
    /// A word begins to sound.
    case word
    /// A word has sounded.
    case wordEnd = "word_end"
    /// The sound server's sample rate changed while it sounded: the rest is resampled and goes on.
    case resampled
    /// Terminal: the model ended it, and all of it was played.
    case completed
    /// Terminal: its longest length was reached, and all of it was played.
    case length
    /// Terminal: it would not have ended by itself; what there was of it was played.
    case watchdog
    /// Terminal: a client, a disconnection, an interruption or the daemon's end stopped it.
    case cancelled
    /// Terminal: it could not be made or played.
    case failed

    /// Whether nothing follows.
    public var isTerminal: Bool {
      switch self {
      case .accepted, .progress, .armed, .started, .word, .wordEnd, .resampled: false
      case .completed, .length, .watchdog, .cancelled, .failed: true
      }
    }
  }

  /// The request's number.
  public var request: Int
  /// What happened.
  public var kind: Kind
  /// `accepted`: the port.
  public var port: String?
  /// `progress`: what is being done, `queued`, `prefill`, `generate` or `decode`.
  public var phase: String?
  /// `progress`: code frames generated.
  public var codeFrames: Int?
  /// `progress`: code frames at the most.
  public var codeFramesExpected: Int?
  /// `started` and terminal events: seconds from generation's begin to its first sample.
  public var firstAudioSeconds: Double?
  /// `started`: seconds of sound that were waited for.
  public var gateSeconds: Double?
  /// `started`: of one that was held, the frames between its cue and its first sample.
  public var lateFrames: Int?
  /// `word` and `word_end`: the word's place among those of the text.
  public var word: Int?
  /// `word` and `word_end`: the first byte, in UTF-8, of what stands in the text for the word.
  public var textStart: Int?
  /// `word` and `word_end`: the byte behind it.
  public var textEnd: Int?
  /// `resampled`: Hz of the rest.
  public var sampleRate: Int?
  /// Terminal events: seconds of sound that were made. `word` and `word_end`: seconds of the request's sound before.
  public var seconds: Double?
  /// Terminal events: seconds of sound that were played.
  public var playedSeconds: Double?
  /// Terminal events: seconds of sound made per second of work.
  public var speed: Double?
  /// Terminal events: times that playing ran dry after its start.
  public var underruns: Int?
  /// `failed`: the error's number.
  public var code: ControlCode?
  /// `failed` and `cancelled`: why.
  public var message: String?

  enum CodingKeys: String, CodingKey {
    case request, port, phase, word, seconds, speed, underruns, code, message
    case kind = "event"
    case codeFrames = "code_frames"
    case codeFramesExpected = "code_frames_expected"
    case firstAudioSeconds = "first_audio_seconds"
    case textStart = "text_start"
    case textEnd = "text_end"
    case sampleRate = "sample_rate"
    case gateSeconds = "gate_seconds"
    case lateFrames = "late_frames"
    case playedSeconds = "played_seconds"
  }

  /// Creates an event without details.
  public init(_ request: Int, _ kind: Kind) {
    self.request = request
    self.kind = kind
  }
}
