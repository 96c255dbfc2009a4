/// Activations `[rows, width]`, float32, with the row pointers that the small-batch kernels take.
final class Activations: @unchecked Sendable {
  /// The rows' addresses, which mean nothing outside `withRows`.
  struct Rows {
    private let first: UnsafeMutablePointer<Float>
    private let width: Int
    /// Row pointers as a kernel's output.
    let outputs: UnsafePointer<UnsafeMutablePointer<Float>?>

    fileprivate init(
      _ first: UnsafeMutablePointer<Float>, width: Int, pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    ) {
      self.first = first
      self.width = width
      outputs = UnsafePointer(pointers)
    }

    /// Row pointers as a kernel's input.
    var inputs: UnsafePointer<UnsafePointer<Float>?> {
      UnsafeRawPointer(outputs).assumingMemoryBound(to: UnsafePointer<Float>?.self)
    }

    /// The features of one row.
    subscript(row: Int) -> UnsafeMutablePointer<Float> { first + row * width }
  }

  /// Features of a row.
  let width: Int

  /// All rows, one after the other.
  private let buffer: FloatBuffer
  private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  /// Allocates rows of zeros.
  init(rows: Int, width: Int) throws(UniMoEError) {
    self.width = width
    buffer = try FloatBuffer(rows * width)
    pointers = .allocate(capacity: max(rows, 1))
    buffer.withPointer { first in
      for row in 0..<rows { pointers[row] = first + row * width }
    }
  }

  deinit { pointers.deallocate() }

  /// Calls `body` with the rows.
  @inline(__always)
  func withRows<Value, Failure: Error>(_ body: (Rows) throws(Failure) -> Value) throws(Failure) -> Value {
    try buffer.withPointer { (first) throws(Failure) in
      // The row pointers go with this object, not with the buffer.
      defer { withExtendedLifetime(self) {} }
      return try body(Rows(first, width: width, pointers: pointers))
    }
  }

  /// Calls `body` with the rows of two.
  @inline(__always)
  static func withRows<Value>(_ a: Activations, _ b: Activations, _ body: (Rows, Rows) -> Value) -> Value {
    a.withRows { a in b.withRows { b in body(a, b) } }
  }

  /// Calls `body` with the rows of three.
  @inline(__always)
  static func withRows<Value>(
    _ a: Activations, _ b: Activations, _ c: Activations, _ body: (Rows, Rows, Rows) -> Value
  ) -> Value {
    a.withRows { a in b.withRows { b in c.withRows { c in body(a, b, c) } } }
  }

  /// Calls `body` with the first `rows` rows.
  func withValues<Value>(rows: Int, _ body: (UnsafeBufferPointer<Float>) -> Value) -> Value {
    buffer.withPointer { body(UnsafeBufferPointer(start: $0, count: rows * width)) }
  }

  /// A copy of the first `rows` rows.
  func values(rows: Int) -> [Float] { withValues(rows: rows) { Array($0) } }
}
