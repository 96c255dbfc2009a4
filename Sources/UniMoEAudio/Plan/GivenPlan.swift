/// Codes of plan channels that somebody knows before the model does: a composition's, a MIDI file's, a host's.
public struct GivenPlan: Equatable, Sendable {
  /// Stands where nobody says.
  public static let unknown: Int32 = -1

  /// How many code frames it has.
  public let codeFrames: Int
  /// The codes of the channels that are given, by their names in `config.json`, one a code frame.
  public private(set) var codes: [String: [Int32]] = [:]

  /// A plan that gives nothing yet.
  public init(codeFrames: Int) { self.codeFrames = codeFrames }

  /// Gives a channel.
  ///
  /// - Precondition: there is one code per code frame.
  public mutating func give(_ channel: String, _ codes: [Int32]) {
    precondition(codes.count == codeFrames, "a plan has one code per channel and code frame")
    self.codes[channel] = codes
  }
}
