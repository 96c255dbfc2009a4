import ArgumentParser
import ControlProtocol

/// Lists the voices that the daemon can speak in.
struct SendVoicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voices",
    abstract: "List the voices that the daemon can speak in.",
    discussion: """
      EXAMPLES
        unimoe-audio send voices
      """)

  @OptionGroup(title: "Daemon") var daemon: DaemonOptions

  func run() throws {
    let conversation = try DaemonConversation(daemon)
    guard case .voices(let voices) = try conversation.call(.voices), !daemon.json else { return }
    let width = voices.map(\.name.count).max() ?? 0
    for voice in voices {
      let name = voice.name + String(repeating: " ", count: width - voice.name.count)
      try StandardStreams.write("\(name)  \(voice.problem ?? voice.transcript ?? "")\n")
    }
  }
}
