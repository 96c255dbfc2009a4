import CPosix
import Glibc

/// The bytes of stack of each thread of ours, whatever RLIMIT_STACK says; memory is used as far as it is touched.
private let stackBytes = 2 << 20

/// The signals that a thread of ours leaves to the program's own threads: all but those that a fault of its own raises,
/// which the program's crash handler is to see.
private var foreignSignals: sigset_t {
  var set = sigset_t()
  sigfillset(&set)
  for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&set, fault) }
  return set
}

/// Starts a detached thread with a name of at most 15 bytes.
///
/// Whatever the calling thread is like, the new one is scheduled as SCHED_OTHER, rounds to the nearest, has a stack of 2
/// MiB, and takes no signals but those of its own faults. A host may call from a real-time thread: what computes for
/// seconds there takes the machine from its audio, and the system ends the process.
///
/// `last` is called when the body has returned and the thread has let go of all that the body held: whoever waits for it
/// frees the rest, and nothing of it is freed behind the back of a program that is on its way out.
package func startThread(
  _ name: String, _ body: @escaping @Sendable () -> Void, last: @escaping @Sendable () -> Void = {}
) throws(SystemError) {
  let work = Unmanaged.passRetained(Work(name, body, last))
  var all = foreignSignals
  var previous = sigset_t()
  pthread_sigmask(SIG_SETMASK, &all, &previous)
  let status = create(work.toOpaque())
  pthread_sigmask(SIG_SETMASK, &previous, nil)
  if status != 0 {
    work.release()
    throw SystemError(number: status)
  }
}

/// What a thread is given.
private final class Work {
  let name: String
  let body: @Sendable () -> Void
  let last: @Sendable () -> Void

  init(_ name: String, _ body: @escaping @Sendable () -> Void, _ last: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
    self.last = last
  }
}

/// Creates a thread that runs some work; returns 0 or the error's number.
private func create(_ work: UnsafeMutableRawPointer) -> Int32 {
  var attributes = pthread_attr_t()
  let status = pthread_attr_init(&attributes)
  if status != 0 { return status }
  defer { pthread_attr_destroy(&attributes) }
  var parameters = sched_param()
  parameters.sched_priority = 0
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, stackBytes)
  pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
  pthread_attr_setschedpolicy(&attributes, SCHED_OTHER)
  pthread_attr_setschedparam(&attributes, &parameters)
  var thread = pthread_t()
  return pthread_create(
    &thread, &attributes,
    { argument in
      if let argument { run(argument) }
      return nil
    }, work)
}

private func run(_ argument: UnsafeMutableRawPointer) {
  FloatingPointState.setDefault()
  let work = Unmanaged<Work>.fromOpaque(argument)
  let last = work.takeUnretainedValue().last
  cposix_name_thread(work.takeUnretainedValue().name)
  work.takeUnretainedValue().body()
  work.release()
  last()
}
