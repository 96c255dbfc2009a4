/// What went wrong with a command or a request: the numbers of the protocol.
public enum ControlCode: Int, Codable, CaseIterable, Sendable {
  /// A message that is no JSON object, or has no usable `type` or `id`.
  case malformed = 100
  /// The first message was not `hello`.
  case greetingExpected = 101
  /// `hello` asked for a protocol that the daemon does not speak.
  case unsupportedProtocol = 102
  /// There is no such command.
  case unknownCommand = 103
  /// A field is missing, unknown, of the wrong type or out of range.
  case wrongField = 104
  /// A message longer than the limit. The connection is closed.
  case frameTooLong = 105
  /// The rest of a message, or the greeting, did not come in time. The connection is closed.
  case timedOut = 106
  /// The peer's user may not connect. The connection is closed.
  case notAllowed = 200
  /// As many clients as the limit are connected. The connection is closed.
  case tooManyClients = 201
  /// As many requests as the limit wait.
  case queueFull = 202
  /// A text or caption longer than the limit.
  case textTooLong = 203
  /// No request has this number, or it is over.
  case noSuchRequest = 300
  /// No voice has this name, or its file is broken.
  case noSuchVoice = 301
  /// The engine refuses the request.
  case requestRefused = 302
  /// No port has this name, or not one of this kind.
  case noSuchPort = 303
  /// The daemon stops, or cannot start.
  case stopping = 400
  /// The model cannot be used.
  case modelFailed = 401
  /// Playing failed.
  case outputFailed = 402
  /// Anything else that went wrong inside.
  case failed = 500
}

/// An error as it is sent: a number for programs, one line for people.
public struct ControlFailure: Error, Codable, Equatable, Sendable {
  /// Which kind of error.
  public var code: ControlCode
  /// What was wrong, and what would be right.
  public var message: String

  /// Creates an error.
  public init(_ code: ControlCode, _ message: String) {
    self.code = code
    self.message = message
  }
}
