import ArgumentParser
import ControlProtocol

/// Has the daemon play music.
struct SendComposeCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "compose",
    abstract: "Have the daemon play music from a caption on a music port.",
    discussion: """
      EXAMPLES
        unimoe-audio send compose "Upbeat funk with a slap bass." --seconds 8
      """)

  @OptionGroup var text: TextInput

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Length in seconds: sets --min-seconds and --max-seconds.", valueName: "seconds"))
  var seconds: Double?

  @OptionGroup(title: "Playing") var playing: PlayingOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws { try send { try $1.play(.compose($0), detach: playing.detach) } }

  /// Prepares the request, and has somebody send it.
  func send(_ body: (ControlCommand.Compose, DaemonConversation) throws -> Void) throws {
    var generation = generation
    if let seconds {
      guard generation.minSeconds == nil, generation.maxSeconds == nil else {
        throw CommandFailure(.usage, "--seconds: cannot be combined with --min-seconds or --max-seconds")
      }
      (generation.minSeconds, generation.maxSeconds) = (seconds, seconds)
    }
    try generation.check()
    let options = try playing.requestOptions(generation)
    let command = ControlCommand.Compose(caption: try text.read(), options: options)
    let conversation = try DaemonConversation(daemon)
    try conversation.limits().warn(ofMusic: max(generation.maxSeconds ?? 0, generation.minSeconds ?? 0))
    try body(command, conversation)
  }
}
