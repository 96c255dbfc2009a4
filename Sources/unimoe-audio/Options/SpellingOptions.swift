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
    try read(text, longest: longest, isVerbatim: isVerbatim).pieces
  }

  /// The same pieces, with the words of the whole text.
  func read(_ text: String, longest: Int?, isVerbatim: Bool) throws -> TextFrontEnd.Result {
    let frontEnd = TextFrontEnd(splitter: SentenceSplitter(longest: longest), isVerbatim: isVerbatim)
    var said = try characters ? frontEnd.spell(text) : frontEnd.read(text)
    said.pieces = SentenceSplitter.sayable(said.pieces)
    guard !said.pieces.isEmpty else {
      throw CommandFailure(
        .badData, "text: expected letters or digits, found neither; --characters speaks signs by their names")
    }
    return said
  }
}
