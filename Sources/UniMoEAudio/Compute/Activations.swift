/// Activations `[rows, width]`, float32, with the row pointers that the small-batch kernels take.
final class Activations: @unchecked Sendable {
  /// Features of a row.
  let width: Int
  /// All rows, one after the other.
  let buffer: FloatBuffer

  private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  /// Allocates rows of zeros.
  init(rows: Int, width: Int) throws(UniMoEError) {
    self.width = width
    buffer = try FloatBuffer(rows * width)
    pointers = .allocate(capacity: max(rows, 1))
    for row in 0..<rows { pointers[row] = buffer.pointer + row * width }
  }

  deinit { pointers.deallocate() }

  /// The features of one row.
  subscript(row: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + row * width }

  /// Row pointers as a kernel's output.
  var outputs: UnsafePointer<UnsafeMutablePointer<Float>?> { UnsafePointer(pointers) }

  /// Row pointers as a kernel's input.
  var inputs: UnsafePointer<UnsafePointer<Float>?> {
    UnsafeRawPointer(pointers).assumingMemoryBound(to: UnsafePointer<Float>?.self)
  }

  /// The first `rows` rows, read-only.
  func values(rows: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: buffer.pointer, count: rows * width)
  }
}
