import ArgumentParser
import ControlProtocol

/// Ends requests of the daemon.
struct SendCancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancel a request of the daemon, or all.",
    discussion: """
      EXAMPLES
        unimoe-audio send cancel 7
        unimoe-audio send cancel --all
      """)

  @Argument(help: ArgumentHelp("The request's number, as send speak --detach prints it.", valueName: "request"))
  var request: Int?

  @Flag(help: "Cancel every request.")
  var all = false

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    guard all == (request == nil) else {
      throw CommandFailure(.usage, "request: expected either a request's number or --all")
    }
    let conversation = try DaemonConversation(daemon)
    guard case .cancel(let requests) = try conversation.call(.cancel(request: request)) else { return }
    if !daemon.json { try StandardStreams.write(requests.map { "\($0)\n" }.joined()) }
  }
}
