import ArgumentParser
import ControlProtocol

/// The group of commands that make something ready for a cue.
struct SendArmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arm",
    abstract: "Have speech or music made ready, and held until its cue.",
    discussion: """
      Prints the request's number once it would sound at once, and leaves. It is fired
      by 'send go', by a MIDI note of the cues port, or by the JACK transport, and
      sounds from the very frame of the note or the transport on.

      EXAMPLES
        unimoe-audio send arm speak "Ladies and gentlemen!"
        unimoe-audio send arm compose "A fanfare." --note 60
        unimoe-audio send arm speak "Second act." --frame 14400000
        unimoe-audio send go --all
      """,
    subcommands: [Speak.self, Compose.self])

  /// Speech for a cue.
  struct Speak: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Have a text made ready.")

    @OptionGroup(title: "Cue") var cue: CueOptions
    @OptionGroup var speak: SendSpeakCommand

    func run() throws {
      try speak.send { command, conversation in
        var command = command
        try cue.arm(&command.options)
        try conversation.arm(.speak(command))
      }
    }
  }

  /// Music for a cue.
  struct Compose: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Have music made ready.")

    @OptionGroup(title: "Cue") var cue: CueOptions
    @OptionGroup var compose: SendComposeCommand

    func run() throws {
      try compose.send { command, conversation in
        var command = command
        try cue.arm(&command.options)
        try conversation.arm(.compose(command))
      }
    }
  }
}
