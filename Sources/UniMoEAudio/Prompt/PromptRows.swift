/// What the language model reads before the first code frame of a request: token ids, with the placeholder id where a
/// code frame of the voice stands.
struct PromptRows: Equatable, Sendable {
  /// The conditional stream's ids.
  var conditional: [Int32]
  /// The unconditional stream's ids.
  var unconditional: [Int32]
  /// The voice's code frames in delay order, `[placeholders, codebooks]`, the same for both streams.
  var voiceFrames: [Int32]
  /// What the conditional stream reads of the voice's plan beside them; nobody knows it in the unconditional one. `nil` in
  /// a model without a plan.
  var voicePlan: PlanRows?

  /// One code frame of the voice.
  func voiceFrame(_ index: Int, codebooks: Int) -> ArraySlice<Int32> {
    voiceFrames[index * codebooks..<(index + 1) * codebooks]
  }
}
