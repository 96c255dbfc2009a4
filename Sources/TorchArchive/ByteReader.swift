/// Reads little-endian fields one after the other, never past the end.
struct ByteReader {
  /// What is read.
  let bytes: UnsafeRawBufferPointer
  /// Where the next field begins.
  private(set) var position: Int
  /// The part of the file, for errors.
  let field: String

  /// Starts at a position, which may be anywhere: reading outside throws.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, field: String) {
    self.bytes = bytes
    self.position = position
    self.field = field
  }

  /// Bytes that are left.
  var remaining: Int { max(0, bytes.count - position) }

  /// Reads an integer.
  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(TorchArchiveError) -> Value {
    let span = try take(MemoryLayout<Value>.size)
    return Value(littleEndian: span.loadUnaligned(as: Value.self))
  }

  /// Reads some bytes, not copied.
  mutating func take(_ count: Int) throws(TorchArchiveError) -> UnsafeRawBufferPointer {
    if count < 0 || position < 0 || count > remaining {
      throw TorchArchiveError(field, "ends at byte \(bytes.count), inside a field")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// Reads text of a known length.
  mutating func text(_ count: Int) throws(TorchArchiveError) -> String {
    let span = try take(count)
    guard let text = String(validating: span, as: UTF8.self) else {
      throw TorchArchiveError(field, "text that is not UTF-8")
    }
    return text
  }

  /// Reads text up to a line end, which is skipped.
  mutating func line() throws(TorchArchiveError) -> String {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...])
    let count = rest.firstIndex(of: 0x0a) ?? rest.count
    let text = try text(count)
    _ = try take(1)
    return text
  }
}
