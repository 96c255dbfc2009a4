/// Float memory of a fixed size, aligned to cache lines, zero at first.
///
/// It is `Sendable` because whoever shares one between threads writes to it before sharing or in disjoint parts.
final class AlignedFloats: @unchecked Sendable {
  /// The first number.
  let start: UnsafeMutablePointer<Float>
  /// How many numbers there are.
  let count: Int

  /// Allocates `count` zeros.
  init(count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(64, count * 4), alignment: 64)
    start = bytes.bindMemory(to: Float.self, capacity: count)
    start.initialize(repeating: 0, count: count)
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}
