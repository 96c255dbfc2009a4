/// The daemon's settings; the raw values are the keys of the configuration file, `table.name`.
public enum SettingKey: String, CaseIterable, Sendable {
  case modelDirectory = "model.directory"
  case modelThreads = "model.threads"
  case modelFastPrompt = "model.fast-prompt"
  case jackEnabled = "jack.enabled"
  case jackClientName = "jack.client-name"
  case jackServerName = "jack.server-name"
  case jackSpeechPorts = "jack.speech-ports"
  case jackMusicPorts = "jack.music-ports"
  case jackConnections = "jack.connections"
  case jackSpeechGain = "jack.speech-gain"
  case jackMusicGain = "jack.music-gain"
  case jackDuckGain = "jack.duck-gain"
  case jackDuckAttack = "jack.duck-attack-seconds"
  case jackDuckRelease = "jack.duck-release-seconds"
  case controlSocket = "control.socket"
  case controlGroup = "control.group"
  case controlUsers = "control.users"
  case controlClients = "control.clients"
  case controlFrameBytes = "control.frame-bytes"
  case controlTextBytes = "control.text-bytes"
  case controlPatience = "control.patience-seconds"
  case queueLength = "queue.length"
  case queueGenerating = "queue.generating"
  case queuePrepared = "queue.prepared"
  case queueStart = "queue.start-seconds"
  case queueProgress = "queue.progress-seconds"
  case queueStall = "queue.stall-seconds"
  case logLevel = "log.level"

  /// The environment variable that sets it: `UNIMOE_AUDIOD_JACK_CLIENT_NAME`.
  public var variable: String {
    Self.variablePrefix
      + String(rawValue.map { $0 == "." || $0 == "-" ? "_" : $0 }).uppercased()
  }

  /// How every variable of the daemon begins.
  public static let variablePrefix = "UNIMOE_AUDIOD_"
}

/// What a setting may be.
public enum SettingKind: Sendable {
  /// Any text.
  case text
  /// One of some words.
  case choice([String])
  /// A whole number in a range.
  case integer(ClosedRange<Int>)
  /// A number in a range.
  case number(ClosedRange<Double>)
  /// Yes or no.
  case flag
  /// A list of texts.
  case list
}

extension SettingKey {
  /// What the setting may be.
  public var kind: SettingKind {
    switch self {
    case .modelDirectory, .jackClientName, .jackServerName, .controlSocket, .controlGroup: .text
    case .modelThreads: .integer(0...256)
    case .modelFastPrompt, .jackEnabled: .flag
    case .jackSpeechPorts, .jackMusicPorts: .integer(1...16)
    case .jackConnections, .controlUsers: .list
    case .jackSpeechGain, .jackMusicGain: .number(0...4)
    case .jackDuckGain: .number(0...1)
    case .jackDuckAttack, .jackDuckRelease: .number(0...60)
    case .controlClients: .integer(1...512)
    case .controlFrameBytes: .integer(1024...1 << 23)
    case .controlTextBytes: .integer(1...1 << 22)
    case .controlPatience: .number(0.1...600)
    case .queueLength: .integer(1...4096)
    case .queueGenerating: .integer(1...16)
    case .queuePrepared: .integer(1...64)
    case .queueStart: .number(0...600)
    case .queueProgress: .number(0.01...60)
    case .queueStall: .number(1...3600)
    case .logLevel: .choice(["error", "warning", "info", "debug"])
    }
  }

  /// The value where nothing sets it.
  public var builtIn: TOMLValue {
    switch self {
    case .modelDirectory, .jackServerName, .controlSocket, .controlGroup: .string("")
    case .modelThreads: .integer(0)
    case .modelFastPrompt: .boolean(false)
    case .jackEnabled: .boolean(true)
    case .jackClientName: .string("unimoe-audio")
    case .jackSpeechPorts, .jackMusicPorts: .integer(1)
    case .jackConnections, .controlUsers: .array([])
    case .jackSpeechGain, .jackMusicGain: .float(1)
    case .jackDuckGain: .float(1)
    case .jackDuckAttack: .float(0.05)
    case .jackDuckRelease: .float(0.5)
    case .controlClients: .integer(32)
    case .controlFrameBytes: .integer(1 << 20)
    case .controlTextBytes: .integer(1 << 19)
    case .controlPatience: .float(10)
    case .queueLength: .integer(64)
    case .queueGenerating: .integer(1)
    case .queuePrepared: .integer(8)
    case .queueStart: .float(0)
    case .queueProgress: .float(0.25)
    case .queueStall: .float(30)
    case .logLevel: .string("info")
    }
  }

  /// Whether a running daemon takes a new value when it reloads.
  public var isReloadable: Bool {
    switch self {
    case .modelDirectory, .modelThreads, .modelFastPrompt, .jackEnabled, .jackClientName, .jackServerName,
      .jackSpeechPorts, .jackMusicPorts, .jackConnections, .controlSocket, .controlGroup:
      false
    default: true
    }
  }

  /// What the setting is for, as `--print-config` explains it.
  public var summary: String {
    switch self {
    case .modelDirectory: "checkpoint directory; empty: looked for as unimoe-audio does"
    case .modelThreads: "threads that compute; 0: one per core that it may use"
    case .modelFastPrompt: "whether prompts are computed with activations rounded to bfloat16: faster, less exact"
    case .jackEnabled: "whether to play on JACK; otherwise sound is made and dropped in real time"
    case .jackClientName: "name in the graph"
    case .jackServerName: "server; empty: JACK's default"
    case .jackSpeechPorts: "output ports speech_1, speech_2, …"
    case .jackMusicPorts: "output ports music_1, music_2, …"
    case .jackConnections: "made by themselves: \"PORT=PATTERN\", a regular expression for the other port's full name"
    case .jackSpeechGain: "linear gain of speech"
    case .jackMusicGain: "linear gain of music"
    case .jackDuckGain: "linear gain of music while speech sounds; 1: as it is"
    case .jackDuckAttack: "seconds until music has that gain"
    case .jackDuckRelease: "seconds until it is back"
    case .controlSocket: "path; empty: unimoe-audio/control in the run-time directory"
    case .controlGroup: "group that may connect too; empty: none"
    case .controlUsers: "users, by name or number, that may connect besides the daemon's own and root"
    case .controlClients: "clients at once"
    case .controlFrameBytes: "longest message from a client"
    case .controlTextBytes: "longest text or caption"
    case .controlPatience: "seconds for a greeting and for the rest of a message that has begun"
    case .queueLength: "requests that wait at once"
    case .queueGenerating: "requests that are generated at once"
    case .queuePrepared: "requests that are generated, ready or playing at once"
    case .queueStart: "seconds of sound before playing begins; 0: from measured speed"
    case .queueProgress: "shortest time between two progress events of a request"
    case .queueStall: "seconds without a step of generation after which the daemon counts as hung"
    case .logLevel: "error, warning, info or debug"
    }
  }
}
