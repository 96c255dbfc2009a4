import ArgumentParser
import CVersion
import ControlProtocol
import DaemonConfiguration
import Glibc
import Posix
import ProgramArguments
import UniMoEAudio

/// The program: reads options and configuration, then serves until a signal ends it.
@main
struct DaemonCommand: ParsableCommand {
  static let version = String(cString: unimoe_audio_version_text())

  static let configuration = CommandConfiguration(
    commandName: "unimoe-audiod",
    abstract: "Speak and compose on JACK ports, for clients of a control socket.",
    discussion: """
      Settings come from built-in values, PREFIX/share/unimoe-audio,
      /etc/unimoe-audio, $XDG_CONFIG_HOME/unimoe-audio (unimoe-audiod.toml in each,
      then unimoe-audiod.d/*.toml), variables UNIMOE_AUDIOD_*, and options; later
      ones win.

      EXAMPLES
        unimoe-audiod --print-config
        unimoe-audiod --set jack.connections='speech_1=system:playback_[12]'
        unimoe-audio send speak "Good evening."

      EXIT CODES
      \(exitCodes)
      """,
    version: "unimoe-audiod \(version)")

  @Option(help: ArgumentHelp("Read this file instead of those in the usual folders.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Change a setting; lists are separated by commas.", valueName: "key=value"))
  var set: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("The same as --set model.directory=…", valueName: "directory"))
  var model: String?

  @Option(help: ArgumentHelp("The same as --set control.socket=…", valueName: "path"))
  var socket: String?

  @Flag(help: "The same as --set jack.enabled=false: make sound and drop it.")
  var noJack = false

  @Flag(help: "Print all settings with their origins, as a configuration file, and end.")
  var printConfig = false

  /// How long the end waits for the log's readers.
  private static let logPatience = Duration.milliseconds(100)

  /// Runs the program with the arguments of the process.
  static func main() {
    StandardDescriptors.reserve()
    let environment = environment()
    do {
      let command = try parse(arguments())
      try command.serve(environment)
      end(.success)
    } catch  where exitCode(for: error) == .success {  // help or the version was asked for
      print(fullMessage(for: error))
      end(.success)
    } catch {
      let failure = failure(for: error)
      // Clients that a service manager's socket keeps waiting would start the daemon again and again.
      for socket in ServiceManager(environment: environment).sockets {
        ControlSocket.refuseWaiting(at: socket, failure.refusal)
      }
      DaemonLog.writeLast(failure.message, isJournal: environment["JOURNAL_STREAM"] != nil)
      end(failure.status)
    }
  }

  private static func failure(for error: any Error) -> DaemonFailure {
    switch error {
    case let failure as DaemonFailure: failure
    case let error as ConfigurationError: DaemonFailure(.configuration, error.description)
    default: DaemonFailure(.usage, "\(message(for: error)) (see 'unimoe-audiod --help')")
    }
  }

  /// The words after the program's name.
  private static func arguments() throws(DaemonFailure) -> [String] {
    let count = program_argument_count()
    guard count > 0 else { throw DaemonFailure(.system, "arguments: the system does not tell them") }
    var words: [String] = []
    for index in 1..<count {
      guard let word = program_argument(index).flatMap(String.init(validatingCString:)) else {
        throw DaemonFailure(.usage, "argument \(index): expected UTF-8 text, found other bytes")
      }
      words.append(word)
    }
    return words
  }

  private static var exitCodes: String {
    let lines = DaemonExitStatus.allCases.map { "  \($0.rawValue < 10 ? " " : "")\($0.rawValue)  \($0.meaning)" }
    return lines.joined(separator: "\n")
  }

  private func serve(_ environment: [String: String]) throws {
    let sources = ConfigurationSources(
      folders: ConfigurationSources.usualFolders(
        executable: ModelLocator.currentExecutable(), environment: environment),
      file: config, environment: environment, options: try options())
    let configuration = try sources.load()
    if printConfig {
      print(configuration.text, terminator: "")
      return
    }
    let manager = ServiceManager(environment: environment)
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
      unsetenv(name)
    }
    let wakeup = try Wakeup()
    try wakeup.watchSignals()
    let log = try DaemonLog(
      level: DaemonLog.Level(rawValue: configuration.text(.logLevel)) ?? .info,
      isJournal: environment["JOURNAL_STREAM"] != nil)
    defer { log.finish(patience: Self.logPatience) }
    try Daemon(
      configuration, sources: sources, log: log, manager: manager, wakeup: wakeup, environment: environment
    ).run()
  }

  private func options() throws(ConfigurationError) -> [(key: String, text: String, name: String)] {
    var options: [(key: String, text: String, name: String)] = []
    if let model { options.append((SettingKey.modelDirectory.rawValue, model, "--model")) }
    if let socket { options.append((SettingKey.controlSocket.rawValue, socket, "--socket")) }
    if noJack { options.append((SettingKey.jackEnabled.rawValue, "false", "--no-jack")) }
    for word in set {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ConfigurationError("--set", expected: "KEY=VALUE", found: word) }
      options.append((String(parts[0]), String(parts[1]), "--set"))
    }
    return options
  }

  private static func environment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return result
  }

  /// Ends the process at once: threads that still compute must not meet libraries that are being torn down.
  private static func end(_ status: DaemonExitStatus) -> Never {
    fflush(nil)
    _exit(status.rawValue)
  }
}
