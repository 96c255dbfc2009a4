import ArgumentParser
import CVersion
import Glibc
import Posix
import ProgramArguments

/// The program: parses its arguments, runs a subcommand, and turns whatever goes wrong into one line and a number.
@main
struct UniMoEAudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unimoe-audio",
    abstract: "Speech and music from text.",
    discussion: """
      EXAMPLES
        unimoe-audio speak "Good morning." -o morning.wav
        unimoe-audio compose "A calm piano piece in a minor key." -o piano.flac
        unimoe-audio voice add anna -a anna.wav -t "What Anna says in it."

      MODEL LOOK-UP
        --model DIRECTORY, else the variable UNIMOE_AUDIO_MODEL, else
        $XDG_DATA_HOME/unimoe-audio/models/default, else the model installed beside
        the program, else that of the source tree it was built in.
        'unimoe-audio doctor' shows which one is found.

      EXIT CODES
      \(ExitStatus.table)
      """,
    version: "unimoe-audio \(String(cString: unimoe_audio_version_text()))",
    subcommands: [
      SpeakCommand.self, ComposeCommand.self, ScoreCommand.self, SendCommand.self, VoiceCommand.self, InfoCommand.self,
      TextCommand.self, TokensCommand.self, RoutesCommand.self, DoctorCommand.self, RandomModelCommand.self,
    ])

  /// Runs the program with the arguments of the process.
  static func main() {
    StandardDescriptors.reserve()
    signal(SIGPIPE, SIG_IGN)  // a closed pipe is an error of write(2), so that temporary files are removed
    signal(SIGXFSZ, SIG_IGN)  // the same for a file that outgrows its limit
    let failure = run()
    if let failure, !failure.message.isEmpty {
      StandardStreams.complain("unimoe-audio: \(oneLine(failure.message))\n")
    }
    Glibc.exit(failure?.status.rawValue ?? ExitStatus.success.rawValue)
  }

  private static func run() -> CommandFailure? {
    do {
      var command = try parse(arguments())
      try command.run()
      return nil
    } catch  where exitCode(for: error) == .success {  // help, the version or a completion script was asked for
      return printed(fullMessage(for: error))
    } catch {
      return CommandFailure(error)
    }
  }

  private static func printed(_ text: String) -> CommandFailure? {
    do {
      try StandardStreams.write(text + "\n")
      return nil
    } catch {
      return CommandFailure(error)
    }
  }

  /// The words after the program's name.
  private static func arguments() throws -> [String] {
    let count = program_argument_count()
    guard count > 0 else { throw CommandFailure(.software, "arguments: the system does not tell them") }
    return try (1..<count).map { index in
      guard let word = program_argument(index).flatMap(String.init(validatingCString:)) else {
        throw CommandFailure(.badData, "argument \(index): expected UTF-8 text, found other bytes")
      }
      return word
    }
  }

  /// A command that is ready to run.
  private static func parse(_ words: [String]) throws -> any ParsableCommand {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    if let first = words.first, !first.hasPrefix("-"), first != "help", !names.contains(first) {
      throw CommandFailure(.usage, "\(first): no such command; the commands are \(names.joined(separator: ", "))")
    }
    do {
      return try parseAsRoot(words)
    } catch  where exitCode(for: error) != .success {
      if let command = parseWithTextThatLooksLikeOptions(words) { return command }
      let page = names.contains(words.first ?? "") ? "unimoe-audio \(words.first ?? "") --help" : "unimoe-audio --help"
      throw CommandFailure(.usage, "\(message(for: error)) (see '\(page)')")
    }
  }

  /// The command of words that an option's dash was read into: "-5 degrees." is a text, since no option has a space in
  /// it. `nil` if there is no such word, or other words of the text beside it, whose order would be lost.
  private static func parseWithTextThatLooksLikeOptions(_ words: [String]) -> (any ParsableCommand)? {
    func isText(_ word: String) -> Bool {
      word.hasPrefix("-") && word.prefix { $0 != "=" }.contains(where: \.isWhitespace)
    }
    let text = words.filter(isText)
    guard !text.isEmpty, !words.contains("--"),
      let command = try? parseAsRoot(words.filter { !isText($0) } + ["--"] + text),
      let taker = command as? any TakesText, taker.text.words == text
    else { return nil }
    return command
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " ")
  }
}
