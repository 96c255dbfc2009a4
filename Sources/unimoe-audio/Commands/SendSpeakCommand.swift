import ArgumentParser
import ControlProtocol
import UniMoEAudio

/// Has the daemon say a text.
struct SendSpeakCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "speak",
    abstract: "Have the daemon say a text on a speech port.",
    discussion: """
      A long text is split at the ends of its sentences, as speak does; the pieces
      are requests that are played one after the other.

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

  func run() throws {
    try generation.check()
    try check()
    let options = try playing.requestOptions(generation)
    let whole = try text.read()
    let conversation = try DaemonConversation(daemon)
    let pieces = try spelling.pieces(of: whole, longest: try conversation.limits().textCharacters, isVerbatim: verbatim)
    let commands = SentenceSplitter.spoken(pieces).enumerated().map { index, text in
      var options = options
      options.seed = generation.seed(index)
      return ControlCommand.speak(
        .init(text: text, voice: voice, isVerbatim: true, speed: speed, tellsWords: follow, options: options))
    }
    try conversation.play(commands, overlaps: playing.mix, detach: playing.detach)
  }

  private func check() throws {
    let speeds = ControlCommand.Speak.speeds
    if let speed, !speeds.contains(speed) {
      throw CommandFailure(.usage, "--speed: expected \(speeds.lowerBound) to \(speeds.upperBound), found \(speed)")
    }
    if follow, playing.detach { throw CommandFailure(.usage, "--follow: expected no --detach beside it") }
  }
}
