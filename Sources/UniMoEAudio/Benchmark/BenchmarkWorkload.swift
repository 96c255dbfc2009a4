import Glibc

/// Inputs that depend on sizes alone, so that another implementation can compute on the same ones.
package enum BenchmarkWorkload {
  /// The token at a position of a stream; never the placeholder of a code frame.
  static func token(_ configuration: ModelConfiguration, stream: Int, position: Int) -> Int32 {
    let id = (position * 7919 + stream * 104729 + 17) % configuration.vocabularySize
    return Int32(id == Int(configuration.placeholder) ? (id + 1) % configuration.vocabularySize : id)
  }

  /// The code frame that a step of a request is fed.
  static func codeFrame(_ configuration: ModelConfiguration, step: Int, request: Int) -> [Int32] {
    (0..<configuration.codebooks).map { codebook in
      Int32((step * 37 + codebook * 101 + request * 11 + 5) % (configuration.codeVocabulary - 3))
    }
  }

  /// Two tones.
  static func signal(samples: Int, rate: Int) -> [Float] {
    (0..<samples).map { index in
      let time = Double(index) / Double(rate)
      return Float(0.3 * sin(2 * Double.pi * 220 * time) + 0.1 * sin(2 * Double.pi * 1370 * time))
    }
  }

  /// Code frames for the codec, `[codeFrames, codebooks]`.
  static func codes(frames: Int, codebooks: Int, codebookSize: Int) -> [Int32] {
    (0..<frames * codebooks).map { index in
      Int32((index / codebooks * 37 + index % codebooks * 101 + 5) % codebookSize)
    }
  }
}
