import CKernels
import Foundation
import Synchronization
import Testing

@testable import UniMoEAudio

/// Serialised, because the number of threads belongs to the process.
@Suite(.serialized) struct WorkerPoolTests {
  /// The threads that take part when some are asked for. Other tests set the process's number, too, so a wrong answer is
  /// one that comes again and again.
  private func threads(askedFor count: Int, expecting expected: Int) -> Int {
    defer { WorkerPool.shared.setThreads(0) }
    var found = 0
    for _ in 0..<100 where found != expected {
      WorkerPool.shared.setThreads(count)
      found = WorkerPool.shared.threads
    }
    return found
  }

  @Test func noMoreThanFourThreadsAProcessorTakePart() throws {
    let most = min(WorkerPool.limit, 4 * ProcessInfo.processInfo.activeProcessorCount)
    #expect(threads(askedFor: WorkerPool.limit, expecting: most) == most)
    WorkerPool.shared.setThreads(WorkerPool.limit)
    defer { WorkerPool.shared.setThreads(0) }
    let total = Counter()
    for _ in 0..<50 { WorkerPool.shared.run(1000) { _ in total.add() } }
    #expect(total.value == 50_000)
    let workers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { thread in
      (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) == "unimoe-worker\n"
    }
    #expect(workers.count < most)
  }

  @Test(arguments: [(0.01, 1), (0.5, 1), (1.2, 1), (1.5, 2), (2, 2), (7.9, 8), (1e9, 256)])
  func quotaIsWorthWholeThreads(processors: Double, threads: Int) {
    #expect(WorkerPool.threads(forQuota: processors) == threads)
  }

  @Test func defaultIsNoMoreThanTheAllotment() {
    umk_pool_set_allotment(1)
    defer { umk_pool_set_allotment(WorkerPool.limit) }
    #expect(threads(askedFor: 0, expecting: 1) == 1)
    // What is asked for outweighs it.
    #expect(threads(askedFor: 2, expecting: 2) == 2)
  }

  @Test(arguments: [1, 2, 3, 8]) func everyIndexRunsOnce(threads: Int) {
    let pool = WorkerPool.shared
    pool.setThreads(threads)
    defer { pool.setThreads(0) }
    for count in [0, 1, 2, 7, 100, 1000] {
      let runs = (0..<count).map { _ in Counter() }
      for _ in 0..<50 { pool.run(count) { runs[$0].add() } }
      #expect(runs.allSatisfy { $0.value == 50 })
    }
  }

  @Test func workersOfOneJobDoNotShareANumber() {
    let pool = WorkerPool.shared
    pool.setThreads(4)
    defer { pool.setThreads(0) }
    let inside = (0..<WorkerPool.limit).map { _ in Counter() }
    let clashes = Counter()
    for _ in 0..<20 {
      pool.run(200) { _, worker in
        if inside[worker].add() != 1 { clashes.add() }
        inside[worker].subtract()
      }
    }
    #expect(clashes.value == 0)
  }

  @Test func nestedCallsRunInline() {
    let pool = WorkerPool.shared
    pool.setThreads(2)
    defer { pool.setThreads(0) }
    let total = Counter()
    pool.run(10) { _ in pool.run(10) { _ in total.add() } }
    #expect(total.value == 100)
  }

  @Test func concurrentCallersEachGetTheirWholeJob() async {
    let totals = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let total = Counter()
          for _ in 0..<500 { WorkerPool.shared.run(8) { _ in total.add() } }
          return total.value
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(totals == [4000, 4000, 4000, 4000])
  }
}

private final class Counter: Sendable {
  private let storage = Atomic(0)
  var value: Int { storage.load(ordering: .sequentiallyConsistent) }
  @discardableResult func add() -> Int { storage.add(1, ordering: .sequentiallyConsistent).newValue }
  func subtract() { storage.subtract(1, ordering: .sequentiallyConsistent) }
}
