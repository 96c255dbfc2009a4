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

  /// Refuses a text with nothing to say in it.
  func check(_ text: String, isVerbatim: Bool) throws {
    let said = try characters ? Normalizer.spell(text) : Normalizer(isVerbatim: isVerbatim).normalize(text)
    guard SentenceSplitter.isSayable(said.text) else {
      throw CommandFailure(
        .badData, "text: expected letters or digits, found neither; --characters speaks signs by their names")
    }
  }
}
