import ArgumentParser
import ControlProtocol

/// Fires what the daemon holds.
struct SendGoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "go",
    abstract: "Fire a request that is armed, or all.",
    discussion: """
      EXAMPLES
        unimoe-audio send go 7
        unimoe-audio send go --all
      """)

  @Argument(help: ArgumentHelp("The request's number, as send arm prints it.", valueName: "request"))
  var request: Int?

  @Flag(help: "Fire every request that is armed.")
  var all = false

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    guard all == (request == nil) else {
      throw CommandFailure(.usage, "request: expected either a request's number or --all")
    }
    let conversation = try DaemonConversation(daemon)
    guard case .go(let requests) = try conversation.call(.go(request: request)) else { return }
    if !daemon.json { try StandardStreams.write(requests.map { "\($0)\n" }.joined()) }
  }
}
