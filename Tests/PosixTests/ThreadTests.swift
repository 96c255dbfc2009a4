import Glibc
import Posix
import Synchronization
import Testing
import TestSupport

/// Threads of ours, started by threads that are in no way ordinary.
@Suite struct ThreadTests {
  /// What a thread found out about itself.
  private struct Nature: Equatable {
    var policy: Int32 = -1
    var rounding: Int32 = -1
    var name = ""
    var blocksTermination = false
    var blocksFaults = true
  }

  /// Starts a thread of ours in a parent that is prepared first, and returns what it is.
  private func child(of prepare: @escaping @Sendable () -> Void) throws -> Nature {
    let found = Mutex<Nature?>(nil)
    let error = Mutex<SystemError?>(nil)
    let over = Latch()
    Thread {
      prepare()
      do throws(SystemError) {
        try startThread("fifteen letters") {
          found.withLock { $0 = Self.nature() }
        } last: {
          over.open()
        }
      } catch let problem {
        error.withLock { $0 = problem }
        over.open()
      }
    }.join()
    #expect(over.wait(until: MonotonicClock.now + .seconds(60)))
    if let problem = error.withLock({ $0 }) { throw problem }
    return try #require(found.withLock { $0 })
  }

  private static func nature() -> Nature {
    var nature = Nature()
    var parameters = sched_param()
    pthread_getschedparam(pthread_self(), &nature.policy, &parameters)
    nature.rounding = fegetround()
    var name = [CChar](repeating: 0, count: 16)
    if let file = fopen("/proc/thread-self/comm", "r") {
      fgets(&name, 16, file)
      fclose(file)
    }
    nature.name = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var mask = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &mask)
    nature.blocksTermination = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGUSR1) == 1
    nature.blocksFaults = sigismember(&mask, SIGSEGV) == 1 || sigismember(&mask, SIGILL) == 1
    return nature
  }

  private static let ordinary = Nature(
    policy: SCHED_OTHER, rounding: Self.toNearest, name: "fifteen letters", blocksTermination: true,
    blocksFaults: false)

  @Test func childOfAnOrdinaryThreadIsOrdinary() throws {
    #expect(try child {} == Self.ordinary)
  }

  /// SCHED_BATCH, which Swift does not see.
  private static let batch: Int32 = 3
  // FE_TONEAREST and FE_UPWARD, each of which Swift sees twice.
  private static let toNearest: Int32 = 0
  #if arch(x86_64)
    private static let upward: Int32 = 0x800
  #else
    private static let upward: Int32 = 0x400000
  #endif

  /// SCHED_BATCH is inherited as SCHED_FIFO is, and needs no rights.
  @Test func childOfABatchThreadIsOrdinary() throws {
    let nature = try child {
      var parameters = sched_param()
      #expect(pthread_setschedparam(pthread_self(), Self.batch, &parameters) == 0)
    }
    #expect(nature == Self.ordinary)
  }

  @Test func childOfARealTimeThreadIsOrdinary() throws {
    let nature = try child {
      var parameters = sched_param()
      parameters.sched_priority = 5
      // Without the rights it stays as it is, and the test above has to do.
      _ = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
    }
    #expect(nature == Self.ordinary)
  }

  @Test func childOfAThreadThatRoundsUpwardRoundsToTheNearest() throws {
    #expect(try child { fesetround(Self.upward) } == Self.ordinary)
  }

  @Test func workWithinAHostLeavesItsRoundingAndItsCancellationAlone() {
    Thread {
      fesetround(Self.upward)
      pthread_setcancelstate(Int32(PTHREAD_CANCEL_ENABLE), nil)
      let (rounding, cancellation) = withinHost {
        var state: Int32 = -1
        pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), &state)
        return (fegetround(), state)
      }
      #expect(rounding == Self.toNearest)
      #expect(cancellation == Int32(PTHREAD_CANCEL_DISABLE))
      #expect(fegetround() == Self.upward)
      var state: Int32 = -1
      pthread_setcancelstate(Int32(PTHREAD_CANCEL_ENABLE), &state)
      #expect(state == Int32(PTHREAD_CANCEL_ENABLE))
    }.join()
  }

  @Test func latchThatStaysClosedLetsNobodyThroughAtTheDeadline() {
    let latch = Latch()
    let start = MonotonicClock.now
    #expect(!latch.wait(until: start + .milliseconds(20)))
    #expect(MonotonicClock.now - start >= .milliseconds(20))
    latch.open()
    #expect(latch.wait(until: start))
    #expect(latch.wait(until: nil))
  }
}
