/// How the client appears in JACK's graph. Constant for the client's life.
public struct JACKConfiguration: Sendable {
  /// One mono output port.
  public struct Port: Sendable {
    /// The short name, unique in the client: `speech_1`.
    public var name: String
    /// The name that patch bays show: `Speech 1`. Empty: none.
    public var prettyName: String
    /// Whether the ports that do not are ducked while something sounds here.
    public var ducks: Bool

    /// Describes a port.
    public init(name: String, prettyName: String = "", ducks: Bool = false) {
      self.name = name
      self.prettyName = prettyName
      self.ducks = ducks
    }
  }

  /// A connection that is made whenever a fitting port appears.
  public struct ConnectionRule: Sendable {
    /// The own port's short name.
    public var port: String
    /// An extended regular expression (POSIX) for the whole full name of the other port: `system:playback_[12]`.
    public var pattern: String

    /// Describes a connection.
    public init(port: String, pattern: String) {
      self.port = port
      self.pattern = pattern
    }
  }

  /// The client's name in the graph; never changed to another one, so that stored sessions find it again.
  public var clientName: String
  /// The server's name; nil for JACK's default (environment variable JACK_DEFAULT_SERVER, else `default`).
  public var serverName: String?
  /// The output ports, in their order.
  public var ports: [Port]
  /// The MIDI input port whose notes are cues.
  public var cuePort: Port
  /// Connections that are made without being asked. None by default: sound goes nowhere that nobody chose.
  public var connections: [ConnectionRule]
  /// How many requests can play at once: `1...1024`.
  public var playbackLimit: Int
  /// Whether callback costs are counted in processor time instead of time that passed. For tests: on a busy machine
  /// without real-time rights the scheduler's pauses would drown them. Two system calls per cycle.
  public var measuresProcessorTime = false

  /// Describes a client.
  public init(
    clientName: String = "unimoe-audio", serverName: String? = nil,
    ports: [Port] = [Port(name: "speech_1", prettyName: "Speech 1"), Port(name: "music_1", prettyName: "Music 1")],
    cuePort: Port = Port(name: "cues", prettyName: "Cues"), connections: [ConnectionRule] = [], playbackLimit: Int = 64
  ) {
    self.clientName = clientName
    self.serverName = serverName
    self.ports = ports
    self.cuePort = cuePort
    self.connections = connections
    self.playbackLimit = playbackLimit
  }
}
