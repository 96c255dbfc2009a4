import Glibc

/// A thread of its own, as a producer or an audio thread is: not one of the pool that tasks share.
package final class Thread {
  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  private var id = pthread_t()

  /// Starts a thread.
  package init(_ body: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    pthread_create(
      &id, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work)
  }

  /// Waits for its end.
  package func join() { pthread_join(id, nil) }

  /// Sleeps.
  package static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds * 1000)) }
}
