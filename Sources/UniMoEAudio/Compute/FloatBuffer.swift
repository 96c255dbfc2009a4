import Glibc

/// Float32 memory that is allocated once and freed with its owner; 64-byte aligned, zero at first.
final class FloatBuffer: @unchecked Sendable {
  /// The first value.
  let pointer: UnsafeMutablePointer<Float>
  /// How many values there are.
  let count: Int

  /// Allocates `count` zeros. Pages that are never written take no memory.
  init(_ count: Int) throws(UniMoEError) {
    self.count = count
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard count >= 0, !overflow, let memory = calloc(bytes + 64, 1) else {
      throw UniMoEError(.system, "memory", "cannot allocate \(count) float32 values")
    }
    base = memory
    let address = (UInt(bitPattern: memory) + 63) & ~63
    // Never nil: an address above a non-null pointer.
    let aligned = UnsafeMutableRawPointer(bitPattern: address) ?? memory
    pointer = aligned.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  private let base: UnsafeMutableRawPointer

  deinit { free(base) }

  /// Row `index` of a row-major matrix of `width` columns.
  func row(_ index: Int, _ width: Int) -> UnsafeMutablePointer<Float> { pointer + index * width }

  /// All values, read-only.
  var values: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: pointer, count: count) }
}
