import CKernels

/// A weight matrix as it lies in a checkpoint: `[rows, columns]` = `[outputs, inputs]`, row-major, f32, f16 or bf16.
struct Matrix: @unchecked Sendable {
  /// How its values are stored.
  let dtype: umk_dtype
  /// Output features.
  let rows: Int
  /// Input features.
  let columns: Int
  private let bytes: SharedBytes

  /// Bytes that one read of the matrix takes.
  var byteCount: Int { bytes.count }
  /// Bytes of one value.
  private var valueSize: Int { dtype == UMK_F32 ? 4 : 2 }

  /// Takes bytes that hold `rows * columns` values of `dtype`, at least one.
  init(_ bytes: SharedBytes, rows: Int, columns: Int, dtype: umk_dtype) {
    self.bytes = bytes
    self.rows = rows
    self.columns = columns
    self.dtype = dtype
    precondition(bytes.count == rows * columns * valueSize && bytes.count > 0, "a matrix has all its values")
  }

  /// Calls `body` with what the kernels read, which means nothing afterwards.
  @inline(__always)
  func withKernelMatrix<Value>(_ body: (UnsafePointer<umk_matrix>) -> Value) -> Value {
    bytes.withBytes { bytes in
      withUnsafePointer(to: umk_matrix(data: bytes.baseAddress, rows: rows, columns: columns, dtype: dtype), body)
    }
  }

  /// Widens one row to float32.
  ///
  /// - Precondition: `row` lies in the matrix.
  func widen(row: Int, into destination: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < rows, "a row of the matrix")
    bytes.slice(row * columns * valueSize..<(row + 1) * columns * valueSize).withBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      umk_widen(source, dtype, columns, destination)
    }
  }
}
