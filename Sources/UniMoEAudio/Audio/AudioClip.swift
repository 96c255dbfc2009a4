/// A sound in memory.
public struct AudioClip: Equatable, Sendable {
  /// PCM samples `[frames, channels]`, the channels of a frame side by side, nominally in -1...1.
  public var samples: [Float]
  /// Frames per second.
  public var sampleRate: Int
  /// Samples per frame.
  public var channels: Int

  /// Creates a sound.
  ///
  /// - Precondition: `channels` and `sampleRate` are positive, and `samples` has whole frames.
  public init(samples: [Float], sampleRate: Int, channels: Int = 1) {
    precondition(channels > 0 && sampleRate > 0 && samples.count % channels == 0, "a sound has whole frames")
    self.samples = samples
    self.sampleRate = sampleRate
    self.channels = channels
  }

  /// How many frames there are.
  public var frameCount: Int { samples.count / channels }
  /// The duration.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// One channel: the mean of all channels.
  ///
  /// For one and two channels this is what the reference does; for more channels the reference does nothing sensible,
  /// and the mean keeps what any of them says.
  public func mono() -> [Float] {
    if channels == 1 { return samples }
    return (0..<frameCount).map { frame in
      var sum: Float = 0
      for channel in 0..<channels { sum += samples[frame * channels + channel] }
      return sum / Float(channels)
    }
  }
}
