import AudioRing
import Glibc
import Synchronization
import TestSupport
import Testing

/// Two real threads on one ring, with sizes that never settle into a rhythm.
@Suite struct AudioRingStressTests {
  /// A number sequence for sizes: fixed, so that a failure can be repeated.
  private struct Sizes {
    var state: UInt64
    mutating func next(upTo limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit + 1
    }
  }

  /// What is written: sample `p` has the value `p % period`, a prime period, so that neither a block lost nor one read
  /// twice can go unseen. Stored twice the longest block beyond a period, so that every block lies in one piece.
  private static let period = 65_537
  private static let longestBlock = 4096
  private static let pattern = (0..<period + longestBlock).map { Float($0 % period) }

  /// How a producer passes the time while the ring is full.
  private enum Waiting { case yielding, sleeping }

  private static func produce(_ ring: AudioRing, total: Int, seed: UInt64, _ waiting: Waiting) -> Int {
    var sizes = Sizes(state: seed)
    var position = 0
    while position < total && !ring.isCancelled {
      let count = min(sizes.next(upTo: longestBlock), total - position)
      let start = position % period
      position += pattern.withUnsafeBufferPointer { whole in
        let block = UnsafeBufferPointer(rebasing: whole[start..<start + count])
        return waiting == .yielding ? ring.write(block) : ring.writeAll(block, timeout: .seconds(20))
      }
      if waiting == .yielding { sched_yield() }
    }
    ring.finish()
    return position
  }

  /// Whether the block holds the samples from `position` on.
  private static func isRight(_ block: UnsafePointer<Float>, at position: Int, count: Int) -> Bool {
    pattern.withUnsafeBufferPointer { whole in
      guard let base = whole.baseAddress else { return false }
      return memcmp(base + position % period, block, count * MemoryLayout<Float>.size) == 0
    }
  }

  @Test(arguments: [64, 1000, 48_000])
  func everySampleArrivesOnceAndInOrder(capacity: Int) {
    let total = 4_000_000
    let ring = AudioRing(minimumCapacity: capacity)
    let produced = Atomic<Int>(0)
    let producer = Thread { produced.store(Self.produce(ring, total: total, seed: 1, .yielding), ordering: .relaxed) }
    var sizes = Sizes(state: 2)
    let block = UnsafeMutablePointer<Float>.allocate(capacity: Self.longestBlock)
    let zeros = [Float](repeating: 0, count: Self.longestBlock)
    defer { block.deallocate() }
    var position = 0
    var wrong = 0
    var unpadded = 0
    while !ring.reader.isAtEnd {
      let count = sizes.next(upTo: Self.longestBlock)
      memset(block, 255, count * MemoryLayout<Float>.size)
      let real = ring.reader.read(into: block, count: count)
      if !Self.isRight(block, at: position, count: real) { wrong += 1 }
      if memcmp(block + real, zeros, (count - real) * MemoryLayout<Float>.size) != 0 { unpadded += 1 }
      position += real
      if real < count { sched_yield() }
    }
    producer.join()
    #expect(produced.load(ordering: .relaxed) == total)
    #expect(position == total)
    #expect(wrong == 0)
    #expect(unpadded == 0)
    #expect(ring.deliveredSamples == total)
  }

  @Test func waitingReadsReceiveEverySample() {
    let total = 1_000_000
    let ring = AudioRing(minimumCapacity: 512)
    let producer = Thread { _ = Self.produce(ring, total: total, seed: 3, .sleeping) }
    let block = UnsafeMutablePointer<Float>.allocate(capacity: 777)
    defer { block.deallocate() }
    var position = 0
    var wrong = 0
    while true {
      let real = ring.reader.waitingRead(into: block, count: 777, timeout: .seconds(20))
      if !Self.isRight(block, at: position, count: real) { wrong += 1 }
      position += real
      if real < 777 { break }
    }
    producer.join()
    #expect(position == total)
    #expect(wrong == 0)
    #expect(ring.underruns == 0)
  }

  @Test func flushesAndCancelAgainstARunningReaderLeaveTheOrderIntact() {
    let ring = AudioRing(minimumCapacity: 1024)
    let producer = Thread {
      var position = 0
      for turn in 0..<1000 {
        let count = turn % 300 + 1
        position += ring.writeAll((position..<position + count).map { Float($0) }, timeout: .seconds(20))
        if turn % 7 == 0 { ring.flush() }
      }
      ring.cancel()
    }
    let block = UnsafeMutablePointer<Float>.allocate(capacity: 256)
    defer { block.deallocate() }
    var last: Float = -1
    var backwards = 0
    while !ring.reader.isAtEnd {
      let real = ring.reader.read(into: block, count: 256)
      for i in 0..<real {
        if block[i] <= last { backwards += 1 }
        last = block[i]
      }
    }
    producer.join()
    #expect(backwards == 0)
    #expect(last >= 0)
  }
}
