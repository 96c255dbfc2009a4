import CKernels
import Posix

/// The process's one pool of worker threads, which numeric work is spread over.
///
/// Workers are started by the first job that needs them. They block all signals and sleep when idle.
/// Results must not depend on the number of threads: split work into blocks by the problem's size alone.
final class WorkerPool: Sendable {
  /// The pool.
  static let shared = WorkerPool()

  private init() {
    if let processors = ProcessorQuota.processors() { umk_pool_set_allotment(Self.threads(forQuota: processors)) }
  }

  /// The threads that a quota of processors is worth: whole ones, because a thread that is stopped in the middle of a job
  /// lets all others wait.
  static func threads(forQuota processors: Double) -> Int {
    Int(min(max(processors.rounded(), 1), Double(limit)))
  }

  /// Threads that a job uses at most, the caller included; at first the number of processors that the process may use, by
  /// its affinity mask and by the quotas of its control groups.
  var threads: Int { umk_pool_threads() }

  /// The largest number of threads that can be set, hence of workers.
  static var limit: Int { umk_pool_limit() }

  /// Sets the number of threads; 0 or less means the default. No more than four a processor take part.
  func setThreads(_ threads: Int) {
    umk_pool_set_threads(max(0, threads))
  }

  /// Runs `body` once for each index in `0..<count`, on any thread, and returns when all are done.
  ///
  /// A call from inside a body, or while another thread's job runs, runs all indices on the calling thread.
  func run(_ count: Int, _ body: (Int) -> Void) {
    run(count) { index, _ in body(index) }
  }

  /// As ``run(_:_:)``, with the number of the worker beside the index: below ``limit``, and shared by no two threads of
  /// the job, so that it can choose scratch memory.
  func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    guard count > 0 else { return }
    withoutActuallyEscaping(body) { escapable in
      var body = escapable
      withUnsafeMutablePointer(to: &body) { pointer in
        umk_pool_run(
          count,
          { context, index, worker in
            context?.assumingMemoryBound(to: ((Int, Int) -> Void).self).pointee(index, worker)
          }, pointer)
      }
    }
  }
}
