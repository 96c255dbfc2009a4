import ArgumentParser
import UniMoEAudio

/// Whether a text is spoken by its words or its characters.
struct SpellingOptions: ParsableArguments {
  @Flag(
    help: """
      Speak the text character by character: letters by name, signs as "dot" or "hash". For passwords, codes and screen \
      readers.
      """)
  var characters = false

  /// The pieces in which a text is spoken by a model that speaks at most `longest` characters well in one go.
  ///
  /// Throws where there is nothing to say.
  func pieces(of text: String, longest: Int?, isVerbatim: Bool) throws -> [SentenceSplitter.Piece] {
    let splitter = SentenceSplitter(longest: longest)
    let said =
      try characters
      ? splitter.pieces(of: CharacterNames.spoken(text))
      : TextFrontEnd(splitter: splitter, isVerbatim: isVerbatim).read(text).pieces
    let pieces = SentenceSplitter.sayable(said)
    guard !pieces.isEmpty else {
      throw CommandFailure(
        .badData, "text: expected letters or digits, found neither; --characters speaks signs by their names")
    }
    return pieces
  }
}
