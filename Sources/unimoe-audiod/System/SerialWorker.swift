import Posix

/// A thread that does what it is given, one thing after the other. Thread: any.
final class SerialWorker: Sendable {
  private let queue = WorkQueue()

  /// Starts the thread, with a name of at most 15 bytes. It ends after the worker was released and what was given is
  /// done.
  init(_ name: String) throws(DaemonFailure) { try Background.run(name) { [queue] in queue.work() } }

  deinit { queue.close() }

  /// Gives the thread something to do; returns false if `limit` things wait already. Never waits.
  @discardableResult
  func add(limit: Int = .max, _ task: @escaping @Sendable () -> Void) -> Bool { queue.add(limit: limit, task) }

  /// Waits until everything given is done; returns false if that takes longer than `patience`.
  func drain(patience: Duration) -> Bool { queue.drain(until: MonotonicClock.now + patience) }
}

/// What a `SerialWorker` and its thread share.
private final class WorkQueue: @unchecked Sendable {
  private let room = WaitingRoom()
  // Read and changed in the room.
  private var tasks: [@Sendable () -> Void] = []
  private var isWorking = false
  private var isClosed = false

  func add(limit: Int, _ task: @escaping @Sendable () -> Void) -> Bool {
    room.enter {
      guard tasks.count < limit else { return false }
      tasks.append(task)
      room.wakeAll()
      return true
    }
  }

  func close() {
    room.enter {
      isClosed = true
      room.wakeAll()
    }
  }

  func drain(until deadline: Duration) -> Bool {
    room.enter { room.wait(until: deadline) { tasks.isEmpty && !isWorking } }
  }

  /// The thread's body.
  func work() {
    while let task = next() { task() }
  }

  /// The next thing to do, waited for; `nil` once the queue is closed and empty.
  private func next() -> (@Sendable () -> Void)? {
    room.enter {
      isWorking = false
      room.wakeAll()
      _ = room.wait(until: nil) { !tasks.isEmpty || isClosed }
      guard !tasks.isEmpty else { return nil }
      isWorking = true
      return tasks.removeFirst()
    }
  }
}
