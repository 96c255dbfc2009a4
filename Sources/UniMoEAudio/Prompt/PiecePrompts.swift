/// The prompts of a text that is longer than a model speaks well in one go: one for each of its pieces. The window in
/// which a model with a plan makes such a text shows the piece that it is in (docs/plan-channels.md, "The window").
struct PiecePrompts: Sendable {
  /// A part of the text, and the first of its words among all words.
  struct Piece: Equatable, Sendable {
    let text: String
    let firstWord: Int
  }

  /// The pieces that have words, in order; at least one.
  let pieces: [Piece]
  /// Positions of the longest prompt in the conditional stream.
  let longest: Int

  private let template: PromptTemplate
  private let voice: Voice

  /// Prepares the prompts of pieces in a voice. Throws as `PromptTemplate.speech`.
  ///
  /// - Precondition: there is a piece.
  init(_ pieces: [Piece], _ voice: Voice, _ template: PromptTemplate) throws(UniMoEError) {
    (self.pieces, self.voice, self.template) = (pieces, voice, template)
    var longest = 0
    for piece in pieces {
      longest = max(longest, try template.speech(text: piece.text, voice: voice).conditional.count)
    }
    self.longest = longest
  }

  /// The place of the piece that a word belongs to.
  func piece(ofWord word: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if pieces[middle].firstWord <= word { low = middle } else { high = middle }
    }
    return low
  }

  /// What the model reads before a piece.
  func prompt(_ piece: Int) throws(UniMoEError) -> PromptRows {
    try template.speech(text: pieces[piece].text, voice: voice)
  }
}
