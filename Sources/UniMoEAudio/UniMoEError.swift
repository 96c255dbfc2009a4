/// Everything the engine reports: what was wrong, where, and what would have been right.
///
/// The text of `description` is one line, meant for a person: `config.json: text_config.hidden_size: expected a positive
/// integer, found -3`.
public struct UniMoEError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of thing was wrong; it alone decides exit codes and status codes, never a text.
  public enum Kind: String, CaseIterable, Sendable {
    /// A call was made wrongly: a null pointer, an unknown constant, an engine that is being closed.
    case argument
    /// A request is out of range or contradicts the model.
    case request
    /// There is no model where one was named or looked for.
    case unknownModel
    /// A model directory: configuration, tensors, tokenizer or codec files.
    case model
    /// An audio file or signal.
    case audio
    /// There is no voice of the name.
    case unknownVoice
    /// A voice's name cannot be taken: not allowed, in use, or of a voice that came with the model.
    case voiceName
    /// A voice: its file, codes or transcript.
    case voice
    /// The operating system refused: a file, memory, a library.
    case system
    /// The caller cancelled the work.
    case cancelled
  }

  /// What kind of thing was wrong.
  public var kind: Kind
  /// The file, argument or library that was wrong, as the caller named it.
  public var subject: String
  /// The part of the subject: a JSON key path, a tensor name, a line; empty where the whole is meant.
  public var field: String
  /// The problem, as "expected X, found Y" where something was compared.
  public var problem: String

  /// Creates an error from its parts.
  public init(_ kind: Kind, _ subject: String, field: String = "", _ problem: String) {
    self.kind = kind
    self.subject = subject
    self.field = field
    self.problem = problem
  }

  /// Creates an error that compares what was needed with what was there.
  public init(_ kind: Kind, _ subject: String, field: String = "", expected: String, found: String) {
    self.init(kind, subject, field: field, "expected \(expected), found \(found)")
  }

  /// The whole error on one line.
  public var description: String {
    field.isEmpty ? "\(subject): \(problem)" : "\(subject): \(field): \(problem)"
  }

  /// The error of work that its caller cancelled.
  public static let cancelled = UniMoEError(.cancelled, "request", "cancelled")
}
