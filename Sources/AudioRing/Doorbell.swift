import Glibc
import Synchronization

/// Lets one thread sleep until another rings, or until a deadline. Ringing costs one fence while nobody sleeps.
///
/// Neither side may be an audio thread: ringing takes a lock while somebody sleeps.
struct Doorbell: ~Copyable, @unchecked Sendable {
  private let isAwaited = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // A step of the wall clock must neither cut a wait short nor draw it out.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Wakes the waiting thread, if there is one. What the caller changed before is visible to `isReady` of the waiter.
  func ring() {
    // Pairs with the fence in `wait`: either this thread sees the flag, or the waiter sees the change.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    guard isAwaited.load(ordering: .relaxed) else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps until `isReady` returns true or the clock passes `deadline` (nanoseconds of `MonotonicClock`), looking
  /// again at least every `interval` nanoseconds; returns the last answer.
  func wait(until deadline: Int64, lookingEvery interval: Int64, isReady: () -> Bool) -> Bool {
    if isReady() { return true }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isAwaited.store(true, ordering: .relaxed)
    defer { isAwaited.store(false, ordering: .relaxed) }
    while true {
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      if isReady() { return true }
      let now = MonotonicClock.nanoseconds
      if now >= deadline { return false }
      var wake = MonotonicClock.timespec(min(deadline, now &+ interval))
      pthread_cond_timedwait(condition, mutex, &wake)
    }
  }
}
