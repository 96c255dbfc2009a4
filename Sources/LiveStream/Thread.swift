import Glibc
import UniMoEAudio

/// Starts a detached thread that blocks all signals, so that the program's own handlers run on the program's threads.
///
/// `last` is called when the body has returned and the thread has let go of all that the body held: whoever waits for it
/// frees the rest, and nothing of it is freed behind the back of a program that is on its way out.
package func startThread(
  _ body: @escaping @Sendable () -> Void, last: @escaping @Sendable () -> Void = {}
) throws(UniMoEError) {
  final class Box {
    let body: @Sendable () -> Void
    let last: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void, _ last: @escaping @Sendable () -> Void) {
      self.body = body
      self.last = last
    }
  }
  let box = Unmanaged.passRetained(Box(body, last))
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
      let box = Unmanaged<Box>.fromOpaque(argument)
      let last = box.takeUnretainedValue().last
      box.takeUnretainedValue().body()
      box.release()
      last()
      return nil
    }, box.toOpaque())
  pthread_sigmask(SIG_SETMASK, &previous, nil)
  if status != 0 {
    box.release()
    throw UniMoEError(.system, "thread", "cannot be started: \(String(cString: strerror(status)))")
  }
}
