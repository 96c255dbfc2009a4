import ArgumentParser

/// Measures the engine beside PyTorch on the same work and the same files.
@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unimoe-audio-bench",
    abstract: "Measure speed and memory of the engine, beside the same work in PyTorch where that is installed.",
    subcommands: [CompareCommand.self, OnceCommand.self], defaultSubcommand: CompareCommand.self)
}
