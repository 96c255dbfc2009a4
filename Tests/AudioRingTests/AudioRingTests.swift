import AudioRing
import Glibc
import TestSupport
import Testing

@Suite struct AudioRingTests {
  /// Reads without waiting, into an array of `count` samples preset to a value that no test writes.
  private func read(_ ring: AudioRing, _ count: Int) -> (samples: [Float], real: Int) {
    var samples = [Float](repeating: -99, count: count)
    let real = samples.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { ring.reader.read(into: $0, count: count) } ?? 0
    }
    return (samples, real)
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 4), (1000, 1024), (1024, 1024), (1025, 2048)])
  func capacityIsRoundedUpToAPowerOfTwo(minimum: Int, capacity: Int) {
    let ring = AudioRing(minimumCapacity: minimum)
    #expect(ring.capacity == capacity)
    #expect(ring.writeSpace == capacity)
    #expect(ring.reader.readSpace == 0)
    #expect(ring.write([Float](repeating: 1, count: capacity + 5)) == capacity)
    #expect(ring.writeSpace == 0)
    #expect(ring.reader.readSpace == capacity)
  }

  @Test func readAlwaysFillsAndReturnsTheRealCount() {
    let ring = AudioRing(minimumCapacity: 16)
    #expect(read(ring, 4) == ([0, 0, 0, 0], 0))
    ring.write([1, 2, 3] as [Float])
    #expect(read(ring, 5) == ([1, 2, 3, 0, 0], 3))
    #expect(read(ring, 0) == ([], 0))
  }

  @Test func samplesKeepTheirOrderAcrossTheWrap() {
    let ring = AudioRing(minimumCapacity: 8)
    var next: Float = 0
    var expected: Float = 0
    for size in [5, 7, 3, 8, 1, 6, 2, 8, 8, 5] {
      ring.write(
        (0..<size).map { _ in
          next += 1; return next
        })
      let (samples, real) = read(ring, size)
      #expect(real == size)
      for sample in samples { expected += 1; #expect(sample == expected) }
    }
    #expect(ring.deliveredSamples == Int(expected))
  }

  @Test func onlyShortReadsBetweenFirstSampleAndEndAreUnderruns() {
    let ring = AudioRing(minimumCapacity: 16)
    _ = read(ring, 4)
    #expect(ring.underruns == 0)
    ring.write([1, 2] as [Float])
    _ = read(ring, 2)
    #expect(ring.underruns == 0)
    _ = read(ring, 3)
    ring.write([3] as [Float])
    _ = read(ring, 3)
    #expect(ring.underruns == 2)
    #expect(ring.missingSamples == 5)
    ring.write([4] as [Float])
    ring.finish()
    #expect(!ring.reader.isAtEnd)
    #expect(read(ring, 3) == ([4, 0, 0], 1))
    #expect(ring.reader.isAtEnd)
    _ = read(ring, 3)
    #expect(ring.underruns == 2)
  }

  @Test func nothingIsTakenAfterTheEnd() {
    let ring = AudioRing(minimumCapacity: 16)
    ring.finish()
    #expect(ring.write([1] as [Float]) == 0)
    #expect(ring.writeAll([1], timeout: .seconds(5)) == 0)
  }

  @Test func flushDropsWhatWasWrittenAndPlaysWhatFollows() {
    let ring = AudioRing(minimumCapacity: 8)
    ring.write([1, 2, 3, 4, 5] as [Float])
    _ = read(ring, 1)
    ring.flush()
    ring.write([6, 7, 8] as [Float])
    #expect(ring.reader.readSpace == 3)
    #expect(ring.writeSpace == 1)
    #expect(ring.reader.skipFlushed())
    #expect(!ring.reader.skipFlushed())
    #expect(ring.writeSpace == 5)
    #expect(read(ring, 3) == ([6, 7, 8], 3))
    #expect(ring.deliveredSamples == 4)
  }

  @Test func cancelEndsTheRingForBothSides() {
    let ring = AudioRing(minimumCapacity: 8)
    ring.write([1, 2, 3] as [Float])
    ring.cancel()
    ring.cancel()
    #expect(ring.write([4] as [Float]) == 0)
    #expect(ring.reader.readSpace == 0)
    #expect(ring.reader.isAtEnd)
    #expect(read(ring, 2) == ([0, 0], 0))
    #expect(ring.underruns == 0)
    #expect(!ring.waitForSpace(1, timeout: .seconds(60)))
  }

  @Test func waitingForSpaceThatNeverComesTimesOut() {
    let ring = AudioRing(minimumCapacity: 8)
    #expect(ring.waitForSpace(8, timeout: .zero))
    #expect(!ring.waitForSpace(9, timeout: .milliseconds(20)))
    ring.write([1] as [Float])
    #expect(!ring.waitForSpace(8, timeout: .milliseconds(20)))
    #expect(!ring.reader.waitForData(2, timeout: .milliseconds(20)))
  }

  @Test func cancelWakesAWaitingProducerAndAWaitingConsumer() async {
    let ring = AudioRing(minimumCapacity: 8)
    let consumer = Thread { #expect(!ring.reader.waitForData(1, timeout: .seconds(60))) }
    Thread.sleep(milliseconds: 30)
    let clock = ContinuousClock()
    let start = clock.now
    ring.cancel()
    consumer.join()
    let full = AudioRing(minimumCapacity: 8)
    full.write([Float](repeating: 0, count: 8))
    let producer = Thread { #expect(full.writeAll([1], timeout: .seconds(60)) == 0) }
    Thread.sleep(milliseconds: 30)
    full.cancel()
    producer.join()
    #expect(clock.now - start < .seconds(5))
  }
}
