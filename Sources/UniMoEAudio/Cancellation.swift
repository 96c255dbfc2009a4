import Synchronization

/// A flag that one thread raises and the loops of a request look at: every decoder layer, codec block and expert list.
public final class Cancellation: Sendable {
  private let raised = Atomic<Bool>(false)

  /// Creates a flag that is not raised.
  public init() {}

  /// Raises the flag. Thread: any; never blocks; raising it again changes nothing.
  public func cancel() { raised.store(true, ordering: .relaxed) }

  /// Whether the flag was raised.
  public var isCancelled: Bool { raised.load(ordering: .relaxed) }

  /// Throws `UniMoEError.cancelled` if the flag was raised.
  public func check() throws(UniMoEError) {
    if isCancelled { throw .cancelled }
  }
}
