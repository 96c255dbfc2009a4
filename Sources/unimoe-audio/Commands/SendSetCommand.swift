import ArgumentParser
import ControlProtocol

/// Changes requests of the daemon while they play.
struct SendSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Change the gain of a request, fade it, pause it.",
    discussion: """
      EXAMPLES
        unimoe-audio send set 7 --gain 0.5
        unimoe-audio send set 7 --gain 0 --seconds 3 --end
        unimoe-audio send set --all --pause
        unimoe-audio send set --all --resume
      """)

  @OptionGroup var target: TargetOptions

  @Option(help: ArgumentHelp("Linear gain, 0 to 4.", valueName: "gain"))
  var gain: Double?

  @Option(help: ArgumentHelp("Reach the gain in so many seconds, 0 to 600.", valueName: "seconds"))
  var seconds = 0.0

  @Flag(help: "End the request when the gain is reached.")
  var end = false

  @Flag(help: "Pause where it is.")
  var pause = false

  @Flag(help: "Go on after a pause.")
  var resume = false

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    let request = try target.number()
    try check()
    let change = ControlCommand.Change(
      request: request, gain: gain, seconds: seconds, ends: end, isPaused: pause ? true : resume ? false : nil)
    let conversation = try DaemonConversation(daemon)
    guard case .set(let requests) = try conversation.call(.set(change)) else { return }
    if !daemon.json { try TargetOptions.print(requests) }
  }

  private func check() throws {
    if let gain, !(0...4).contains(gain) { throw CommandFailure(.usage, "--gain: expected 0 to 4, found \(gain)") }
    guard (0...600).contains(seconds) else {
      throw CommandFailure(.usage, "--seconds: expected 0 to 600, found \(seconds)")
    }
    if pause, resume { throw CommandFailure(.usage, "--pause: expected no --resume beside it") }
    if gain == nil, !pause, !resume {
      throw CommandFailure(.usage, "set: expected --gain, --pause or --resume, found none")
    }
  }
}
