import CKernels
import Glibc

/// Reads memory that no cache holds, with the pool's threads: the bound that a step is measured against.
package final class ReadBenchmark {
  private static let block = 1 << 20
  private let clock: BenchmarkClock
  private let blocks: Int
  private let memory: UnsafeMutableRawPointer

  /// Takes `bytes` of memory and writes it, so that it is really there.
  package init(bytes: Int, clock: BenchmarkClock = .wall) throws(UniMoEError) {
    self.clock = clock
    blocks = max(1, bytes / Self.block)
    guard let memory = malloc(blocks * Self.block) else {
      throw UniMoEError(.system, "memory", "cannot allocate \(bytes) bytes")
    }
    self.memory = memory
    WorkerPool.shared.run(blocks) { memset(memory + $0 * Self.block, Int32($0 & 127) + 1, Self.block) }
  }

  /// Sets how many threads the process's pool uses; 0 means one per core.
  package static func useThreads(_ threads: Int) { WorkerPool.shared.setThreads(threads) }

  deinit { free(memory) }

  /// Bytes per second of one read of all of it.
  package func run() throws(UniMoEError) -> Double {
    let seconds = try clock.measure { () throws(UniMoEError) in
      WorkerPool.shared.run(blocks) { _ = umk_read(memory + $0 * Self.block, Self.block) }
    }
    return Double(blocks * Self.block) / seconds
  }
}
