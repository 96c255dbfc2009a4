import UniMoEAudio

/// The sound of a request's pieces as it is made, and where each of them lies in it.
///
/// Thread: one at a time.
final class JoinedSound {
  /// The sound so far.
  private(set) var samples: [Float] = []
  /// Where the pieces lie of which something can be heard, or could if the sound was longer.
  private(set) var places: [WordTimes.Place] = []

  private let pieces: [SpeechPiece]
  private var joiner: SilenceJoiner

  /// Prepares for pieces; `longest` is the longest sound of several in seconds.
  init(_ pieces: [SpeechPiece], sampleRate: Int, longest: Double?) throws {
    self.pieces = pieces
    joiner = try SilenceJoiner(sampleRate: sampleRate, longest: longest)
  }

  /// Whether the longest length was reached.
  var isFull: Bool { joiner.isFull }
  /// A single piece needs no joint: it is what the engine made, sample for sample.
  private var isSingle: Bool { pieces.count == 1 }

  /// Takes the next samples of a piece; returns what follows of the whole.
  func push(_ piece: some Sequence<Float>) -> [Float] {
    let next = isSingle ? Array(piece) : joiner.push(piece)
    samples += next
    return next
  }

  /// Ends a piece; returns what follows of the whole.
  func endPiece() -> [Float] {
    if isSingle {
      places = [.init(kept: samples.indices, start: 0)]
      return []
    }
    let rest = joiner.end(with: pieces[places.count].pause)
    samples += rest
    places.append(.init(kept: joiner.kept, start: joiner.place?.start ?? samples.count))
    return rest
  }
}
