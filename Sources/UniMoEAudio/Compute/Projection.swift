import CKernels

/// One product of some rows: what it reads besides them, and where it writes.
struct Projection {
  let matrix: Matrix
  /// One number per output feature.
  var bias: [Float]?
  let output: Activations

  /// Calls `body` with what a kernel reads and where it writes.
  @inline(__always)
  func withOperands(_ body: (UnsafePointer<umk_matrix>, Activations.Rows) -> Void) {
    matrix.withKernelMatrix { matrix in output.withRows { output in body(matrix, output) } }
  }
}
