import ArgumentParser
import UniMoEAudio

/// Shows one voice.
struct VoiceShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show where a voice is stored, how long it is and what is said in it.",
    discussion: """
      EXAMPLES
        unimoe-audio voice show anna
      """)

  @Argument(help: "The voice's name.")
  var name: String

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    let model = try ModelSummary(directory: try common.locateModel())
    let entry = try Voices(modelDirectory: model.directory).entry(name)
    let facts = VoiceFacts(entry, model: model)
    if let problem = facts.problem { throw CommandFailure(.badData, problem) }
    if common.json {
      try JSONLine.print(facts)
    } else {
      try StandardStreams.write(facts.table(style: TextStyle(isTerminal: StandardStreams.outputIsTerminal)))
    }
  }
}
