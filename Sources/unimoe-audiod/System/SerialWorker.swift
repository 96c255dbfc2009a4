import AudioRing
import Glibc
import Synchronization

/// A thread that does what it is given, one thing after the other. Thread: any.
final class SerialWorker: Sendable {
  private let queue: TaskQueue

  /// Starts the thread. It ends after the worker was released and what was given is done.
  init() throws(DaemonFailure) {
    let queue = TaskQueue()
    self.queue = queue
    try Background.run { queue.work() }
  }

  deinit { queue.close() }

  /// Gives the thread something to do; returns false if `limit` things wait already. Never waits.
  @discardableResult
  func add(limit: Int = .max, _ task: @escaping @Sendable () -> Void) -> Bool { queue.add(limit: limit, task) }

  /// Waits until everything given is done; returns false if that takes longer than `patience`, in nanoseconds.
  func drain(patience: Int64) -> Bool {
    let deadline = MonotonicClock.nanoseconds + patience
    while !queue.isIdle {
      if MonotonicClock.nanoseconds >= deadline { return false }
      usleep(1000)
    }
    return true
  }
}

/// What a `SerialWorker` and its thread share.
private final class TaskQueue: @unchecked Sendable {
  private struct State {
    var tasks: [@Sendable () -> Void] = []
    var isWorking = false
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Counts the tasks that wait, and the closing.
  private let arrivals = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(arrivals, 0, 0) }

  deinit {
    sem_destroy(arrivals)
    arrivals.deallocate()
  }

  var isIdle: Bool { state.withLock { $0.tasks.isEmpty && !$0.isWorking } }

  func add(limit: Int, _ task: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      guard state.tasks.count < limit else { return false }
      state.tasks.append(task)
      return true
    }
    if isTaken { sem_post(arrivals) }
    return isTaken
  }

  func close() {
    state.withLock { $0.isClosed = true }
    sem_post(arrivals)
  }

  /// The thread's body.
  func work() {
    while true {
      while sem_wait(arrivals) != 0 {}
      let task = state.withLock { state -> (@Sendable () -> Void)? in
        guard !state.tasks.isEmpty else { return nil }
        state.isWorking = true
        return state.tasks.removeFirst()
      }
      guard let task else { return }
      task()
      state.withLock { $0.isWorking = false }
    }
  }
}
