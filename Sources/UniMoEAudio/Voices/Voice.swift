/// A voice to speak in: a reference recording as codes, and what is said in it.
public struct Voice: Equatable, Sendable {
  /// The name it is stored under; letters, digits, `-`, `_` and `.`.
  public var name: String
  /// The reference recording's codes.
  public var codes: Codes
  /// What is said in the reference recording.
  public var transcript: String
  /// Which phoneme each code frame speaks; `nil` where nobody has aligned the recording.
  public var plan: VoicePlan?

  /// Creates a voice.
  public init(name: String, codes: Codes, transcript: String, plan: VoicePlan? = nil) {
    self.name = name
    self.codes = codes
    self.transcript = transcript
    self.plan = plan
  }
}

/// The plan of a voice's recording (docs/plan-channels.md, "Files").
public struct VoicePlan: Equatable, Sendable {
  /// Stands where nobody knows.
  public static let unknown: Int32 = -1
  /// Codes of a code frame: `phoneme`, `ahead1` and `ahead2`.
  public static let channels = 3

  /// Names of the phonemes by their numbers, as the model has them that the codes were made for.
  public var phonemes: [String]
  /// The codes, `[code frames, 3]`.
  public var codes: [Int32]

  /// Creates a plan.
  public init(phonemes: [String], codes: [Int32]) {
    self.phonemes = phonemes
    self.codes = codes
  }
}
