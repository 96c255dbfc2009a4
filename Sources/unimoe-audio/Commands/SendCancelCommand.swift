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

  @OptionGroup var target: TargetOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    let request = try target.number()
    let conversation = try DaemonConversation(daemon)
    guard case .cancel(let requests) = try conversation.call(.cancel(request: request)) else { return }
    if !daemon.json { try TargetOptions.print(requests) }
  }
}
