import ArgumentParser

/// The group of commands to a running daemon.
struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Ask a running unimoe-audiod to play on JACK ports.",
    discussion: """
      Commands wait until what they asked for was played; Ctrl-C cancels it. The
      daemon is started with 'unimoe-audiod' or 'systemctl --user start
      unimoe-audiod'.

      EXAMPLES
        unimoe-audio send speak "Good evening."
        unimoe-audio send compose "Slow strings." --seconds 8 --detach
        unimoe-audio send speak "Stop the music." --priority interrupt --port speech_1
        unimoe-audio send arm speak "Ladies and gentlemen!" --note 60
        unimoe-audio send go --all
        unimoe-audio send cancel --all
        unimoe-audio send status
      """,
    subcommands: [
      SendSpeakCommand.self, SendComposeCommand.self, SendArmCommand.self, SendGoCommand.self, SendSetCommand.self,
      SendCancelCommand.self, SendStatusCommand.self, SendWatchCommand.self, SendVoicesCommand.self,
    ])
}
