import FoundationEssentials

/// What the daemon sends: an answer to a command, an error about one, or an event of a request.
public enum ServerMessage: Equatable, Sendable {
  /// The answer to the command with this number.
  case reply(id: Int, Reply)
  /// What is wrong with a command; its number and name are nil where they could not be read.
  case error(id: Int?, command: String?, ControlFailure)
  /// What happened to a request.
  case event(RequestEvent)
}

/// The answers, by command.
public enum Reply: Equatable, Sendable {
  case hello(Greeting)
  case speak(request: Int)
  case compose(request: Int)
  case go(requests: [Int])
  case set(requests: [Int])
  case cancel(requests: [Int])
  case status(DaemonStatus)
  case voices([VoiceInfo])
  case watch
  case sync

  /// The command that is answered.
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

/// The daemon's side of the greeting.
public struct Greeting: Codable, Equatable, Sendable {
  /// The protocol that is spoken.
  public var version: Int
  /// Name and version of the daemon.
  public var server: String
  /// Whether requests are served now or once the model is loaded.
  public var state: DaemonState
  /// The longest message that a client may send, in bytes.
  public var frameBytes: Int
  /// The longest text or caption, in bytes.
  public var textBytes: Int

  enum CodingKeys: String, CodingKey {
    case version = "protocol"
    case server, state
    case frameBytes = "frame_bytes"
    case textBytes = "text_bytes"
  }

  /// Creates a greeting.
  public init(version: Int, server: String, state: DaemonState, frameBytes: Int, textBytes: Int) {
    self.version = version
    self.server = server
    self.state = state
    self.frameBytes = frameBytes
    self.textBytes = textBytes
  }
}

/// Where the daemon is in its life.
public enum DaemonState: String, Codable, Sendable {
  /// The model is being loaded; requests wait.
  case loading
  /// Requests are served.
  case ready
  /// The daemon ends.
  case stopping
}

/// One voice.
public struct VoiceInfo: Codable, Equatable, Sendable {
  /// The name to ask for.
  public var name: String
  /// Whether it came with the model.
  public var isModels: Bool
  /// What is said in its recording, shortened.
  public var transcript: String?
  /// Why it cannot be used.
  public var problem: String?

  enum CodingKeys: String, CodingKey {
    case name, transcript, problem
    case isModels = "from_model"
  }

  /// Creates the description of a voice.
  public init(name: String, isModels: Bool, transcript: String?, problem: String?) {
    self.name = name
    self.isModels = isModels
    self.transcript = transcript
    self.problem = problem
  }
}

extension ServerMessage: Codable {
  private struct Requests: Codable { var requests: [Int] }
  private struct Voices: Codable { var voices: [VoiceInfo] }
  private struct EventName: Decodable { var event: String? }

  private enum Key: String, CodingKey { case type, id, command, code, message, request }

  /// Writes the message's fields.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    switch self {
    case .reply(let id, let reply):
      try fields.encode("reply", forKey: .type)
      try fields.encode(id, forKey: .id)
      try fields.encode(reply.name, forKey: .command)
      switch reply {
      case .hello(let greeting): try greeting.encode(to: encoder)
      case .speak(let request), .compose(let request): try fields.encode(request, forKey: .request)
      case .go(let requests), .set(let requests), .cancel(let requests):
        try Requests(requests: requests).encode(to: encoder)
      case .status(let status): try status.encode(to: encoder)
      case .voices(let voices): try Voices(voices: voices).encode(to: encoder)
      case .watch, .sync: break
      }
    case .error(let id, let command, let failure):
      try fields.encode("error", forKey: .type)
      try fields.encode(id, forKey: .id)
      try fields.encode(command, forKey: .command)
      try fields.encode(failure.code, forKey: .code)
      try fields.encode(failure.message, forKey: .message)
    case .event(let event):
      try fields.encode("event", forKey: .type)
      try event.encode(to: encoder)
    }
  }

  /// Reads the message's fields; unknown ones are left aside.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    switch try fields.decode(String.self, forKey: .type) {
    case "reply":
      let id = try fields.decode(Int.self, forKey: .id)
      self = .reply(id: id, try Self.reply(fields.decode(CommandName.self, forKey: .command), fields, decoder))
    case "error":
      self = .error(
        id: try fields.decodeIfPresent(Int.self, forKey: .id),
        command: try fields.decodeIfPresent(String.self, forKey: .command), try ControlFailure(from: decoder))
    case "event": self = .event(try RequestEvent(from: decoder))
    case let type:
      throw DecodingError.dataCorruptedError(forKey: .type, in: fields, debugDescription: "unknown type \(type)")
    }
  }

  private static func reply(
    _ name: CommandName, _ fields: KeyedDecodingContainer<Key>, _ decoder: any Decoder
  ) throws -> Reply {
    switch name {
    case .hello: .hello(try Greeting(from: decoder))
    case .speak: .speak(request: try fields.decode(Int.self, forKey: .request))
    case .compose: .compose(request: try fields.decode(Int.self, forKey: .request))
    case .go: .go(requests: try Requests(from: decoder).requests)
    case .set: .set(requests: try Requests(from: decoder).requests)
    case .cancel: .cancel(requests: try Requests(from: decoder).requests)
    case .status: .status(try DaemonStatus(from: decoder))
    case .voices: .voices(try Voices(from: decoder).voices)
    case .watch: .watch
    case .sync: .sync
    }
  }

  /// The message's bytes.
  public func message() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Array(try encoder.encode(self))
  }

  /// Reads a message; `nil` for an event that a later daemon has and this one does not.
  ///
  /// Throws a `ControlFailure` of code `malformed`.
  public init?(message: [UInt8]) throws(ControlFailure) {
    let data = Data(message)
    do {
      let kind = try JSONDecoder().decode(EventName.self, from: data).event
      if let kind, RequestEvent.Kind(rawValue: kind) == nil { return nil }
      self = try JSONDecoder().decode(ServerMessage.self, from: data)
    } catch {
      throw ControlFailure(.malformed, "the daemon's message cannot be read")
    }
  }
}
