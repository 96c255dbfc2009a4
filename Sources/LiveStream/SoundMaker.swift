import UniMoEAudio

/// What makes a stream's samples: an engine, or what a test puts in its place.
package protocol SoundMaker: Sendable {
  /// Hz of the samples.
  var sampleRate: Int { get }
  /// Code frames per second of sound.
  var codeRate: Double { get }
  /// The most code frames that a request can give. Throws what is wrong with the request.
  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int
  /// Prepares a request, and computes nothing yet.
  func begin(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> any SoundInTheMaking
}

/// A request that is made piece by piece, so that whoever makes it can let others go first between two pieces. Thread:
/// one at a time.
package protocol SoundInTheMaking {
  /// Does the next piece, the prompt or one step, on the calling thread and tells the observer of it; returns false once
  /// nothing is left to do.
  func advance() throws(UniMoEError) -> Bool
  /// Why it stopped. Only after the last piece.
  var stopReason: StopReason { get }
}

extension Engine: SoundMaker {
  /// For streams.
  package func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int { try plan(request).maximumCodeFrames }

  /// For streams.
  package func begin(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> any SoundInTheMaking {
    try EngineWork(generator: begin([request], cancellation: cancellation, observer: observer))
  }
}

/// One request on its way through an engine.
private struct EngineWork: SoundInTheMaking {
  let generator: Generator

  func advance() throws(UniMoEError) -> Bool { try generator.advance() }
  var stopReason: StopReason { generator.results[0].stopReason }
}
