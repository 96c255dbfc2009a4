/// One field of a request's options: its name in messages, how it is read and how it is written.
struct RequestOptionField: Sendable {
  typealias Container = KeyedEncodingContainer<CommandFields.Key>

  /// The name in messages.
  let name: String
  /// Takes the field over, if it is there.
  let read: @Sendable (CommandFields, inout RequestOptions) throws(ControlFailure) -> Void
  /// Writes the field, if it has a value.
  let write: @Sendable (RequestOptions, inout Container) throws -> Void

  private init<Value: Encodable>(
    _ name: String, _ value: any WritableKeyPath<RequestOptions, Value> & Sendable,
    _ read: @escaping @Sendable (CommandFields) throws(ControlFailure) -> Value?
  ) {
    self.name = name
    self.read = { (fields, options) throws(ControlFailure) in
      if let found = try read(fields) { options[keyPath: value] = found }
    }
    write = { options, fields in try fields.encode(options[keyPath: value], forKey: .init(name)) }
  }

  private init<Value: Encodable>(
    optional name: String, _ value: any WritableKeyPath<RequestOptions, Value?> & Sendable,
    _ read: @escaping @Sendable (CommandFields) throws(ControlFailure) -> Value?
  ) {
    self.name = name
    self.read = { (fields, options) throws(ControlFailure) in
      if let found = try read(fields) { options[keyPath: value] = found }
    }
    write = { options, fields in try fields.encodeIfPresent(options[keyPath: value], forKey: .init(name)) }
  }

  private static func plain<Value: Codable>(
    _ name: String, _ value: any WritableKeyPath<RequestOptions, Value> & Sendable
  ) -> Self {
    Self(name, value) { (fields) throws(ControlFailure) in try fields.optional(name, Value.self) }
  }

  private static func choice<Value: RawRepresentable<String> & CaseIterable & Encodable & Sendable>(
    _ name: String, _ value: any WritableKeyPath<RequestOptions, Value> & Sendable
  ) -> Self {
    Self(name, value) { (fields) throws(ControlFailure) in try fields.choice(name, Value.self) }
  }

  private static func number(
    _ name: String, _ value: any WritableKeyPath<RequestOptions, Double?> & Sendable, in range: ClosedRange<Double>
  ) -> Self {
    Self(optional: name, value) { (fields) throws(ControlFailure) in try fields.number(name, in: range) }
  }

  private static func integer(
    _ name: String, _ value: any WritableKeyPath<RequestOptions, Int?> & Sendable, in range: ClosedRange<Int>
  ) -> Self {
    Self(optional: name, value) { (fields) throws(ControlFailure) in
      let number = try fields.optional(name, Int.self)
      if let number, !range.contains(number) {
        throw ControlFailure(
          .wrongField, "\(name): expected \(range.lowerBound) to \(range.upperBound), found \(number)")
      }
      return number
    }
  }

  /// Every option there is, in the order in which errors are found.
  static let all: [RequestOptionField] = [
    Self(optional: "port", \.port) { (fields) throws(ControlFailure) in try fields.optional("port", String.self) },
    choice("priority", \.priority),
    choice("on_disconnect", \.onDisconnect),
    plain("mix", \.mixes),
    plain("hold", \.isHeld),
    integer("cue_note", \.cueNote, in: 0...127),
    integer("cue_frame", \.cueFrame, in: 0...Int(UInt32.max)),
    Self("gain", \.gain) { (fields) throws(ControlFailure) in try fields.number("gain", in: 0...4) },
    plain("seed", \.seed),
    number("min_seconds", \.minimumSeconds, in: 0...86400),
    number("max_seconds", \.maximumSeconds, in: 0...86400),
    number("start_seconds", \.startSeconds, in: 0...86400),
    number("guidance", \.guidance, in: 0...1e6),
    number("temperature", \.temperature, in: 0...1e6),
    integer("top_k", \.topK, in: 0...1 << 20),
    number("top_p", \.topP, in: 0...1),
    number("end_factor", \.endFactor, in: 0...1e6),
    plain("greedy", \.isGreedy),
  ]
}

extension RequestOptions {
  static let fieldNames = RequestOptionField.all.map(\.name)

  init(_ fields: CommandFields) throws(ControlFailure) {
    for field in RequestOptionField.all { try field.read(fields, &self) }
  }

  func encode(into fields: inout RequestOptionField.Container) throws {
    for field in RequestOptionField.all { try field.write(self, &fields) }
  }
}
