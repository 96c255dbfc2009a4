import ArgumentParser
import ControlProtocol

/// Shows what happens at the daemon.
struct SendWatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show what happens to all requests, until Ctrl-C or the daemon's end.",
    discussion: """
      EXAMPLES
        unimoe-audio send watch
        unimoe-audio send watch --json | jq 'select(.event == "started")'
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws { try DaemonConversation(daemon).watch() }
}
