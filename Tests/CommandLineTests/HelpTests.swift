import ArgumentParser
import Testing

@testable import unimoe_audio

@Suite struct HelpTests {
  @Test func commandIsNamedAsInstalled() {
    #expect(UniMoEAudioCommand.configuration.commandName == "unimoe-audio")
  }

  @Test func helpListsEverySubcommand() throws {
    let run = try Program.run(["--help"])
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    for subcommand in UniMoEAudioCommand.configuration.subcommands {
      #expect(run.text.contains("\n  \(subcommand.configuration.commandName ?? "") "))
    }
  }

  @Test(arguments: UniMoEAudioCommand.configuration.subcommands.compactMap { $0.configuration.commandName })
  func everySubcommandShowsExamples(name: String) throws {
    let run = try Program.run([name, "--help"])
    #expect(run.status == 0)
    #expect(run.text.contains("EXAMPLES"))
    #expect(run.text.contains("unimoe-audio \(name)"))
  }

  /// The parser wraps at 80 columns: what was wrapped wider by hand would come out ragged, and an example in two lines.
  @Test func whatHelpDiscussesFitsItsColumns() {
    var waiting: [any ParsableCommand.Type] = [UniMoEAudioCommand.self]
    while let command = waiting.popLast() {
      for line in command.configuration.discussion.split(separator: "\n") {
        #expect(line.count <= 80, "\(command): \(line)")
      }
      waiting += command.configuration.subcommands
    }
  }

  @Test func helpNamesEveryExitCode() throws {
    let text = try Program.run(["--help"]).text
    for status in ExitStatus.allCases { #expect(text.contains(" \(status.rawValue)  \(status.meaning)")) }
  }
}
