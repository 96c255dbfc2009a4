/// What the JACK side refuses, with what would have been right.
public enum JACKClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The configuration cannot become a client.
  case configuration(String)
  /// The system gave no thread or no descriptor.
  case system(String)
  /// No output port has this index.
  case noSuchPort(index: Int, count: Int)
  /// As many requests as the configuration allows are playing.
  case tooManyPlaybacks(limit: Int)
  /// The ring is smaller than the longest cycle.
  case ringTooSmall(capacity: Int, minimum: Int)
  /// The ring's samples have another rate than the server.
  case wrongSampleRate(found: Int, server: Int)
  /// The client was stopped.
  case stopped

  /// One line.
  public var description: String {
    switch self {
    case .configuration(let problem): "JACK client: \(problem)"
    case .system(let problem): "JACK client: \(problem)"
    case .noSuchPort(let index, let count): "JACK port: expected an index below \(count), found \(index)"
    case .tooManyPlaybacks(let limit): "JACK client: \(limit) requests play already, which is the limit"
    case .ringTooSmall(let capacity, let minimum): "ring: expected room for \(minimum) samples, found \(capacity)"
    case .wrongSampleRate(let found, let server): "ring: expected the server's rate of \(server) Hz, found \(found) Hz"
    case .stopped: "JACK client: stopped"
    }
  }
}
