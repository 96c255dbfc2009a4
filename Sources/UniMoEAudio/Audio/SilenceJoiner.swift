import Glibc

/// Joins spoken pieces of a long text at silences, piece by piece.
///
/// Each piece loses the near-silence at its ends but for a short margin, is faded there so that no click arises, and is
/// set off from the one before by a pause. The result depends on nothing but the pieces and their pauses.
public struct SilenceJoiner: Sendable {
  /// What comes between two pieces.
  public enum Pause: Sendable {
    /// A sentence ended.
    case sentence
    /// A paragraph ended.
    case paragraph
  }

  /// Times in seconds and levels.
  public struct Options: Equatable, Sendable {
    /// Silence between two sentences.
    public var sentencePause = 0.25
    /// Silence between two paragraphs.
    public var paragraphPause = 0.5
    /// Near-silence that stays before and after what is heard of a piece.
    public var margin = 0.06
    /// Length of the fades.
    public var fade = 0.005
    /// Near-silence in dB of full scale...
    public var absoluteThreshold = -60.0
    /// ... or below the piece's loudest part, whichever is higher.
    public var relativeThreshold = -45.0

    /// Creates the usual options.
    public init() {}
  }

  private let sampleRate: Int
  private let options: Options
  private var pending: Pause?
  /// Which samples of the last piece were kept: the last ones that `append` returned.
  public private(set) var kept = 0..<0

  /// Creates a joiner of mono pieces.
  ///
  /// Throws `UniMoEError` of kind `request` for a rate outside `AudioFile`'s and for times that are negative or longer
  /// than a minute.
  public init(sampleRate: Int, options: Options = Options()) throws(UniMoEError) {
    if !AudioFile.sampleRates.contains(sampleRate) {
      throw UniMoEError(.request, "joiner", field: "sample rate", expected: "1000 to 768000 Hz", found: "\(sampleRate)")
    }
    let times = [options.sentencePause, options.paragraphPause, options.margin, options.fade]
    if let bad = times.first(where: { !(0...60).contains($0) }) {
      throw UniMoEError(.request, "joiner", expected: "times from 0 to 60 seconds", found: "\(bad)")
    }
    self.sampleRate = sampleRate
    self.options = options
  }

  /// Takes a whole piece and what ends it; returns the samples that follow those returned before.
  ///
  /// A piece of nothing but near-silence adds nothing; its pause counts if it is the longer one.
  public mutating func append(_ piece: [Float], endingWith pause: Pause) -> [Float] {
    let range = soundingRange(of: piece)
    kept = range
    if range.isEmpty {
      if pending != nil && pause == .paragraph { pending = .paragraph }
      return []
    }
    var result: [Float] = []
    if let pending {
      let seconds = pending == .sentence ? options.sentencePause : options.paragraphPause
      result = [Float](repeating: 0, count: sampleCount(seconds))
    }
    let start = result.count
    result += piece[range]
    fadeEnds(of: &result, from: start)
    pending = pause
    return result
  }

  private func sampleCount(_ seconds: Double) -> Int { Int((seconds * Double(sampleRate)).rounded()) }

  /// The part of a piece that is heard, with its margins; empty for silence.
  private func soundingRange(of piece: [Float]) -> Range<Int> {
    let window = max(1, sampleRate / 100)
    let levels = stride(from: 0, to: piece.count, by: window).map { start in
      let part = piece[start..<min(start + window, piece.count)]
      return (part.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(part.count)).squareRoot()
    }
    let loudest = levels.max() ?? 0
    let threshold = max(pow(10, options.absoluteThreshold / 20), loudest * pow(10, options.relativeThreshold / 20))
    guard let first = levels.firstIndex(where: { $0 > threshold }),
      let last = levels.lastIndex(where: { $0 > threshold })
    else { return 0..<0 }
    let margin = sampleCount(options.margin)
    return max(0, first * window - margin)..<min(piece.count, (last + 1) * window + margin)
  }

  /// Raised-cosine fades from and to zero.
  private func fadeEnds(of samples: inout [Float], from start: Int) {
    let length = min(sampleCount(options.fade), (samples.count - start) / 2)
    for index in 0..<length {
      let gain = Float(0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(length)))
      samples[start + index] *= gain
      samples[samples.count - 1 - index] *= gain
    }
  }
}
