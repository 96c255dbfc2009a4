import Glibc
import LiveStream
import Synchronization

/// A machine in a time of its own: threads that work share its one processor, and its clock jumps to the next event as
/// soon as all of them work or sleep. One of them runs at a time, so that every run is the same.
final class VirtualMachine: StreamClock, @unchecked Sendable {
  private enum Wait {
    case sleep(until: Double)
    case work(left: Double)
    case room(Room, until: Double)
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var now = 0.0
  private var threads = 0
  private var waits: [Int: Wait] = [:]
  private var lastWait = 0

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  var seconds: Double { locked { now } }

  /// The clock waits for one thread more: call it before that thread starts.
  func join() { locked { threads += 1 } }

  /// The clock waits for one thread less.
  func leave() {
    locked {
      threads -= 1
      advance()
    }
  }

  func makeRoom() -> any StreamRoom { Room(self) }

  /// A lock whose holder can sleep in the machine's time.
  private final class Room: StreamRoom, @unchecked Sendable {
    private let machine: VirtualMachine
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init(_ machine: VirtualMachine) {
      self.machine = machine
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }

    func enter<Result>(_ body: () -> Result) -> Result {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      return body()
    }

    func sleep(until deadline: Double) {
      machine.wait({ .room(self, until: deadline) }, whenWaiting: { pthread_mutex_unlock(mutex) })
      pthread_mutex_lock(mutex)
    }

    func wakeAll() { machine.wake(self) }
  }

  func sleep(seconds: Double) { wait { .sleep(until: now + seconds) } }

  /// Computes what takes so many seconds if nobody else does.
  func work(seconds: Double) { wait { .work(left: seconds) } }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Ends the sleep of those in a room at the present time.
  private func wake(_ room: Room) {
    locked {
      for case (let number, .room(let other, _)) in waits where other === room { waits[number] = .sleep(until: now) }
    }
  }

  /// - Parameter whenWaiting: Called once the thread counts as waiting, before the clock may go on.
  private func wait(_ kind: () -> Wait, whenWaiting: () -> Void = {}) {
    locked {
      lastWait += 1
      let number = lastWait
      waits[number] = kind()
      whenWaiting()
      advance()
      while waits[number] != nil { pthread_cond_wait(condition, mutex) }
    }
  }

  /// Ends the wait that is over first, if all threads wait.
  private func advance() {
    guard waits.count == threads, !waits.isEmpty else { return }
    var working = 0
    for case .work in waits.values { working += 1 }
    let times = waits.mapValues { wait in
      switch wait {
      case .sleep(let until), .room(_, let until): max(0, until - now)
      case .work(let left): left * Double(working)
      }
    }
    guard let first = times.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
    now += first.value
    for case (let number, .work(let left)) in waits {
      waits[number] = .work(left: max(0, left - first.value / Double(working)))
    }
    waits[first.key] = nil
    pthread_cond_broadcast(condition)
  }
}
