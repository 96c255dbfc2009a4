/// How long a request may become, in the reference's terms.
struct LengthPlan: Equatable, Sendable {
  /// Code frames before the end may come.
  var minimumCodeFrames: Int
  /// Code frames at the most.
  var maximumCodeFrames: Int

  /// Seconds of speech that are never cut off, however short the text.
  private static let shortestCap = 3.0
  /// Seconds of speech per character of text at the most: a third of the usual pace.
  private static let secondsPerCharacter = 0.2
  /// Seconds per digit at the most: a digit is a whole word.
  private static let secondsPerDigit = 0.8

  /// Plans a request.
  ///
  /// - Parameter planned: Code frames that the plan takes at the most, where it says when the result ends.
  /// - Throws: kind `request`, where seconds are not positive numbers or the shortest exceeds the longest length.
  init(
    _ request: Request, defaults: GenerationDefaults.Usage, maximumDelay: Int, codeRate: Double, planned: Int? = nil
  ) throws(UniMoEError) {
    try Self.check(request)
    // One step is the BOS frame's; the rest is the delay.
    var maximum = max(1, defaults.maximumTokens - maximumDelay - 1)
    if let seconds = request.maximumSeconds {
      maximum = max(1, Self.codeFrames(seconds, codeRate))
    } else if let planned {
      maximum = planned
    } else if case .speech(let text, _) = request.content {
      maximum = min(maximum, Self.codeFrames(Self.cap(text), codeRate))
    }
    var minimum = defaults.minimumTokens ?? 0
    if let seconds = request.minimumSeconds {
      minimum = Self.codeFrames(seconds, codeRate)
      guard minimum <= maximum else {
        throw UniMoEError(
          .request, "request", field: "shortest length",
          expected: "at most the longest length (\(Double(maximum) / codeRate) s)", found: "\(seconds) s")
      }
    }
    minimumCodeFrames = min(minimum, maximum)
    maximumCodeFrames = maximum
  }

  /// Throws where a request's seconds are not positive numbers of at most a day, kind `request`.
  static func check(_ request: Request) throws(UniMoEError) {
    for (seconds, field) in [(request.maximumSeconds, "longest length"), (request.minimumSeconds, "shortest length")] {
      guard let seconds, !(seconds.isFinite && seconds >= 0 && seconds <= 24 * 3600) else { continue }
      throw UniMoEError(.request, "request", field: field, expected: "0 to 86400 seconds", found: "\(seconds)")
    }
  }

  /// The code frames that cover a duration; a rounding error does not cost one more.
  static func codeFrames(_ seconds: Double, _ codeRate: Double) -> Int {
    Int((seconds * codeRate - 1e-6).rounded(.up))
  }

  /// The longest that a text may take, in seconds.
  static func cap(_ text: String) -> Double {
    var seconds = shortestCap
    for character in text { seconds += character.isNumber ? secondsPerDigit : secondsPerCharacter }
    return seconds
  }
}
