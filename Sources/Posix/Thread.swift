import CPosix

/// Starts a detached thread with a name of at most 15 bytes, as `cposix_start_thread` says: ordinary in every way,
/// whatever the calling thread is like. A host may call from a real-time thread: what computes for seconds there takes
/// the machine from its audio, and the system ends the process.
///
/// `last` is called when the body has returned and the thread has let go of all that the body held: whoever waits for it
/// frees the rest, and nothing of it is freed behind the back of a program that is on its way out.
package func startThread(
  _ name: String, _ body: @escaping @Sendable () -> Void, last: @escaping @Sendable () -> Void = {}
) throws(SystemError) {
  let work = Unmanaged.passRetained(Work(body, last))
  let status = cposix_start_thread(
    name,
    { context in
      guard let context else { return }
      let work = Unmanaged<Work>.fromOpaque(context)
      let last = work.takeUnretainedValue().last
      work.takeUnretainedValue().body()
      work.release()
      last()
    }, work.toOpaque())
  if status != 0 {
    work.release()
    throw SystemError(number: status)
  }
}

/// What a thread is given.
private final class Work {
  let body: @Sendable () -> Void
  let last: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void, _ last: @escaping @Sendable () -> Void) {
    self.body = body
    self.last = last
  }
}
