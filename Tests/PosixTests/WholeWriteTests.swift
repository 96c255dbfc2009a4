import Glibc
import Posix
import Synchronization
import Testing
import TestSupport

@Suite struct WholeWriteTests {
  private func pipe(blocks: Bool) throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(Glibc.pipe(&ends) == 0)
    if !blocks { try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0) }
    return (ends[0], ends[1])
  }

  /// More than a pipe holds, to a reader that begins late.
  @Test(arguments: [true, false]) func everyByteArrivesThroughAPipe(blocks: Bool) throws {
    let (reader, writer) = try pipe(blocks: blocks)
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let received = Mutex<[UInt8]>([])
    let thread = Thread {
      Thread.sleep(milliseconds: 20)
      var part = [UInt8](repeating: 0, count: 3000)
      while true {
        let count = read(reader, &part, part.count)
        if count <= 0 { break }
        received.withLock { $0 += part[..<count] }
      }
    }
    try writeAll(bytes, to: writer)
    close(writer)
    thread.join()
    close(reader)
    #expect(received.withLock { $0 } == bytes)
  }

  @Test func pipeThatNobodyReadsTakesTheTimeItIsGiven() throws {
    let (reader, writer) = try pipe(blocks: false)
    defer {
      close(reader)
      close(writer)
    }
    let start = MonotonicClock.now
    let error = #expect(throws: SystemError.self) {
      try writeAll([UInt8](repeating: 0, count: 1 << 20), to: writer, until: start + .milliseconds(30))
    }
    #expect(error?.number == EAGAIN)
    #expect(MonotonicClock.now - start >= .milliseconds(30))
  }

  @Test func closedDescriptorIsNamedByTheSystemsWords() {
    let error = #expect(throws: SystemError.self) { try writeAll([1, 2, 3] as [UInt8], to: -1) }
    #expect(error?.description == "Bad file descriptor")
  }
}
