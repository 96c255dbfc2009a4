import Cjack
import Glibc
import Posix
import Synchronization

/// What libjack's callbacks of one session get. A client of PipeWire's library that was thrown out cannot be closed, and
/// its callbacks may come for as long as the process lives: once detached, they touch nothing of what the next session
/// uses.
struct CallbackContext: ~Copyable {
  private let state: UnsafeMutablePointer<ProcessState>
  /// An event descriptor that wakes the supervisor.
  private let bell: Int32
  private let isDetached = Atomic<Bool>(false)
  private let isInCycle = Atomic<Bool>(false)

  init(_ state: UnsafeMutablePointer<ProcessState>, bell: Int32) {
    self.state = state
    self.bell = bell
  }

  /// The state, as long as the session is the one that runs. Notification threads.
  var current: UnsafeMutablePointer<ProcessState>? { isDetached.load(ordering: .acquiring) ? nil : state }

  /// Runs one cycle, unless the session is detached. Audio thread.
  @_noLocks @_noAllocation
  func run(frames: UInt32) {
    isInCycle.store(true, ordering: .sequentiallyConsistent)
    if !isDetached.load(ordering: .sequentiallyConsistent) { runCycle(state, frames: frames) }
    isInCycle.store(false, ordering: .releasing)
  }

  /// Wakes the supervisor: something happened that it has to look at. Notification threads; never waits.
  func ring() {
    var one: UInt64 = 1
    _ = Glibc.write(bell, &one, MemoryLayout<UInt64>.size)
  }

  /// Makes the callbacks do nothing from now on, and waits until a running cycle is over: a moment, as a lost server ends
  /// the wait of a freewheeling one. Returns false if it is not over after `patience`.
  func detach(patience: Duration) -> Bool {
    isDetached.store(true, ordering: .sequentiallyConsistent)
    let deadline = MonotonicClock.now + patience
    while isInCycle.load(ordering: .sequentiallyConsistent) {
      if MonotonicClock.now >= deadline { return false }
      MonotonicClock.sleep(until: MonotonicClock.now + .microseconds(500))
    }
    return true
  }
}
