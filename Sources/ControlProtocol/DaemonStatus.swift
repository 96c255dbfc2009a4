/// How the daemon is doing.
public struct DaemonStatus: Codable, Equatable, Sendable {
  /// Where it is in its life.
  public var state: DaemonState
  /// The model's directory; empty before it is known.
  public var model: String
  /// Characters of the longest text that the model speaks well in one go; nil if it does not say.
  public var longestText: Int?
  /// Seconds of the longest music that the model keeps in shape; nil if it does not say.
  public var longestMusic: Double?
  /// Seconds since the daemon began.
  public var uptimeSeconds: Double
  /// Connected clients.
  public var clients: Int
  /// Output ports, in their order.
  public var ports: [String]
  /// The sound server.
  public var output: OutputStatus
  /// The requests that are not over, in the order of their numbers.
  public var requests: [RequestStatus]
  /// How many requests ended how, since the daemon began.
  public var ended: [String: Int]

  enum CodingKeys: String, CodingKey {
    case state, model, clients, ports, output, requests, ended
    case longestText = "longest_text"
    case longestMusic = "longest_music"
    case uptimeSeconds = "uptime_seconds"
  }

  /// Creates a status.
  public init(
    state: DaemonState, model: String, longestText: Int?, longestMusic: Double? = nil, uptimeSeconds: Double,
    clients: Int, ports: [String], output: OutputStatus, requests: [RequestStatus], ended: [String: Int]
  ) {
    self.state = state
    self.model = model
    self.longestText = longestText
    self.longestMusic = longestMusic
    self.uptimeSeconds = uptimeSeconds
    self.clients = clients
    self.ports = ports
    self.output = output
    self.requests = requests
    self.ended = ended
  }
}

/// How the sound server and the callback are doing.
public struct OutputStatus: Codable, Equatable, Sendable {
  /// `jack` or `none`.
  public var kind: String
  /// Whether the ports are in a running server's graph.
  public var isRunning: Bool
  /// Hz; nil before a server was seen.
  public var sampleRate: Int?
  /// Frames of a period; nil before a server was seen.
  public var bufferSize: Int?
  /// Whether the server freewheels.
  public var isFreewheeling = false
  /// Xruns that the server reported, whoever caused them.
  public var xruns = 0
  /// Cycles in which this client took longer than the period.
  public var lateCycles = 0
  /// Times that a request ran dry after its start.
  public var underruns = 0
  /// Frames of silence played for lack of samples.
  public var missingFrames = 0
  /// Freewheel cycles that waited for sound in vain.
  public var freewheelTimeouts = 0
  /// Clients that PipeWire threw out and that stay in the daemon, because its library cannot close them.
  public var abandonedClients = 0
  /// The longest cycle in microseconds.
  public var longestCycleMicroseconds = 0.0

  enum CodingKeys: String, CodingKey {
    case kind, xruns, underruns
    case isRunning = "running"
    case sampleRate = "sample_rate"
    case bufferSize = "buffer_size"
    case isFreewheeling = "freewheeling"
    case lateCycles = "late_cycles"
    case missingFrames = "missing_frames"
    case freewheelTimeouts = "freewheel_timeouts"
    case abandonedClients = "abandoned_clients"
    case longestCycleMicroseconds = "longest_cycle_microseconds"
  }

  /// Creates the status of an output.
  public init(kind: String, isRunning: Bool, sampleRate: Int?, bufferSize: Int?) {
    self.kind = kind
    self.isRunning = isRunning
    self.sampleRate = sampleRate
    self.bufferSize = bufferSize
  }
}

/// A request that is not over.
public struct RequestStatus: Codable, Equatable, Sendable {
  /// Where a request is.
  public enum State: String, Codable, Sendable {
    /// It waits to be generated.
    case queued
    /// It is being generated and does not sound yet.
    case generating
    /// It is generated and waits for its port.
    case ready
    /// It is held until its cue.
    case armed
    /// It sounds.
    case playing
    /// It is paused.
    case paused
    /// It fades out.
    case ending
  }

  /// Its number.
  public var request: Int
  /// Where it is.
  public var state: State
  /// `speak` or `compose`.
  public var command: CommandName
  /// Its port.
  public var port: String
  /// Its place in the queue.
  public var priority: RequestPriority
  /// Code frames generated.
  public var codeFrames: Int
  /// Seconds played.
  public var playedSeconds: Double
  /// What fires it while it is held, in words; nil for one that is not.
  public var cue: String?
  /// Its text or caption, the first 200 characters.
  public var text: String

  enum CodingKeys: String, CodingKey {
    case request, state, command, port, priority, cue, text
    case codeFrames = "code_frames"
    case playedSeconds = "played_seconds"
  }

  /// Creates the status of a request.
  public init(
    request: Int, state: State, command: CommandName, port: String, priority: RequestPriority, codeFrames: Int,
    playedSeconds: Double, cue: String? = nil, text: String = ""
  ) {
    self.request = request
    self.state = state
    self.command = command
    self.port = port
    self.priority = priority
    self.codeFrames = codeFrames
    self.playedSeconds = playedSeconds
    self.cue = cue
    self.text = text
  }
}
