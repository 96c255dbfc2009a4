/// What a sound is like, in a few numbers; it may come piece by piece, in any pieces.
public struct SoundStatistics: Equatable, Sendable {
  /// Samples below this are silence: -50 dB of full scale.
  public static let silence: Float = 0.003_162_278

  /// Samples per second, one channel.
  public let sampleRate: Int
  /// Samples so far.
  public private(set) var sampleCount = 0
  /// The largest magnitude; 1 is full scale.
  public private(set) var peak: Float = 0
  /// Samples beyond full scale, which a 16-bit file clips.
  public private(set) var clippedSamples = 0
  private var longestRun = 0
  private var run = 0
  private var energy = 0.0

  /// Creates statistics of nothing.
  ///
  /// - Precondition: `sampleRate` is positive.
  public init(sampleRate: Int) {
    precondition(sampleRate > 0, "a sound has a rate")
    self.sampleRate = sampleRate
  }

  /// The duration in seconds.
  public var seconds: Double { Double(sampleCount) / Double(sampleRate) }
  /// The root mean square; 1 is full scale.
  public var rms: Double { sampleCount == 0 ? 0 : (energy / Double(sampleCount)).squareRoot() }
  /// The longest run of silence in seconds.
  public var longestSilence: Double { Double(longestRun) / Double(sampleRate) }

  /// Takes the next samples of the one channel.
  public mutating func add(_ samples: some Sequence<Float>) {
    for sample in samples {
      let magnitude = abs(sample)
      sampleCount += 1
      energy += Double(sample) * Double(sample)
      peak = max(peak, magnitude)
      if magnitude > 1 { clippedSamples += 1 }
      run = magnitude < Self.silence ? run + 1 : 0
      longestRun = max(longestRun, run)
    }
  }
}
