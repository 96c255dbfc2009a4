/// How far a request has come.
public struct GenerationProgress: Equatable, Sendable {
  /// What is being done for the request.
  public enum Phase: String, Sendable {
    /// Waiting for its turn.
    case queued
    /// The prompt goes through the decoder.
    case prefill
    /// Code frames are generated, one per step, and turned into sound as they come.
    case generate
    /// The last code frames are turned into sound.
    case decode
  }

  /// What is being done.
  public var phase: Phase
  /// Code frames generated so far.
  public var codeFramesDone: Int
  /// Code frames that the request will take at the most.
  public var codeFramesExpected: Int

  /// Creates a progress report.
  public init(phase: Phase, codeFramesDone: Int, codeFramesExpected: Int) {
    self.phase = phase
    self.codeFramesDone = codeFramesDone
    self.codeFramesExpected = codeFramesExpected
  }
}
