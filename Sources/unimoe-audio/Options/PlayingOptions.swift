import ArgumentParser
import ControlProtocol

/// How the daemon plays a request.
struct PlayingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Play on this port: speech_1, music_1, …", valueName: "port"))
  var port: String?

  @Option(help: ArgumentHelp("Place in the queue: interrupt, high, normal or low.", valueName: "priority"))
  var priority = RequestPriority.normal

  @Option(help: ArgumentHelp("Linear gain, 0 to 4.", valueName: "gain"))
  var gain = 1.0

  @Flag(help: "Play together with others on the port instead of after them.")
  var mix = false

  @Option(
    help: ArgumentHelp(
      "Seconds of sound that are ready before playing begins; without it from measured speed.", valueName: "seconds"))
  var startSeconds: Double?

  @Flag(help: "Print the request's number and leave; it goes on without this program.")
  var detach = false

  /// The request's options on the wire.
  func requestOptions(_ generation: GenerationOptions) throws -> RequestOptions {
    guard (0...4).contains(gain) else { throw CommandFailure(.usage, "--gain: expected 0 to 4, found \(gain)") }
    if let startSeconds, !(0...600).contains(startSeconds) {
      throw CommandFailure(.usage, "--start-seconds: expected 0 to 600, found \(startSeconds)")
    }
    var options = RequestOptions()
    options.port = port
    options.priority = priority
    options.gain = gain
    options.mixes = mix
    options.startSeconds = startSeconds
    options.onDisconnect = detach ? .proceed : .cancel
    options.seed = generation.seed
    options.minimumSeconds = generation.minSeconds
    options.maximumSeconds = generation.maxSeconds
    options.guidance = generation.guidance.map(Double.init)
    options.temperature = generation.temperature.map(Double.init)
    options.topK = generation.topK
    options.topP = generation.topP.map(Double.init)
    options.endFactor = generation.endFactor.map(Double.init)
    options.isGreedy = generation.greedy
    return options
  }
}

extension RequestPriority: ExpressibleByArgument {}
