import ArgumentParser

/// Which of the daemon's requests a command is about.
struct TargetOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The request's number, as send arm and --detach print it.", valueName: "request"))
  var request: Int?

  @Flag(help: "All requests instead of one.")
  var all = false

  /// The request's number; nil for all.
  func number() throws -> Int? {
    guard all == (request == nil) else {
      throw CommandFailure(.usage, "request: expected either a request's number or --all")
    }
    return request
  }

  /// Prints the numbers of the requests that a command took hold of, a line each.
  static func print(_ requests: [Int]) throws { try StandardStreams.write(requests.map { "\($0)\n" }.joined()) }
}
