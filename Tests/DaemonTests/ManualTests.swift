import Foundation
import Testing

@testable import unimoe_audiod

/// The manual page of the daemon; its help is the measure.
@Suite struct ManualTests {
  private let page: String

  init() throws {
    page = try String(
      contentsOf: DaemonProcess.sourceTree.appendingPathComponent("docs/man/unimoe-audiod.1"), encoding: .utf8)
  }

  @Test func everyOptionIsDescribed() {
    let help = DaemonCommand.helpMessage()
    var options: Set<String> = []
    for word in help.split(whereSeparator: { " ,[]<>\n'".contains($0) }) where word.hasPrefix("--") {
      options.insert(String(word.dropFirst(2).prefix { $0 != "=" && $0 != "." }))
    }
    // The examples speak of settings too.
    #expect(options.count >= 7)
    for option in options { #expect(page.contains("Fl -\(option)"), "--\(option)") }
  }

  @Test(arguments: DaemonExitStatus.allCases)
  func everyExitCodeIsDescribed(status: DaemonExitStatus) {
    #expect(page.contains(".It \(status.rawValue)\n\(status.meaning)\n"))
  }

  @Test func unitsDoNotRestartWhatARestartDoesNotHelp() throws {
    for kind in ["system", "user"] {
      let unit = try String(
        contentsOf: DaemonProcess.sourceTree.appendingPathComponent("systemd/\(kind)/unimoe-audiod.service.in"),
        encoding: .utf8)
      let never: [DaemonExitStatus] = [.usage, .noModel, .configuration]
      let statuses = never.map { "\($0.rawValue)" }.joined(separator: " ")
      #expect(unit.contains("RestartPreventExitStatus=\(statuses)\n"))
    }
  }
}
