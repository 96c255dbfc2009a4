import CKernels

/// Products of stored weight matrices with activations, spread over the worker pool.
///
/// Every output is summed in an order that depends on the matrix shape alone, the same as in `umk_linear`: a row's result
/// is the same bits in a prefill and in a step, in any batch and at any thread count. A raised flag ends a product after
/// the blocks at work, some milliseconds, and leaves its output half-written.
enum MatrixProduct {
  /// Bytes of weights per block of work; fixed, so that blocks never depend on the number of threads, and small enough
  /// to stay in a core's cache while batch after batch of activations meets them.
  private static let blockBytes = 256 << 10

  /// Prefill: `y = x Wᵀ + bias` with x `[rows, w.columns]` and y `[rows, w.rows]`; `bias` holds `w.rows` values.
  static func project(
    _ w: Matrix, bias: UnsafePointer<Float>? = nil, x: UnsafePointer<Float>, rows: Int,
    into y: UnsafeMutablePointer<Float>, cancellation: Cancellation? = nil
  ) {
    let inputs = pointers(to: x, rows: rows, columns: w.columns)
    let outputs = pointers(to: y, rows: rows, columns: w.rows)
    forEachBlock(of: w, cancellation) { range in
      withUnsafePointer(to: w.raw) { umk_linear($0, range.lowerBound, range.upperBound, inputs, rows, bias, outputs) }
    }
  }

  /// Prefill of an expert's first half: `h = silu(x gateᵀ) * (x upᵀ)` with x `[rows, gate.columns]` and
  /// h `[rows, gate.rows]`; `gate` and `up` have one shape.
  static func gated(
    _ gate: Matrix, _ up: Matrix, x: UnsafePointer<Float>, rows: Int, into h: UnsafeMutablePointer<Float>,
    cancellation: Cancellation? = nil
  ) {
    let inputs = pointers(to: x, rows: rows, columns: gate.columns)
    let outputs = pointers(to: h, rows: rows, columns: gate.rows)
    forEachBlock(of: gate, cancellation) { range in
      withUnsafePointer(to: gate.raw) { gate in
        withUnsafePointer(to: up.raw) { up in
          umk_gated(gate, up, range.lowerBound, range.upperBound, inputs, rows, outputs)
        }
      }
    }
  }

  private static func forEachBlock(of w: Matrix, _ cancellation: Cancellation?, _ body: (Range<Int>) -> Void) {
    guard w.rows > 0 else { return }
    let rowBytes = max(1, w.byteCount / w.rows)
    let block = max(16, blockBytes / rowBytes / 16 * 16)
    WorkerPool.shared.run((w.rows + block - 1) / block) { index in
      if cancellation?.isCancelled == true { return }
      body(index * block..<min(w.rows, (index + 1) * block))
    }
  }

  private static func pointers(to x: UnsafePointer<Float>, rows: Int, columns: Int) -> [UnsafePointer<Float>?] {
    (0..<rows).map { x + $0 * columns }
  }

  private static func pointers(
    to y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) -> [UnsafeMutablePointer<Float>?] {
    (0..<rows).map { y + $0 * columns }
  }
}
