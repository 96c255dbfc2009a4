/// A message on the wire: its length in bytes as four bytes, the least significant first, then as many bytes of JSON.
public enum ControlFrame {
  /// Bytes of the length.
  public static let headerBytes = 4
  /// The longest message that the daemon sends, and that a client has to take.
  public static let replyLimit = 1 << 20

  /// The wire's bytes for a message.
  public static func bytes(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(clamping: message.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) } + message
  }
}

/// Takes messages out of a stream of bytes that arrives in pieces. Holds one message's bytes at the most, plus a piece.
public struct FrameReader: Sendable {
  /// The longest message that is taken, in bytes; a longer one is refused as soon as its length is read.
  public var limit: Int

  private var buffer: [UInt8] = []
  private var start = 0

  /// Creates a reader of an empty stream.
  public init(limit: Int) { self.limit = limit }

  /// Bytes that wait for the rest of their message.
  public var pendingBytes: Int { buffer.count - start }

  /// Whether `next` has a message to give, or something to refuse.
  public var isReady: Bool {
    guard let count = announcedBytes else { return false }
    return count == 0 || count > limit || pendingBytes >= ControlFrame.headerBytes + count
  }

  /// Appends what arrived.
  public mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next message, or nil before it is complete.
  ///
  /// Throws `.frameTooLong` and `.malformed` (an empty message); the stream cannot be read on after that.
  public mutating func next() throws(ControlFailure) -> [UInt8]? {
    guard let count = announcedBytes else { return nil }
    guard count <= limit else {
      throw ControlFailure(.frameTooLong, "message: expected at most \(limit) bytes, found \(count)")
    }
    guard count > 0 else { throw ControlFailure(.malformed, "message: expected a JSON object, found no bytes") }
    guard pendingBytes >= ControlFrame.headerBytes + count else { return nil }
    let body = start + ControlFrame.headerBytes
    start = body + count
    return Array(buffer[body..<start])
  }

  /// Bytes of the next message, once its length is there.
  private var announcedBytes: Int? {
    guard pendingBytes >= ControlFrame.headerBytes else { return nil }
    return (0..<4).reduce(0) { $0 | Int(buffer[start + $1]) << (8 * $1) }
  }
}
