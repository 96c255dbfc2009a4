import Testing

@testable import ControlProtocol

@Suite struct FrameReaderTests {
  private let messages = ["{}", "{\"id\":1}", String(repeating: "x", count: 300)].map { Array($0.utf8) }

  @Test func messagesComeWholeHoweverTheStreamIsSplit() throws {
    let stream = messages.flatMap(ControlFrame.bytes)
    for split in 0...stream.count {
      var reader = FrameReader(limit: 1000)
      var found: [[UInt8]] = []
      for piece in [stream[..<split], stream[split...]] {
        reader.append(piece)
        while let message = try reader.next() { found.append(message) }
      }
      #expect(found == messages)
      #expect(reader.pendingBytes == 0)
    }
  }

  @Test func messagesComeWholeByteByByte() throws {
    var reader = FrameReader(limit: 1000)
    var found: [[UInt8]] = []
    for byte in messages.flatMap(ControlFrame.bytes) {
      reader.append([byte])
      while let message = try reader.next() { found.append(message) }
    }
    #expect(found == messages)
  }

  @Test func tooLongMessageIsRefusedAtItsLength() {
    var reader = FrameReader(limit: 299)
    reader.append(ControlFrame.bytes(messages[2])[..<4])
    #expect(throws: ControlFailure(.frameTooLong, "message: expected at most 299 bytes, found 300")) {
      try reader.next()
    }
    reader = FrameReader(limit: 1 << 20)
    reader.append([0xFF, 0xFF, 0xFF, 0xFF])
    #expect(throws: ControlFailure.self) { try reader.next() }
  }

  @Test func messageAtTheLimitIsTaken() throws {
    var reader = FrameReader(limit: 300)
    reader.append(ControlFrame.bytes(messages[2]))
    #expect(try reader.next() == messages[2])
  }

  @Test func emptyMessageIsRefused() {
    var reader = FrameReader(limit: 300)
    reader.append([0, 0, 0, 0])
    #expect(throws: ControlFailure.self) { try reader.next() }
  }
}
