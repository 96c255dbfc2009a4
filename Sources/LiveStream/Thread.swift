import Glibc
import UniMoEAudio

/// Starts a detached thread that blocks all signals, so that the program's own handlers run on the program's threads.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(UniMoEError) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(Box(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var all = sigset_t()
  var previous = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &previous)
  var thread = pthread_t()
  let status = pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument else { return nil }
      let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
      box.body()
      return nil
    }, box.toOpaque())
  pthread_sigmask(SIG_SETMASK, &previous, nil)
  if status != 0 {
    box.release()
    throw UniMoEError(.system, "thread", "cannot be started: \(String(cString: strerror(status)))")
  }
}
