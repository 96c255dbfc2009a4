import Foundation

/// A JACK server without hardware, in real time where the system allows it.
final class Server {
  let name = "unimoe-callback-cost-\(getpid())"
  let isRealTime: Bool
  private let process = Process()

  init(rate: Int, period: Int) throws {
    isRealTime = Self.mayRunInRealTime()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/jackd")
    process.arguments = [isRealTime ? "-R" : "-r", "-n", name, "-d", "dummy", "-r", "\(rate)", "-p", "\(period)"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Whether this process may have a thread that no ordinary thread interrupts; tries it on a thread of its own.
  private static func mayRunInRealTime() -> Bool {
    var id = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO)
    var parameters = sched_param(sched_priority: 5)
    pthread_attr_setschedparam(&attributes, &parameters)
    guard pthread_create(&id, &attributes, { _ in nil }, nil) == 0 else { return false }
    pthread_join(id, nil)
    return true
  }
}
