import FoundationEssentials

/// A command as it arrived: its number and name as far as they can be read, and the command or what is wrong with it.
public struct ReceivedCommand: Sendable {
  /// The client's number for it; nil if there is none that can be used.
  public var id: Int?
  /// Its name, known or not; cut to 64 characters.
  public var name: String?
  /// The command.
  public var command: Result<ControlCommand, ControlFailure>

  /// The numbers that a client may choose.
  public static let ids = 0...(1 << 53) - 1

  /// Reads a message. Never throws: what is wrong with it is in `command`.
  public init(_ message: [UInt8]) {
    do {
      self = try JSONDecoder().decode(ReceivedCommand.self, from: Data(message))
    } catch {
      let problem = (error as? DecodingError).map(CommandFields.text) ?? "it cannot be read"
      self.init(id: nil, name: nil, command: .failure(ControlFailure(.malformed, "message: \(problem)")))
    }
  }

  init(id: Int?, name: String?, command: Result<ControlCommand, ControlFailure>) {
    self.id = id
    self.name = name
    self.command = command
  }
}

extension ReceivedCommand: Decodable {
  /// Reads the fields of a JSON object.
  public init(from decoder: any Decoder) throws {
    let fields = try CommandFields(decoder)
    let id = try? fields.optional("id", Int.self)
    let name = (try? fields.optional("type", String.self)).map { String($0.prefix(64)) }
    do {
      guard let id, Self.ids.contains(id) else {
        throw ControlFailure(.malformed, "id: expected a whole number from 0 to \(Self.ids.upperBound)")
      }
      guard let name else { throw ControlFailure(.malformed, "type: expected the name of a command") }
      guard let known = CommandName(rawValue: name) else {
        let names = CommandName.allCases.map(\.rawValue).joined(separator: ", ")
        throw ControlFailure(.unknownCommand, "type: expected one of \(names)")
      }
      self.init(id: id, name: name, command: .success(try ControlCommand(known, fields)))
    } catch let failure as ControlFailure {
      self.init(id: id.flatMap { Self.ids.contains($0) ? $0 : nil }, name: name, command: .failure(failure))
    }
  }
}

/// The fields of a command on the wire, with errors that name the field.
struct CommandFields {
  /// A field's name.
  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let container: KeyedDecodingContainer<Key>

  init(_ decoder: any Decoder) throws { container = try decoder.container(keyedBy: Key.self) }

  /// Throws if there are other fields than these, `type` and `id`.
  func allowOnly(_ names: [String]) throws(ControlFailure) {
    let known = Set(names + ["type", "id"])
    guard let unknown = container.allKeys.map(\.stringValue).filter({ !known.contains($0) }).min() else { return }
    throw ControlFailure(
      .wrongField, "\(Self.shown(unknown)): unknown field; known are \(names.joined(separator: ", "))")
  }

  /// A field that may be absent or null.
  func optional<Value: Decodable>(_ name: String, _: Value.Type) throws(ControlFailure) -> Value? {
    do {
      return try container.decodeIfPresent(Value.self, forKey: Key(name))
    } catch {
      throw ControlFailure(.wrongField, "\(name): expected \(Self.inWords(Value.self)), found something else")
    }
  }

  /// A field that has to be there.
  func required<Value: Decodable>(_ name: String, _: Value.Type) throws(ControlFailure) -> Value {
    if let value = try optional(name, Value.self) { return value }
    throw ControlFailure(.wrongField, "\(name): expected \(Self.inWords(Value.self)), found nothing")
  }

  /// A number in a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws(ControlFailure) -> Double? {
    guard let value = try optional(name, Double.self) else { return nil }
    guard range.contains(value) else {
      throw ControlFailure(.wrongField, "\(name): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
    return value
  }

  /// One of some words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _: Choice.Type
  ) throws(ControlFailure) -> Choice? {
    guard let word = try optional(name, String.self) else { return nil }
    if let choice = Choice(rawValue: word) { return choice }
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw ControlFailure(.wrongField, "\(name): expected one of \(words), found \(Self.shown(word))")
  }

  /// A decoding error in few words.
  static func text(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch: "expected a JSON object, found another value"
    default: "expected JSON, found something else"
    }
  }

  /// A client's word in quotes, short and printable.
  static func shown(_ word: String) -> String {
    "\"" + String(word.prefix(40).map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? $0 : "?" }) + "\""
  }

  private static func inWords(_ type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is Int.Type, is UInt64.Type: "a whole number"
    default: "a number"
    }
  }
}

extension ControlCommand {
  init(_ name: CommandName, _ fields: CommandFields) throws(ControlFailure) {
    switch name {
    case .hello:
      try fields.allowOnly(["protocol", "client"])
      self = .hello(
        Hello(
          version: try fields.required("protocol", Int.self),
          client: String((try fields.optional("client", String.self) ?? "").prefix(64))))
    case .speak:
      try fields.allowOnly(
        ["text", "voice", "characters", "verbatim", "long_text", "speed", "words"] + RequestOptions.fieldNames)
      self = .speak(
        Speak(
          text: try fields.required("text", String.self), voice: try fields.optional("voice", String.self),
          characters: try fields.optional("characters", Bool.self) ?? false,
          isVerbatim: try fields.optional("verbatim", Bool.self) ?? false,
          isLongText: try fields.optional("long_text", Bool.self) ?? false,
          speed: try fields.number("speed", in: Speak.speeds),
          tellsWords: try fields.optional("words", Bool.self) ?? false, options: try RequestOptions(fields)))
    case .compose:
      try fields.allowOnly(["caption"] + RequestOptions.fieldNames)
      self = .compose(
        Compose(caption: try fields.required("caption", String.self), options: try RequestOptions(fields)))
    case .go: self = .go(request: try Self.target(fields))
    case .set:
      self = .set(
        Change(
          request: try Self.target(fields, and: ["gain", "seconds", "end", "paused"]),
          gain: try fields.number("gain", in: 0...4), seconds: try fields.number("seconds", in: 0...600) ?? 0,
          ends: try fields.optional("end", Bool.self) ?? false, isPaused: try fields.optional("paused", Bool.self)))
    case .cancel: self = .cancel(request: try Self.target(fields))
    case .status:
      try fields.allowOnly([])
      self = .status
    case .voices:
      try fields.allowOnly([])
      self = .voices
    case .watch:
      try fields.allowOnly([])
      self = .watch
    case .sync:
      try fields.allowOnly(["ended"])
      self = .sync(ended: try fields.optional("ended", Bool.self) ?? false)
    }
  }

  /// The one request that a command is about; nil for all.
  private static func target(_ fields: CommandFields, and others: [String] = []) throws(ControlFailure) -> Int? {
    try fields.allowOnly(["request", "all"] + others)
    let request = try fields.optional("request", Int.self)
    let isAll = try fields.optional("all", Bool.self) ?? false
    guard isAll == (request == nil) else {
      throw ControlFailure(.wrongField, "request: expected either request or \"all\": true")
    }
    return request
  }
}

extension ControlCommand {
  /// The message for a command.
  public func message(id: Int) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(Numbered(id: id, command: self)))
  }

  private struct Numbered: Encodable {
    var id: Int
    var command: ControlCommand

    func encode(to encoder: any Encoder) throws {
      var fields = encoder.container(keyedBy: CommandFields.Key.self)
      try fields.encode(id, forKey: .init("id"))
      try fields.encode(command.name, forKey: .init("type"))
      switch command {
      case .hello(let hello):
        try fields.encode(hello.version, forKey: .init("protocol"))
        try fields.encode(hello.client, forKey: .init("client"))
      case .speak(let speak):
        try fields.encode(speak.text, forKey: .init("text"))
        try fields.encodeIfPresent(speak.voice, forKey: .init("voice"))
        // An older daemon refuses fields that it does not know.
        if speak.characters { try fields.encode(true, forKey: .init("characters")) }
        if speak.isVerbatim { try fields.encode(true, forKey: .init("verbatim")) }
        if speak.isLongText { try fields.encode(true, forKey: .init("long_text")) }
        try fields.encodeIfPresent(speak.speed, forKey: .init("speed"))
        if speak.tellsWords { try fields.encode(true, forKey: .init("words")) }
        try speak.options.encode(into: &fields)
      case .compose(let compose):
        try fields.encode(compose.caption, forKey: .init("caption"))
        try compose.options.encode(into: &fields)
      case .go(let request?), .cancel(let request?): try fields.encode(request, forKey: .init("request"))
      case .set(let change):
        if let request = change.request {
          try fields.encode(request, forKey: .init("request"))
        } else {
          try fields.encode(true, forKey: .init("all"))
        }
        try fields.encodeIfPresent(change.gain, forKey: .init("gain"))
        if change.seconds > 0 { try fields.encode(change.seconds, forKey: .init("seconds")) }
        if change.ends { try fields.encode(true, forKey: .init("end")) }
        try fields.encodeIfPresent(change.isPaused, forKey: .init("paused"))
      case .go(nil), .cancel(nil): try fields.encode(true, forKey: .init("all"))
      case .sync(let ended): try fields.encode(ended, forKey: .init("ended"))
      case .status, .voices, .watch: break
      }
    }
  }
}
