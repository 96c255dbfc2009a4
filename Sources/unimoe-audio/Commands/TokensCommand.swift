import ArgumentParser
import UniMoEAudio

/// Which token ids a text gives.
struct TokensCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "tokens",
    abstract: "Show the token ids that a text gives.",
    discussion: """
      Bytes that are not UTF-8 are read as U+FFFD. A line break at the end of the
      input counts.

      EXAMPLES
        unimoe-audio tokens "Good morning."
        printf 'Good morning.' | unimoe-audio tokens --json -
        unimoe-audio tokens --tokenizer ~/models/7b --json - < caption.txt
      """)

  @OptionGroup var text: TextInput

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Read the tokenizer in this directory instead of the model's: vocab.json and merges.txt with the added tokens, "
        + "if any, or tokenizer.json alone.",
      valueName: "directory"),
    completion: .directory)
  var tokenizer: String?

  @Flag(name: .long, help: "Read names such as <|im_start|> as ordinary text, as prompts do with what a user writes.")
  var plain = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let tokenizer = try Tokenizer(directory: try self.tokenizer ?? common.locateModel())
    let ids = tokenizer.encode(bytes: try text.source().bytes, allowingSpecial: !plain)
    if common.json {
      try JSONLine.print(TokenIDs(ids: ids))
    } else {
      try StandardStreams.write(table(ids, tokenizer))
    }
  }

  private func table(_ ids: [Int32], _ tokenizer: Tokenizer) -> String {
    let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
    let width = String(tokenizer.idBound - 1).count
    return ids.map { id in
      let number = String(id)
      let token = (tokenizer.token(of: id) ?? "").unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
      return style.dim(String(repeating: " ", count: width - number.count) + number) + "  " + token + "\n"
    }.joined()
  }
}

/// The same for machines.
private struct TokenIDs: Encodable {
  let ids: [Int32]
}
