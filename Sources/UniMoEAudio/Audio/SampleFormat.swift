import Glibc

/// How samples are stored in an audio file.
public enum SampleFormat: Sendable {
  /// 16-bit PCM.
  case pcm16
  /// 32-bit IEEE float; WAV only.
  case float32

  /// Bytes of one sample.
  var size: Int { self == .pcm16 ? 2 : 4 }

  /// The 16-bit value nearest to a sample times 32768, ties to even, clamped.
  ///
  /// Reading divides by 32768, so a 16-bit file that is read and written again keeps its values.
  static func pcm16(_ sample: Float) -> Int16 {
    Int16(max(-32768, min(32767, (sample * 32768).rounded(.toNearestOrEven))))
  }

  /// A sample clamped to -1...1.
  static func clamped(_ sample: Float) -> Float { max(-1, min(1, sample)) }
}
