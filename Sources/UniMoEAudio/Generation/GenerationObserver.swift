/// Watches a batch while it is made. Calls come on the thread that called `generate`.
public protocol GenerationObserver: AnyObject {
  /// A request came further.
  func request(_ index: Int, progressed progress: GenerationProgress)
  /// The next samples of a request, mono at the codec's sample rate; valid during the call.
  func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>)
  /// Something begins or ends in a request's text, at a sample of its sound that comes later: counted from 0, at the codec's
  /// sample rate.
  func request(_ index: Int, reached mark: Mark, atSample sample: Int)
}

extension GenerationObserver {
  /// Ignores progress.
  public func request(_ index: Int, progressed progress: GenerationProgress) {}
  /// Ignores samples.
  public func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {}
  /// Ignores marks.
  public func request(_ index: Int, reached mark: Mark, atSample sample: Int) {}
}
