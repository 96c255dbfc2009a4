import ArgumentParser
import ControlProtocol
import UniMoEAudio

/// Has the daemon say a text.
struct SendSpeakCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "speak",
    abstract: "Have the daemon say a text on a speech port.",
    discussion: """
      A text of any length is one request; it is spoken in pieces, as speak does.

      EXAMPLES
        unimoe-audio send speak "Good evening."
        unimoe-audio send speak --file chapter.txt
        fortune | unimoe-audio send speak --voice anna --priority low
        unimoe-audio send speak --follow --speed 0.9 --file lyrics.txt
      """)

  @OptionGroup var text: TextInput

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Speak in this voice instead of the default one.", valueName: "name"))
  var voice: String?

  @OptionGroup var spelling: SpellingOptions
  @Flag(name: .long, help: "Leave figures, abbreviations and signs as they are written.")
  var verbatim = false

  @Option(help: ArgumentHelp("Speak at this factor of the model's own rate, 0.7 to 1.5.", valueName: "factor"))
  var speed: Double?
  @Flag(help: "Print each word on standard output when it begins to sound.")
  var follow = false

  @OptionGroup(title: "Playing") var playing: PlayingOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws { try send { try $1.play(.speak($0), detach: playing.detach) } }

  /// Prepares the request, and has somebody send it.
  func send(_ body: (ControlCommand.Speak, DaemonConversation) throws -> Void) throws {
    try generation.check()
    try check()
    let options = try playing.requestOptions(generation)
    let whole = try text.read()
    try spelling.check(whole, isVerbatim: verbatim)
    let speak = ControlCommand.Speak(
      text: whole, voice: voice, characters: spelling.characters, isVerbatim: verbatim, isLongText: true, speed: speed,
      tellsWords: follow, options: options)
    try body(speak, DaemonConversation(daemon))
  }

  private func check() throws {
    let speeds = ControlCommand.Speak.speeds
    if let speed, !speeds.contains(speed) {
      throw CommandFailure(.usage, "--speed: expected \(speeds.lowerBound) to \(speeds.upperBound), found \(speed)")
    }
    if follow, playing.detach { throw CommandFailure(.usage, "--follow: expected no --detach beside it") }
  }
}
