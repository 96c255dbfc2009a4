import Posix
import Synchronization

/// Lets one thread sleep until another rings, or until a deadline. Ringing costs one fence while nobody sleeps.
///
/// Neither side may be an audio thread: ringing takes a lock while somebody sleeps.
struct Doorbell: ~Copyable {
  private let isAwaited = Atomic<Bool>(false)
  private let room = WaitingRoom()

  /// Wakes the waiting thread, if there is one. What the caller changed before is visible to `isReady` of the waiter.
  func ring() {
    // Pairs with the fence in `wait`: either this thread sees the flag, or the waiter sees the change.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    guard isAwaited.load(ordering: .relaxed) else { return }
    room.enter { room.wakeAll() }
  }

  /// Sleeps until `isReady` returns true or `MonotonicClock` passes `deadline`, looking
  /// again at least every `interval`; returns the last answer.
  func wait(until deadline: Duration, lookingEvery interval: Duration, isReady: () -> Bool) -> Bool {
    if isReady() { return true }
    return room.enter {
      isAwaited.store(true, ordering: .relaxed)
      defer { isAwaited.store(false, ordering: .relaxed) }
      while true {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if isReady() { return true }
        let now = MonotonicClock.now
        if now >= deadline { return false }
        room.sleep(until: min(deadline, now + interval))
      }
    }
  }
}
