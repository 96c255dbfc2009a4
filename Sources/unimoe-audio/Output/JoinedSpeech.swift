import UniMoEAudio

/// The sound of a text's pieces, and where each of them lies in it.
struct JoinedSpeech {
  /// The sound so far.
  private(set) var samples: [Float] = []
  /// Where the pieces lie of which something can be heard, or could if the sound was longer.
  private(set) var places: [WordTimes.Place] = []

  private let pieces: [SpeechPiece]
  private var joiner: SilenceJoiner

  /// Prepares for pieces; `longest` is the longest sound in seconds.
  init(_ pieces: [SpeechPiece], sampleRate: Int, longest: Double?) throws {
    self.pieces = pieces
    joiner = try SilenceJoiner(sampleRate: sampleRate, longest: longest)
  }

  /// Takes what the next pieces gave; returns whether those after them are heard, too.
  mutating func append(_ results: [GenerationResult]) -> Bool {
    for result in results where !joiner.isFull { append(result) }
    return !joiner.isFull
  }

  private mutating func append(_ result: GenerationResult) {
    // A single piece needs no joint: it is what the engine made, sample for sample.
    if pieces.count == 1 {
      samples = result.samples
      places = [.init(kept: result.samples.indices, start: 0)]
      return
    }
    samples += joiner.append(result.samples, endingWith: pieces[places.count].pause)
    places.append(.init(kept: joiner.kept, start: joiner.place?.start ?? samples.count))
  }
}
