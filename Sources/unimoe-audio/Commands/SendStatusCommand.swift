import ArgumentParser
import ControlProtocol

/// Shows how the daemon is doing.
struct SendStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the daemon's state, its sound server and its requests.",
    discussion: """
      EXAMPLES
        unimoe-audio send status
        unimoe-audio send status --json | jq .output.xruns
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    let conversation = try DaemonConversation(daemon)
    guard case .status(let status) = try conversation.call(.status), !daemon.json else { return }
    let output = status.output
    let server = "\(output.sampleRate ?? 0) Hz, \(output.bufferSize ?? 0) frames"
    var lines = [
      "state      \(status.state.rawValue), \(Int(status.uptimeSeconds)) s, \(Figure.number(status.clients, "client"))",
      "model      \(status.model)",
      "output     \(output.kind): \(output.isRunning ? server : "no server"); ports \(status.ports.joined(separator: " "))",
      "trouble    \(Figure.number(output.xruns, "xrun")), \(output.lateCycles) ours; "
        + Figure.number(output.underruns, "underrun")
        + (output.abandonedClients > 0 ? "; \(Figure.number(output.abandonedClients, "JACK client")) left behind" : ""),
      "ended      "
        + (status.ended.isEmpty
          ? "none" : status.ended.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")),
    ]
    for request in status.requests {
      lines.append(
        "request    \(request.request) \(request.command.rawValue) \(request.state.rawValue) on \(request.port), "
          + "priority \(request.priority.rawValue), \(Figure.number(request.codeFrames, "code frame")), "
          + "\(Figure.seconds(request.playedSeconds)) played"
          + (request.cue.map { ", waits for \($0)" } ?? "") + ": \(request.text.prefix(60))")
    }
    try StandardStreams.write(lines.joined(separator: "\n") + "\n")
  }
}
