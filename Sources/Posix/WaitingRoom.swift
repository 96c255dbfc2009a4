import Glibc

/// A lock whose holder can sleep until another wakes it, or until the monotonic clock says so.
///
/// Not for audio threads: entering may block, and so may waking. A thread that is cancelled (`pthread_cancel`) goes on
/// until it has left the room: otherwise the lock would stay closed for ever.
package struct WaitingRoom: ~Copyable, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Creates a room that nobody is in.
  package init() {
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

  /// Runs a body that no other thread's body runs beside.
  package func enter<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Sleeps, and lets others enter, until woken or until `MonotonicClock` passes `deadline`; `nil` never does. It may
  /// wake without a reason: look again. Only for who has entered.
  package func sleep(until deadline: Duration?) {
    var state: Int32 = 0
    pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), &state)
    defer { pthread_setcancelstate(state, nil) }
    guard let deadline else {
      pthread_cond_wait(condition, mutex)
      return
    }
    var time = MonotonicClock.timespec(deadline)
    pthread_cond_timedwait(condition, mutex, &time)
  }

  /// Sleeps until `isReady` returns true, which whoever makes it so tells by `wakeAll`; returns false if the deadline
  /// passes before. Only for who has entered.
  package func wait(until deadline: Duration?, _ isReady: () -> Bool) -> Bool {
    while !isReady() {
      if let deadline, MonotonicClock.now >= deadline { return false }
      sleep(until: deadline)
    }
    return true
  }

  /// Wakes everybody who sleeps in the room. Only for who has entered.
  package func wakeAll() { pthread_cond_broadcast(condition) }
}
