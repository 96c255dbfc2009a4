import Glibc

/// Finds where in a recording somebody speaks: a voice is made of that part, since silence before or after the words
/// makes a model lose words of what it is to say.
public struct SpeechRange: Equatable, Sendable {
  /// The samples that are kept: the speech with a margin.
  public let samples: Range<Int>
  /// Seconds of silence that are left out before and after them.
  public let leftOut: (before: Double, after: Double)

  /// Seconds that stay before and after what is heard; a recording with little more than them stays as it is.
  static let margin = 0.1
  /// Levels are those of windows of this many seconds.
  private static let window = 0.01
  /// So many windows in a row have to be heard: a click is no speech.
  private static let shortestRun = 3
  /// Below this level in dB of full scale, or so far below the loudest window, nothing is heard.
  private static let (absoluteThreshold, relativeThreshold) = (-60.0, -45.0)
  /// What is so many dB above the noise of the recording is heard, however loud the noise, if it is no further below the
  /// loudest window than this.
  private static let (aboveNoise, loudestThreshold) = (8.0, -18.0)

  /// Looks at a mono recording.
  public init(of recording: [Float], sampleRate: Int) {
    let size = max(1, Int(Self.window * Double(sampleRate)))
    let levels = stride(from: 0, to: recording.count, by: size).map { start in
      let part = recording[start..<min(start + size, recording.count)]
      return 10 * log10(part.reduce(1e-20) { $0 + Double($1) * Double($1) } / Double(part.count))
    }
    let threshold = levels.isEmpty ? 0 : Self.threshold(levels)
    let isHeard = levels.map { $0 > threshold }
    func isSpeech(_ index: Int) -> Bool {
      let first = max(0, index - Self.shortestRun + 1)
      return (first...index).contains { start in
        start + Self.shortestRun <= isHeard.count && isHeard[start..<start + Self.shortestRun].allSatisfy { $0 }
      }
    }
    guard !levels.isEmpty, let first = levels.indices.first(where: isSpeech),
      let last = levels.indices.last(where: isSpeech)
    else {
      samples = 0..<recording.count
      leftOut = (0, 0)
      return
    }
    let margin = Int(Self.margin * Double(sampleRate))
    // Half a margin more is not worth a cut.
    func cut(_ silence: Int) -> Int { silence > margin + margin / 2 ? silence - margin : 0 }
    let start = cut(first * size)
    let end = recording.count - cut(max(0, recording.count - (last + 1) * size))
    samples = start..<end
    leftOut = (Double(start) / Double(sampleRate), Double(recording.count - end) / Double(sampleRate))
  }

  /// The level in dB above which a window is heard.
  private static func threshold(_ levels: [Double]) -> Double {
    let loudest = levels.max() ?? 0
    let noise = levels.sorted()[levels.count / 20]
    let heard = min(noise + aboveNoise, loudest + loudestThreshold)
    return max(absoluteThreshold, loudest + relativeThreshold, heard)
  }

  /// Whether both keep the same samples.
  public static func == (left: SpeechRange, right: SpeechRange) -> Bool { left.samples == right.samples }
}
