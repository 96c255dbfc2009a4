import Glibc

/// Float32 memory that is allocated once and freed with its owner; 64-byte aligned, zero at first.
///
/// It is `Sendable` because whoever shares one between threads writes to it before sharing or in disjoint parts.
final class FloatBuffer: @unchecked Sendable {
  /// How many values there are.
  let count: Int

  private let pointer: UnsafeMutablePointer<Float>
  private let base: UnsafeMutableRawPointer

  /// Allocates `count` zeros. Pages that are never written take no memory.
  convenience init(_ count: Int) throws(UniMoEError) {
    guard let memory = Self.allocate(count) else {
      throw UniMoEError(.system, "memory", "cannot allocate \(count) float32 values")
    }
    self.init(memory, count)
  }

  /// Allocates `count` zeros where weights that are in memory bound the count; traps if there is no room, as arrays do.
  convenience init(bounded count: Int) {
    guard let memory = Self.allocate(count) else { preconditionFailure("no memory for \(count) float32 values") }
    self.init(memory, count)
  }

  private init(_ memory: UnsafeMutableRawPointer, _ count: Int) {
    self.count = count
    base = memory
    let address = (UInt(bitPattern: memory) + 63) & ~63
    // Never nil: an address above a non-null pointer.
    let aligned = UnsafeMutableRawPointer(bitPattern: address) ?? memory
    pointer = aligned.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { free(base) }

  private static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
    let (bytes, isTooLarge) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    return count < 0 || isTooLarge || bytes > Int.max - 64 ? nil : calloc(bytes + 64, 1)
  }

  /// Calls `body` with the address of the first value, which means nothing afterwards.
  @inline(__always)
  func withPointer<Value, Failure: Error>(
    _ body: (UnsafeMutablePointer<Float>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer { withExtendedLifetime(self) {} }
    return try body(pointer)
  }
}
