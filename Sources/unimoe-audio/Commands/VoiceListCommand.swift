import ArgumentParser
import UniMoEAudio

/// Lists the voices.
struct VoiceListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the user's and the model's voices.",
    discussion: """
      EXAMPLES
        unimoe-audio voice list
        unimoe-audio voice list --json | jq -r '.voices[].name'
      """)

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    let model = try ModelSummary(directory: try common.locateModel())
    let facts = Voices(modelDirectory: model.directory).list().map { VoiceFacts($0, model: model) }
    if common.json {
      try JSONLine.print(["voices": facts])
      return
    }
    if facts.isEmpty {
      StandardStreams.complain("no voice yet; add one: unimoe-audio voice add NAME --audio FILE --transcript TEXT\n")
    }
    let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
    let width = facts.map(\.name.count).max() ?? 0
    try StandardStreams.write(facts.map { $0.line(width: width, style: style) }.joined())
  }
}
