/// The commands of the protocol, by their names on the wire.
public enum CommandName: String, Codable, CaseIterable, Sendable {
  case hello, speak, compose, go, set, cancel, status, voices, watch, sync
}

/// What a client asks for.
public enum ControlCommand: Equatable, Sendable {
  /// The greeting, which comes first.
  case hello(Hello)
  /// Says a text on a speech port.
  case speak(Speak)
  /// Plays music that a caption describes on a music port.
  case compose(Compose)
  /// Fires requests that are held; nil fires all.
  case go(request: Int?)
  /// Changes requests while they play, or before.
  case set(Change)
  /// Ends requests; nil ends all.
  case cancel(request: Int?)
  /// Asks how the daemon is doing.
  case status
  /// Asks for the voices.
  case voices
  /// Asks for the events of all requests, whoever made them, from now on.
  case watch
  /// Asks for an answer after everything before it was handled; with `ended` also every request of this client.
  case sync(ended: Bool)

  /// The greeting's fields.
  public struct Hello: Equatable, Sendable {
    /// The protocol that the client speaks.
    public var version: Int
    /// Who the client is, for the log.
    public var client: String

    /// Creates a greeting.
    public init(version: Int = ControlCommand.version, client: String) {
      self.version = version
      self.client = client
    }
  }

  /// A text to say.
  public struct Speak: Equatable, Sendable {
    /// Speaking rates that every model with a plan can speak at.
    public static let speeds = 0.7...1.5

    /// The text.
    public var text: String
    /// The voice's name; nil takes the default.
    public var voice: String?
    /// Whether the names of the text's characters are said instead of its words.
    public var characters: Bool
    /// Whether figures, abbreviations and signs stay as they are written.
    public var isVerbatim: Bool
    /// Whether the text may be longer than the model speaks well in one go: it is spoken in pieces.
    public var isLongText: Bool
    /// Speaking rate: above 1 is faster, the pitch stays; nil takes the model's.
    public var speed: Double?
    /// Whether the client is told of each word when it begins and ends to sound.
    public var tellsWords: Bool
    /// How it is made and played.
    public var options = RequestOptions()

    /// Creates the command.
    public init(
      text: String, voice: String? = nil, characters: Bool = false, isVerbatim: Bool = false,
      isLongText: Bool = false, speed: Double? = nil, tellsWords: Bool = false,
      options: RequestOptions = RequestOptions()
    ) {
      self.text = text
      self.voice = voice
      self.characters = characters
      self.isVerbatim = isVerbatim
      self.isLongText = isLongText
      self.speed = speed
      self.tellsWords = tellsWords
      self.options = options
    }
  }

  /// What is changed of requests.
  public struct Change: Equatable, Sendable {
    /// Which; nil changes all.
    public var request: Int?
    /// Linear, `0...4`, times the configured gain; nil leaves it.
    public var gain: Double?
    /// Seconds until the gain is reached, `0...600`.
    public var seconds: Double
    /// Whether it ends when the gain is reached.
    public var ends: Bool
    /// Whether it pauses or goes on; nil leaves it.
    public var isPaused: Bool?

    /// Creates a change.
    public init(
      request: Int?, gain: Double? = nil, seconds: Double = 0, ends: Bool = false, isPaused: Bool? = nil
    ) {
      self.request = request
      self.gain = gain
      self.seconds = seconds
      self.ends = ends
      self.isPaused = isPaused
    }
  }

  /// Music to make.
  public struct Compose: Equatable, Sendable {
    /// What describes the music.
    public var caption: String
    /// How it is made and played.
    public var options = RequestOptions()

    /// Creates the command.
    public init(caption: String, options: RequestOptions = RequestOptions()) {
      self.caption = caption
      self.options = options
    }
  }

  /// The protocol's version.
  public static let version = 1

  /// The command's name.
  public var name: CommandName {
    switch self {
    case .hello: .hello
    case .speak: .speak
    case .compose: .compose
    case .go: .go
    case .set: .set
    case .cancel: .cancel
    case .status: .status
    case .voices: .voices
    case .watch: .watch
    case .sync: .sync
    }
  }
}

/// How a request is made and played; what is nil is left to the daemon, its configuration and the model.
public struct RequestOptions: Equatable, Sendable {
  /// The port's short name, `speech_1`.
  public var port: String?
  /// Its place in the queue.
  public var priority = RequestPriority.normal
  /// What becomes of it when its client leaves.
  public var onDisconnect = DisconnectPolicy.cancel
  /// Whether it may sound together with others on its port instead of after them.
  public var mixes = false
  /// Whether it is made ready and then held until `go`, or until its cue where it has one.
  public var isHeld = false
  /// The MIDI note of the cue port that fires it, 0 to 127.
  public var cueNote: Int?
  /// The frame of the JACK transport that fires it.
  public var cueFrame: Int?
  /// Linear, `0...4`, times the configured gain.
  public var gain = 1.0
  /// Key of the random numbers.
  public var seed: UInt64 = 0
  /// The shortest result in seconds.
  public var minimumSeconds: Double?
  /// The longest result in seconds.
  public var maximumSeconds: Double?
  /// Seconds of sound that have to be ready before playing begins.
  public var startSeconds: Double?
  /// Guidance scale, 0 and up.
  public var guidance: Double?
  /// Temperature, 0 and up.
  public var temperature: Double?
  /// Draws from the k likeliest codes; 0 from all.
  public var topK: Int?
  /// Draws from the likeliest codes up to this probability, `0...1`.
  public var topP: Double?
  /// Factor on the logit that ends a result.
  public var endFactor: Double?
  /// Takes the likeliest code always.
  public var isGreedy = false

  /// Creates options of their defaults.
  public init() {}
}

extension RequestOptions {
  /// Whether it waits for something to fire it.
  public var waitsForCue: Bool { isHeld || cueNote != nil || cueFrame != nil }
}

/// Places in the queue, the first one first.
public enum RequestPriority: String, Codable, CaseIterable, Comparable, Sendable {
  /// At once: ends what is generated or played on its port with a lower priority, and has the machine to itself.
  case interrupt
  /// Before normal ones.
  case high
  /// In the order of arrival.
  case normal
  /// When nothing else waits.
  case low

  /// Whether one comes before the other.
  public static func < (left: RequestPriority, right: RequestPriority) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .interrupt: 0
    case .high: 1
    case .normal: 2
    case .low: 3
    }
  }
}

/// What becomes of a request whose client leaves.
public enum DisconnectPolicy: String, Codable, CaseIterable, Sendable {
  /// It goes on to its end.
  case proceed = "continue"
  /// It is cancelled.
  case cancel
}
