import Foundation
import Testing

@testable import unimoe_audio

/// The manual page says what the program does; the program's own description is the measure.
@Suite struct ManualTests {
  private struct Dump: Decodable { let command: Command }
  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
    var all: [Command] { [self] + (subcommands ?? []).flatMap(\.all) }
  }
  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    let names: [Name]?
    let shouldDisplay: Bool
  }

  private let page: String
  private let commands: [Command]

  init() throws {
    let file = Program.sourceTree.appendingPathComponent("docs/man/unimoe-audio.1")
    page = try String(contentsOf: file, encoding: .utf8)
    let dump = try Program.run(["--experimental-dump-help"])
    commands = try JSONDecoder().decode(Dump.self, from: Data(dump.output)).command.all
  }

  @Test func everyOptionIsInTheManual() {
    var options: Set<String> = []
    for argument in commands.flatMap({ $0.arguments ?? [] }) where argument.shouldDisplay {
      for name in argument.names ?? [] { options.insert(name.kind == "long" ? "Fl -\(name.name)" : "Fl \(name.name)") }
    }
    #expect(options.count > 10)
    for option in options.sorted() {
      let isThere = page.split(separator: "\n").contains { line in
        line.hasPrefix(".It ") && (line + " ").contains(option + " ")
      }
      #expect(isThere, "\(option) has no item in the manual page")
    }
  }

  @Test func everyOptionOfTheManualExists() {
    let known = Set(commands.flatMap { $0.arguments ?? [] }.flatMap { $0.names ?? [] }.map(\.name))
    for line in page.split(separator: "\n") where line.hasPrefix(".It Fl") {
      for part in line.split(separator: ",") {
        let words = part.split(separator: " ")
        guard let index = words.firstIndex(of: "Fl"), index + 1 < words.count else { continue }
        let name = words[index + 1].drop { $0 == "-" }
        #expect(known.contains(String(name)), "\(line) is no option of the program")
      }
    }
  }

  @Test func everySubcommandIsInTheManual() {
    for command in commands where command.commandName != "help" && command.commandName != "unimoe-audio" {
      #expect(page.contains(command.commandName), "\(command.commandName) is not in the manual page")
    }
  }

  @Test func everyExitCodeIsInManualAndReadme() throws {
    let readme = try String(contentsOf: Program.sourceTree.appendingPathComponent("README.md"), encoding: .utf8)
    for status in ExitStatus.allCases {
      #expect(page.contains(".It \(status.rawValue)\n\(status.meaning)\n"))
      #expect(readme.contains("| \(status.rawValue) | \(status.meaning) |"))
    }
  }
}
