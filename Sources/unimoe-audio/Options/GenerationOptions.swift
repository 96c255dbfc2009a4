import ArgumentParser
import UniMoEAudio

/// How codes are drawn and how long a result may be; what is not given comes from the model.
struct GenerationOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Seed of the random numbers: the same seed gives the same sound.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Shortest result in seconds; for a long text, of each piece.", valueName: "seconds"))
  var minSeconds: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Longest result in seconds; a long text is faded out there.", valueName: "seconds"))
  var maxSeconds: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Guidance scale: how closely the text is followed; 0 turns guidance off.", valueName: "scale"))
  var guidance: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Temperature: higher is more varied; 0 takes the likeliest code.", valueName: "number"))
  var temperature: Float?

  @Option(
    name: .customLong("top-k"), parsing: .unconditional,
    help: ArgumentHelp("Draw from the k likeliest codes; 0 draws from all.", valueName: "k")
  )
  var topK: Int?

  @Option(
    name: .customLong("top-p"), parsing: .unconditional,
    help: ArgumentHelp("Draw from the likeliest codes whose probabilities reach this sum, 0 to 1.", valueName: "sum"))
  var topP: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Factor on the logit that ends a result; below 1 makes longer results likelier.", valueName: "factor"))
  var endFactor: Float?

  @Flag(help: "Always take the likeliest code instead of drawing.")
  var greedy = false

  /// Checks what can be checked without a model.
  func check() throws {
    for (name, value) in [("--min-seconds", minSeconds), ("--max-seconds", maxSeconds)] {
      if let value, !(value > 0 && value <= 3600) {
        throw CommandFailure(.usage, "\(name): expected more than 0 and at most 3600 seconds, found \(value)")
      }
    }
    if let minSeconds, let maxSeconds, minSeconds > maxSeconds {
      throw CommandFailure(
        .usage, "--min-seconds: expected at most --max-seconds, \(maxSeconds) seconds, found \(minSeconds)")
    }
    for (name, value) in [("--guidance", guidance), ("--temperature", temperature), ("--end-factor", endFactor)] {
      if let value, !(value.isFinite && value >= 0) {
        throw CommandFailure(.usage, "\(name): expected a number of at least 0, found \(value)")
      }
    }
    if let topK, topK < 0 { throw CommandFailure(.usage, "--top-k: expected at least 0, found \(topK)") }
    if let topP, !(topP >= 0 && topP <= 1) {
      throw CommandFailure(.usage, "--top-p: expected 0 to 1, found \(topP)")
    }
  }

  /// The model's rule with what was asked for changed.
  func sampling(over defaults: Sampling) -> Sampling {
    SamplingChanges(
      guidanceScale: guidance, isRandom: greedy ? false : nil, temperature: temperature, topK: topK, topP: topP,
      endFactor: endFactor
    ).applied(to: defaults)
  }

  /// A request as asked for.
  func request(_ content: Request.Content, over defaults: Sampling) -> Request {
    Request(
      content, seed: seed, sampling: sampling(over: defaults), minimumSeconds: minSeconds,
      maximumSeconds: maxSeconds)
  }
}
