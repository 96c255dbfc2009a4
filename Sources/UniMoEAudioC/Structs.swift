import UniMoEAudio

/// Structs that cross the boundary: both sides may have been compiled with different headers, so only the bytes that
/// both know are copied.
enum Struct {
  /// Reads an input struct: fields that the caller's header did not have keep `defaults`.
  ///
  /// Throws if `struct_size` is smaller than the first header's, which `firstSize` says.
  static func read<Value>(
    _ pointer: UnsafePointer<Value>, defaults: Value, firstSize: Int, _ name: String
  ) throws(UniMoEError) -> Value {
    let size = try size(UnsafeRawPointer(pointer), firstSize, name)
    var value = defaults
    withUnsafeMutableBytes(of: &value) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: min(size, bytes.count)))
    }
    return value
  }

  /// Fills an output struct as far as the caller's header knows it; `struct_size` stays.
  static func write<Value>(
    _ value: Value, to pointer: UnsafeMutablePointer<Value>, firstSize: Int, _ name: String
  ) throws(UniMoEError) {
    let size = try size(UnsafeRawPointer(pointer), firstSize, name)
    withUnsafeBytes(of: value) { bytes in
      let field = MemoryLayout<UInt32>.size
      (UnsafeMutableRawPointer(pointer) + field).copyMemory(
        from: bytes.baseAddress.map { $0 + field } ?? UnsafeRawPointer(pointer),
        byteCount: min(size, bytes.count) - field)
    }
  }

  private static func size(_ pointer: UnsafeRawPointer, _ firstSize: Int, _ name: String) throws(UniMoEError) -> Int {
    let size = Int(pointer.loadUnaligned(as: UInt32.self))
    guard size >= firstSize else {
      throw argumentError("\(name).struct_size", expected: "at least \(firstSize)", found: "\(size)")
    }
    return size
  }
}
