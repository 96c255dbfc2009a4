import Synchronization
import Testing

@testable import UniMoEAudio

/// Serialised, because the number of threads belongs to the process.
@Suite(.serialized) struct WorkerPoolTests {
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
