import ArgumentParser

/// Removes a voice.
struct VoiceRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove one of the user's voices.",
    discussion: """
      EXAMPLES
        unimoe-audio voice remove anna
      """)

  @Argument(help: "The voice's name.")
  var name: String

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    // A user's voice can be removed without any model, too.
    try Voices(modelDirectory: try? common.locateModel()).remove(name)
    if !common.quiet, !common.json { try StandardStreams.write("\(name)  removed\n") }
  }
}
