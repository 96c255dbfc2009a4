import ArgumentParser
import UniMoEAudio

/// What every command that opens a model takes.
struct CommonOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Use the model in this directory; see MODEL LOOK-UP below.", valueName: "directory"),
    completion: .directory)
  var model: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Compute on this many threads instead of one per core that it may use.", valueName: "count"))
  var threads: Int?

  @Flag(name: .long, help: "Print the result as one line of JSON on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print neither progress nor a summary.")
  var quiet = false

  /// Finds the model directory.
  func locateModel() throws -> String { try ModelLocator(explicit: model).locate() }

  /// The engine's options, checked.
  func engineOptions(promptArithmetic: PromptArithmetic = .exact) throws -> Engine.Options {
    if let threads, !Engine.Options.threadRange.contains(threads) {
      let most = Engine.Options.threadRange.upperBound
      throw CommandFailure(.usage, "--threads: expected 1 to \(most), found \(threads)")
    }
    return Engine.Options(threads: threads, promptArithmetic: promptArithmetic)
  }
}
