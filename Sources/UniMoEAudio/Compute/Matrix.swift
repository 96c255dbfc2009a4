import CKernels

/// A weight matrix as it lies in a checkpoint: `[rows, columns]` = `[outputs, inputs]`, row-major, f32, f16 or bf16.
struct Matrix: @unchecked Sendable {
  /// What the kernels read.
  let raw: umk_matrix
  /// Keeps the memory under `raw` alive.
  private let owner: any AnyObject & Sendable

  /// Output features.
  var rows: Int { raw.rows }
  /// Input features.
  var columns: Int { raw.columns }
  /// Bytes that one read of the matrix takes.
  var byteCount: Int { rows * columns * (raw.dtype == UMK_F32 ? 4 : 2) }

  /// Wraps memory that `owner` keeps alive and that holds `rows * columns` values of `dtype`.
  init(data: UnsafeRawPointer, rows: Int, columns: Int, dtype: umk_dtype, owner: any AnyObject & Sendable) {
    raw = umk_matrix(data: data, rows: rows, columns: columns, dtype: dtype)
    self.owner = owner
  }
}
