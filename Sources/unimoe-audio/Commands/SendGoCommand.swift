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

  @OptionGroup var target: TargetOptions
  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    let request = try target.number()
    let conversation = try DaemonConversation(daemon)
    guard case .go(let requests) = try conversation.call(.go(request: request)) else { return }
    if !daemon.json { try TargetOptions.print(requests) }
  }
}
