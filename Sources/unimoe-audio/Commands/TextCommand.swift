import ArgumentParser
import UniMoEAudio

/// How a text is read: its words, their phonemes, its pieces.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Show how a text is read: words, phonemes, pieces.",
    discussion: """
      Figures, dates, abbreviations and signs are put into words, in English.
      Phonemes are CMUdict's; {ph HH AH0 L OW1} within a text is said with these.
      Without a model's lexicon there are none.

      EXAMPLES
        unimoe-audio text "Dr. Smith paid $5 on 3/4."
        unimoe-audio text --json --file chapter.txt
        unimoe-audio text --lexicon lexicon.bin --lines --json -f book.txt

      JSON
        One object a text; with --lines an object a line of the input, in order.
        text      what is said, with marks and line ends
        words     the words, in lower case and without marks
        letters   whether each word is a letter's name
        phonemes  the phonemes of each word, as ["HH","AH0","L","OW1"]; null
                  without a lexicon
        starts,   where what each word stands for begins and ends in the
        ends      original, in characters (Unicode code points, as Python counts
                  them); several words of one figure have the same place
        before    the rest before each word: start, space, comma, sentence,
                  paragraph
        marks     the mark before each word, as ","; then the one behind the last
        pieces    what is spoken in one go: text; words, the first and the one
                  behind the last; start and end in the original; paragraph,
                  whether one ends
        foreign   the first letter that is not Latin: character and offset; absent
                  without one
      """)

  @OptionGroup var input: TextInput
  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Take phonemes from this lexicon instead of the model's.", valueName: "file"),
    completion: .file())
  var lexicon: String?

  @Flag(name: .long, help: "Take phonemes from each word's letters alone, as if no word was listed.")
  var byLetters = false

  @Flag(name: .long, help: "Read every line of the input as a text of its own.")
  var lines = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    if lines {
      try readLines()
    } else {
      let text = try input.read()
      let result = try frontEnd().read(text)
      if reading.strict, let foreign = result.normalized.foreign {
        throw CommandFailure(
          .badData,
          "text: character \(foreign.offset): expected Latin letters, found \"\(foreign.character)\"")
      }
      try StandardStreams.write(common.json ? TextJSON.line(result) : TextTable.text(result))
    }
  }

  private func readLines() throws {
    let (name, bytes) = try input.source()
    let text = try TextInput.decode(bytes, name: name)
    let frontEnd = try frontEnd()
    var known: [String: [Phoneme]] = [:]
    var output = ""
    // One line end at the end of the input ends its last line.
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      let line = String(line)
      do throws(UniMoEError) {
        let result = try frontEnd.read(line, known: &known)
        output += common.json ? TextJSON.line(result) : result.normalized.text + "\n"
      } catch {
        throw CommandFailure(.badData, "\(name): line \(index + 1): \(error)")
      }
      if output.utf8.count > 1 << 20 {
        try StandardStreams.write(output)
        output = ""
      }
    }
    try StandardStreams.write(output)
  }

  /// A lexicon that is asked for must be there; without one the model's is taken, if there are model and lexicon.
  private func frontEnd() throws -> TextFrontEnd {
    let directory = lexicon == nil ? try? common.locateModel() : common.model
    let model = try directory.map { try ModelSummary(directory: $0) }
    let path = lexicon ?? model?.lexiconPath
    let own = try reading.ownWords()
    let pronouncer = try path.map { Pronouncer(lexicon: try Lexicon(path: $0), own: own, isByLetters: byLetters) }
    return TextFrontEnd(
      pronouncer: pronouncer, splitter: SentenceSplitter(longest: model?.limits.textCharacters),
      isVerbatim: reading.verbatim)
  }
}
