import UniMoEAudio

/// What makes a stream's samples: an engine, or what a test puts in its place.
package protocol SoundMaker: Sendable {
  /// Hz of the samples.
  var sampleRate: Int { get }
  /// Code frames per second of sound.
  var codeRate: Double { get }
  /// The most code frames that a request can give. Throws what is wrong with the request.
  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int
  /// Makes a request on the calling thread and tells the observer of it; returns why it stopped.
  func make(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> StopReason
}

extension Engine: SoundMaker {
  /// For streams.
  package func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int { try plan(request).maximumCodeFrames }

  /// For streams.
  package func make(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> StopReason {
    try generate([request], cancellation: cancellation, observer: observer)[0].stopReason
  }
}
