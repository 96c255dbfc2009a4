import ArgumentParser

/// The group of commands on voices.
struct VoiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voice",
    abstract: "Add, list, show and remove voices.",
    discussion: """
      A voice is a recording of somebody speaking, as codes, with what is said in it.

      EXAMPLES
        unimoe-audio voice add anna -a anna.wav -t "What Anna says in it."
        unimoe-audio voice list
        unimoe-audio voice show anna
        unimoe-audio voice remove anna
      """,
    subcommands: [VoiceAddCommand.self, VoiceListCommand.self, VoiceShowCommand.self, VoiceRemoveCommand.self])
}
