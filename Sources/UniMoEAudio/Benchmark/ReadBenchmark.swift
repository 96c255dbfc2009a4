import CKernels
import Glibc

/// Reads memory that no cache holds, with the pool's threads: the bound that a step is measured against.
package final class ReadBenchmark {
  private static let block = 1 << 20
  private let blocks: Int
  private let memory: UnsafeMutableRawPointer

  /// Takes `bytes` of memory and writes it, so that it is really there.
  package init(bytes: Int) throws(UniMoEError) {
    blocks = max(1, bytes / Self.block)
    guard let memory = malloc(blocks * Self.block) else {
      throw UniMoEError(.system, "memory", "cannot allocate \(bytes) bytes")
    }
    self.memory = memory
    WorkerPool.shared.run(blocks) { memset(memory + $0 * Self.block, Int32($0 & 127) + 1, Self.block) }
  }

  deinit { free(memory) }

  /// Bytes per second of one read of all of it.
  package func run() -> Double {
    let start = ContinuousClock.now
    WorkerPool.shared.run(blocks) { _ = umk_read(memory + $0 * Self.block, Self.block) }
    return Double(blocks * Self.block) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
