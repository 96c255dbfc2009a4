/// A voice to speak in: a reference recording as codes, and what is said in it.
public struct Voice: Equatable, Sendable {
  /// The name it is stored under; letters, digits, `-`, `_` and `.`.
  public var name: String
  /// The reference recording's codes.
  public var codes: Codes
  /// What is said in the reference recording.
  public var transcript: String

  /// Creates a voice.
  public init(name: String, codes: Codes, transcript: String) {
    self.name = name
    self.codes = codes
    self.transcript = transcript
  }
}
