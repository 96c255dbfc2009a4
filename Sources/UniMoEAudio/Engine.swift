/// A model that is ready to speak and compose.
///
/// Thread: any. Several threads may generate on one engine at once.
public final class Engine: Sendable {
  /// How an engine uses the machine.
  public struct Options: Sendable {
    /// Threads that compute, the caller's included; `nil` takes one per core.
    public var threads: Int?
    /// Creates options.
    public init(threads: Int? = nil) { self.threads = threads }
  }

  /// Opens a checkpoint directory.
  ///
  /// Throws `UniMoEError` of kind `model` for any file that is missing, broken or contradicts another.
  public init(modelDirectory: String, options: Options = Options()) throws(UniMoEError) {
    throw UniMoEError(.model, modelDirectory, "the engine is being assembled")
  }

  /// Makes several requests as one batch and returns their results in order.
  ///
  /// Throws `UniMoEError` of kind `request` if any request is out of range, before anything is computed. A cancelled
  /// batch does not throw: its results say `cancelled` and hold what was made.
  public func generate(
    _ requests: [Request], cancellation: Cancellation = Cancellation(), observer: GenerationObserver? = nil,
    recordsRoutes: Bool = false
  ) throws(UniMoEError) -> [GenerationResult] {
    throw UniMoEError(.model, "engine", "the engine is being assembled")
  }
}

/// Watches a batch while it is made. Calls come on the thread that called `generate`.
public protocol GenerationObserver: AnyObject {
  /// A request came further.
  func request(_ index: Int, progressed progress: Progress)
  /// The next samples of a request, mono at the codec's sample rate; valid during the call.
  func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>)
}

extension GenerationObserver {
  /// Ignores progress.
  public func request(_ index: Int, progressed progress: Progress) {}
  /// Ignores samples.
  public func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {}
}
