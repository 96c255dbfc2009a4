import Glibc

/// Fades a request's sound in from silence and out to it, as its samples come.
///
/// The codec's decoder pads a signal with zeros, which are no latents of any sound: its first and last samples are a
/// click some 30 dB above the near-silence beside them, and 10 ms of what is still heard as sound where pieces are joined
/// at silences. The fades take it away; between them every sample stays as the codec made it. However the samples are cut into pieces, the result is the same.
///
/// Thread: one at a time.
struct EdgeFade {
  /// Length of either fade in seconds.
  static let seconds = 0.01
  /// Length of the fade that ends music at its limit, in seconds: it breaks off there at full level.
  static let musicSeconds = 0.5

  /// Rising gains of the first samples; the last ones have them in reverse.
  private let gains: [Float]
  /// The longest sound, in samples, where the last part is to be faded out before it is cut off; `nil` fades nothing.
  private let limit: Int?
  /// Samples before `limit` that are faded out.
  private let limitFade: Int
  /// Samples that came.
  private var count = 0
  /// The latest samples, not yet handed on: any of them may turn out to be one of the last.
  private var held: [Float] = []

  /// Prepares for one sound of a sample rate; `musicLimit` is the longest length of music in samples.
  init(sampleRate: Int, musicLimit: Int? = nil) {
    let length = max(1, Int((Self.seconds * Double(sampleRate)).rounded()))
    gains = (0..<length).map { Self.gain($0, of: length) }
    limit = musicLimit
    // A quarter of what is shorter than two seconds, so that most of it is heard.
    limitFade = musicLimit.map { min(Int(Self.musicSeconds * Double(sampleRate)), $0 / 4) } ?? 0
  }

  /// Takes the next samples; returns those that follow the ones returned before.
  mutating func push(_ samples: UnsafeBufferPointer<Float>) -> [Float] {
    for sample in samples {
      var sample = sample
      if count < gains.count { sample *= gains[count] }
      if let limit, count >= limit - limitFade { sample *= Self.gain(max(0, limit - 1 - count), of: limitFade) }
      held.append(sample)
      count += 1
    }
    let ready = max(0, held.count - gains.count)
    defer { held.removeFirst(ready) }
    return Array(held[..<ready])
  }

  /// The last samples, faded out.
  mutating func finish() -> [Float] {
    defer { held.removeAll() }
    return held.indices.map { held[$0] * gains[held.count - 1 - $0] }
  }

  /// Raised cosine: the gain of a sample in a fade from silence.
  private static func gain(_ index: Int, of length: Int) -> Float {
    Float(0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(length)))
  }
}
