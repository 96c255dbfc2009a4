import ArgumentParser
import ControlProtocol

/// Has the daemon say a text.
struct SendSpeakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speak",
    abstract: "Have the daemon say a text on a speech port.",
    discussion: """
      EXAMPLES
        unimoe-audio send speak "Good evening."
        fortune | unimoe-audio send speak --voice anna --priority low
      """)

  @OptionGroup var text: TextInput

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Speak in this voice; without it the model's first.", valueName: "name"))
  var voice: String?

  @OptionGroup(title: "Playing") var playing: PlayingOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    try generation.check()
    let options = try playing.requestOptions(generation)
    let command = ControlCommand.speak(.init(text: try text.read(), voice: voice, options: options))
    try DaemonConversation(daemon).play(command, detach: playing.detach)
  }
}
