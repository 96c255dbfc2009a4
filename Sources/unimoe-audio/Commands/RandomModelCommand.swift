import ArgumentParser
import Glibc
import Posix
import RandomModel
import UniMoEAudio

/// A model of random weights, for measurements.
struct RandomModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "random-model",
    abstract: "Write a model of random weights, for measurements.",
    discussion: """
      The model has the sizes of a config.json. Codec and tokenizer are those of the
      directory that the config.json lies in, unless others are named. The same
      arguments give the same bytes.

      EXAMPLES
        unimoe-audio random-model --config models/default/config.json -o /tmp/random
        unimoe-audio random-model --config 7b/config.json --layers 4 -o /tmp/four
      """)

  /// How weights can be stored.
  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case bf16, f32
  }

  @Option(
    help: ArgumentHelp("The config.json that sets the model's sizes.", valueName: "file"), completion: .file())
  var config: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The directory to write; must not exist.", valueName: "directory"))
  var output: String

  @Option(help: ArgumentHelp("Cut the decoder to this many layers.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("How the decoder's weights are stored: bf16 or f32.", valueName: "type"))
  var dtype = Precision.bf16

  @Option(
    help: ArgumentHelp("The codec's config.json.", valueName: "file"), completion: .file(extensions: ["json"]))
  var codecConfig: String?

  @Option(
    help: ArgumentHelp("Copy the tokenizer's files from this directory.", valueName: "directory"),
    completion: .directory)
  var tokenizer: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Seed of the random numbers.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(name: .shortAndLong, help: "Print no summary.")
  var quiet = false

  func run() throws {
    if let layers, layers < 1 { throw CommandFailure(.usage, "--layers: expected at least 1, found \(layers)") }
    guard access(config, R_OK) == 0 else {
      throw CommandFailure(.noInput, "\(config): cannot read: \(SystemError.last)")
    }
    guard access(output, F_OK) != 0 else {
      throw CommandFailure(.cannotCreate, "\(output): expected a directory that does not exist, found one that does")
    }
    let parent = Self.folder(of: output)
    guard access(parent, W_OK | X_OK) == 0 else {
      throw CommandFailure(.cannotCreate, "\(parent): cannot be written to: \(SystemError.last)")
    }
    try Interruption.watch().guarding { try checkpoint.write(to: output, cancellation: $0) }
    guard !quiet else { return }
    let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
    try StandardStreams.write("\(style.green(output))  random model in \(dtype.rawValue)\n")
  }

  private static func folder(of path: String) -> String {
    let path = path.last == "/" ? path.dropLast() : path[...]
    return path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  private var checkpoint: RandomCheckpoint {
    let folder = Self.folder(of: config)
    var checkpoint = RandomCheckpoint(configurationPath: config)
    checkpoint.layers = layers
    checkpoint.precision = dtype == .bf16 ? .bf16 : .f32
    checkpoint.codecConfigurationPath = codecConfig ?? existing(folder + "/codec/config.json")
    checkpoint.tokenizerDirectory = tokenizer ?? (existing(folder + "/vocab.json") == nil ? nil : folder)
    checkpoint.seed = seed
    return checkpoint
  }

  private func existing(_ path: String) -> String? { access(path, F_OK) == 0 ? path : nil }
}
