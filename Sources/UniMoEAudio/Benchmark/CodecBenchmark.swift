/// Runs the codec on fixed inputs and says how long it took: for the benchmark program alone.
///
/// Thread: one at a time.
package final class CodecBenchmark {
  /// Seconds of audio that both directions work on, rounded to code frames.
  package let seconds: Double
  /// PCM samples that are encoded.
  package let samples: Int
  /// Code frames that are decoded.
  package let codeFrames: Int
  /// Codes of the fixed signal, `[codeFrames, codebooks]`, once `encode()` ran.
  package private(set) var codes: [Int32] = []
  /// Audio of the fixed codes, once `decode()` ran.
  package private(set) var audio: [Float] = []

  private let codec: Codec
  private let clock: BenchmarkClock
  private let signal: [Float]
  private let input: Codes

  /// Opens the codec of a checkpoint directory.
  package init(modelDirectory: String, seconds: Double, clock: BenchmarkClock = .wall) throws(UniMoEError) {
    self.clock = clock
    codec = try Codec(directory: "\(modelDirectory)/codec")
    codeFrames = Int(seconds * Double(codec.sampleRate)) / codec.hopLength
    samples = codeFrames * codec.hopLength
    self.seconds = Double(samples) / Double(codec.sampleRate)
    signal = BenchmarkWorkload.signal(samples: samples, rate: codec.sampleRate)
    input = Codes(
      codebooks: codec.codebooks,
      values: BenchmarkWorkload.codes(
        frames: codeFrames, codebooks: codec.codebooks, codebookSize: codec.codebookSize))
  }

  /// Encodes the fixed signal; returns the seconds that took.
  package func encode() throws(UniMoEError) -> Double {
    try clock.measure { () throws(UniMoEError) in codes = try codec.encode(signal).values }
  }

  /// Decodes the fixed codes; returns the seconds that took.
  package func decode() throws(UniMoEError) -> Double {
    try clock.measure { () throws(UniMoEError) in audio = try codec.decode(input) }
  }
}
