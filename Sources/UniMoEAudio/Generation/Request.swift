/// One thing to be made: a spoken text or a piece of music.
public struct Request: Sendable {
  /// What is to be made.
  public enum Content: Sendable {
    /// A text spoken in a voice.
    case speech(text: String, voice: Voice)
    /// Music that a caption describes.
    case music(caption: String)

    /// Whether it is music.
    var isMusic: Bool {
      if case .music = self { true } else { false }
    }

    /// The text that is spoken, or the caption.
    var text: String {
      switch self {
      case .speech(let text, _): text
      case .music(let caption): caption
      }
    }
  }

  /// What stands in the plan channels of a model that has some.
  public enum Plan: Sendable {
    /// The words of a text as they are said.
    case words([SpokenWord])
    /// The notes of a score, in the sound that the caption asks for (`Score.arranged`).
    case score(Score)
    /// Codes, channel by channel; with `drawsRest` the model draws the channels that are not given, else nobody says.
    case given(GivenPlan, drawsRest: Bool = false)
    /// The model draws its plan itself.
    case free
  }

  /// What is to be made.
  public var content: Content
  /// How a text becomes what is said.
  public enum Reading: Sendable {
    /// It stays as it is written.
    case verbatim
    /// Figures, dates, abbreviations and signs are put into words, in English.
    case english
  }

  /// How the text of speech becomes what is said. Marks refer to the text as it was written, however it is read.
  public var reading = Reading.verbatim
  /// Whether speech says the names of the text's characters instead of its words: "dot", "hash", letters by name.
  public var speaksCharacters = false
  /// Key of the random numbers: the same request and seed give the same samples.
  public var seed: UInt64
  /// How codes are drawn; `nil` takes the checkpoint's defaults for the task.
  public var sampling: Sampling?
  /// The shortest result in seconds; `nil` takes the checkpoint's default for the task.
  public var minimumSeconds: Double?
  /// The longest result in seconds; `nil` takes a cap from the text and the checkpoint's default for the task.
  public var maximumSeconds: Double?

  /// The plan; `nil` leaves it to the engine: the text's words by the model's lexicon, or music that is composed by rule
  /// from the caption (`Composer`), as long as the caption or the request says. Models without a plan take none.
  public var plan: Plan?
  /// How long the sounds of a text last; `nil` takes the checkpoint's defaults. Models without a plan for speech take none.
  public var walk: WalkSettings?

  /// Creates a request.
  public init(
    _ content: Content, seed: UInt64 = 0, sampling: Sampling? = nil, minimumSeconds: Double? = nil,
    maximumSeconds: Double? = nil
  ) {
    self.content = content
    self.seed = seed
    self.sampling = sampling
    self.minimumSeconds = minimumSeconds
    self.maximumSeconds = maximumSeconds
  }
}

/// What a request would take.
public struct RequestPlan: Equatable, Sendable {
  /// Code frames that can come at the most.
  public var maximumCodeFrames: Int
  /// Positions of the conditional prompt, voice frames included.
  public var promptTokens: Int
}

/// Why a request ended.
public enum StopReason: String, Sendable {
  /// The model ended by itself.
  case end
  /// The longest allowed length was reached.
  case length
  /// The caller cancelled.
  case cancelled
  /// The watchdog saw endless silence or repetition.
  case watchdog
}

/// What a request gave.
public struct GenerationResult: Sendable {
  /// The codes, in time order.
  public var codes: Codes
  /// The sound at the codec's sample rate, mono, in -1...1: the codes decoded, faded at both ends (`EdgeFade`).
  public var samples: [Float]
  /// Why the request ended.
  public var stopReason: StopReason
  /// What it took.
  public var statistics: Statistics
  /// Which experts each code frame used; empty unless asked for.
  public var routes: RouteTrace?
  /// When words began and ended; empty in a model without a plan.
  public var marks: [Mark] = []
  /// What stood in the plan channels of the codes, UNKNOWN where nobody said; `nil` in a model without a plan.
  public var plan: GivenPlan?

  /// What a request took. Times are wall-clock seconds and cover the whole batch that the request was part of.
  public struct Statistics: Equatable, Sendable {
    /// Positions of the conditional prompt, voice frames included.
    public var promptTokens = 0
    /// Decoder steps run while the request was active.
    public var steps = 0
    /// Seconds until the prompt was in the cache.
    public var prefillSeconds = 0.0
    /// Seconds spent in decoder steps.
    public var stepSeconds = 0.0
    /// Seconds spent turning codes into sound.
    public var codecSeconds = 0.0
    /// Creates statistics of nothing done.
    public init() {}
  }
}

extension GenerationResult: CustomStringConvertible {
  /// The result in a few words, without its samples.
  public var description: String {
    "\(codes.frameCount) code frames, \(samples.count) samples, ended by \(stopReason.rawValue)"
  }
}
