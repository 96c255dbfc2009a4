import ArgumentParser
import UniMoEAudio

/// How a text is read before it is spoken.
struct ReadingOptions: ParsableArguments {
  @Flag(name: .long, help: "Leave figures, abbreviations and signs as they are written.")
  var verbatim = false

  @Flag(name: .long, help: "Refuse a text with letters of scripts that the model was never taught.")
  var strict = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Say the words of this file as it spells them, a word and its phonemes a line; without it those of words.txt "
        + "in $XDG_DATA_HOME/unimoe-audio.",
      valueName: "file"), completion: .file())
  var words: String?

  /// The user's own words.
  func ownWords() throws -> UserWords {
    guard let path = words ?? ModelLocator.userWords() else { return UserWords() }
    return try UserWords(path: path)
  }

  /// The user's own words, where they are heard: with a model that has a lexicon.
  func ownWords(for model: ModelSummary) throws -> UserWords {
    try words == nil && model.lexiconPath == nil ? UserWords() : ownWords()
  }

  /// Warns of a letter of another script that the model has no token for, or refuses the text.
  func check(_ text: String, tokenizer: () throws -> Tokenizer) throws {
    guard let foreign = try Normalizer(isVerbatim: true).normalize(text).foreign,
      try tokenizer().encode(String(foreign.character)).count > 1
    else { return }
    let message =
      "text: character \(foreign.offset): expected letters of scripts that the model was taught, found "
      + "\"\(foreign.character)\""
    if strict { throw CommandFailure(.badData, message) }
    StandardStreams.complain("unimoe-audio: \(message)\n")
  }
}
