import CKernels

/// Products of stored weight matrices with activations, spread over the worker pool.
///
/// Every output is summed in an order that depends on the matrix shape alone: a row's result is the same bits in any
/// batch, at any thread count and on every run of one machine.
enum MatrixProduct {
  /// Output features per block of work; fixed, so that blocks never depend on the number of threads.
  private static let blockRows = 32

  /// Prefill: `y = x Wᵀ + bias` with x `[rows, w.columns]` and y `[rows, w.rows]`; `bias` holds `w.rows` values.
  static func project(
    _ w: Matrix, bias: UnsafePointer<Float>? = nil, x: UnsafePointer<Float>, rows: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    forEachBlock(of: w.rows) { range in
      withRows(of: x, rows: rows, columns: w.columns, y, outputs: w.rows) { inputs, outputs, count in
        withUnsafePointer(to: w.raw) {
          umk_linear($0, range.lowerBound, range.upperBound, inputs, count, bias, outputs)
        }
      }
    }
  }

  /// Prefill of an expert's first half: `h = silu(x gateᵀ) * (x upᵀ)` with x `[rows, gate.columns]` and
  /// h `[rows, gate.rows]`; `gate` and `up` have one shape and one stored type.
  static func gated(
    _ gate: Matrix, _ up: Matrix, x: UnsafePointer<Float>, rows: Int, into h: UnsafeMutablePointer<Float>
  ) {
    forEachBlock(of: gate.rows) { range in
      withRows(of: x, rows: rows, columns: gate.columns, h, outputs: gate.rows) { inputs, outputs, count in
        withUnsafePointer(to: gate.raw) { gate in
          withUnsafePointer(to: up.raw) { up in
            umk_gated(gate, up, range.lowerBound, range.upperBound, inputs, count, outputs)
          }
        }
      }
    }
  }

  private static func forEachBlock(of outputs: Int, _ body: (Range<Int>) -> Void) {
    WorkerPool.shared.run((outputs + blockRows - 1) / blockRows) { block in
      body(block * blockRows..<min(outputs, (block + 1) * blockRows))
    }
  }

  /// Gives `body` pointers to 16 activation rows at a time.
  private static func withRows(
    of x: UnsafePointer<Float>, rows: Int, columns: Int, _ y: UnsafeMutablePointer<Float>, outputs: Int,
    _ body: (UnsafePointer<UnsafePointer<Float>?>?, UnsafePointer<UnsafeMutablePointer<Float>?>?, Int) -> Void
  ) {
    for first in stride(from: 0, to: rows, by: 16) {
      let count = min(16, rows - first)
      let inputs: [UnsafePointer<Float>?] = (first..<first + count).map { x + $0 * columns }
      let outputs: [UnsafeMutablePointer<Float>?] = (first..<first + count).map { y + $0 * outputs }
      body(inputs, outputs, count)
    }
  }
}
