import CKernels
import Synchronization

/// Products of stored weight matrices with many activation rows, spread over the worker pool, and the memory they need.
///
/// Every output is summed in an order that depends on the matrix shape and the arithmetic alone: a row's result is the
/// same bits in any batch and at any thread count, and in exact arithmetic the same as a step's. A raised flag ends a
/// product after the blocks at work, some milliseconds, and leaves its output half-written.
///
/// Thread: one at a time.
final class MatrixProduct {
  private typealias Kernels = UnsafePointer<umk_blocked_kernels>

  /// Bytes of weights per block of work without packing; fixed, so that blocks never depend on the number of threads, and
  /// small enough to stay in a core's cache while batch after batch of activations meets them.
  private static let blockBytes = 256 << 10
  /// Rows from which packing pays: the weights of 32 bits profit early, others are widened on the way anyway.
  private static let packingRows = (wide: 48, narrow: 192)

  private let exact: Kernels?
  private let rounding: Kernels?
  /// Rows as the blocked kernels read them.
  private let packed: FloatBuffer
  /// A panel of packed weights for each thread at work.
  private let panels: FloatBuffer
  private let panelSize: Int
  private let slots: Int
  private let nextBlock = Atomic<Int>(0)

  /// Takes memory for products of at most `rows` rows with matrices of at most `columns` columns.
  init(rows: Int, columns: Int, arithmetic: PromptArithmetic = .exact) throws(UniMoEError) {
    let path = umk_current_path()
    let exact = umk_blocked_kernels_of(path)
    let rounding = arithmetic == .bfloat16 ? umk_rounding_kernels_of(path) : nil
    func largest(_ size: (umk_blocked_kernels) -> Int) -> Int {
      [exact, rounding].reduce(0) { max($0, $1.map { size($0.pointee) } ?? 0) }
    }
    slots = rows == 0 ? 0 : WorkerPool.shared.threads
    packed = try FloatBuffer(rows * largest { $0.packed_floats(columns) })
    panelSize = largest { $0.outputs * $0.packed_floats(columns) }
    panels = try FloatBuffer(slots * panelSize)
    (self.exact, self.rounding) = (exact, rounding)
  }

  /// `y = x Wᵀ + bias` for several matrices of equally many columns.
  func project(
    _ projections: [Projection], from x: UnsafePointer<UnsafePointer<Float>?>, rows: Int,
    cancellation: Cancellation? = nil
  ) {
    var blocked: [Projection] = []
    var packedFor: Kernels?
    for projection in projections {
      guard let kernels = kernels([projection.matrix], rows) else {
        projectUnpacked(projection, x, rows, cancellation)
        continue
      }
      if kernels != packedFor {
        projectBlocked(blocked, packedFor, rows, cancellation)
        blocked = []
        pack(x, rows, columns: projection.matrix.columns, kernels)
        packedFor = kernels
      }
      blocked.append(projection)
    }
    projectBlocked(blocked, packedFor, rows, cancellation)
  }

  /// An expert's first half: `h = silu(x gateᵀ) * (x upᵀ)`; `gate` and `up` have one shape.
  func gated(
    _ gate: Matrix, _ up: Matrix, from x: UnsafePointer<UnsafePointer<Float>?>, rows: Int, into h: Activations,
    cancellation: Cancellation? = nil
  ) {
    guard let kernels = kernels([gate, up], rows) else {
      forEachBlock(of: gate, cancellation) { range in
        Self.withOperands(gate, up, h) { gate, up, h in
          umk_gated(gate, up, range.lowerBound, range.upperBound, x, rows, h.outputs)
        }
      }
      return
    }
    pack(x, rows, columns: gate.columns, kernels)
    let outputs = kernels.pointee.outputs / 2
    forEachPanel((gate.rows + outputs - 1) / outputs, cancellation) { index, packed, panel in
      Self.withOperands(gate, up, h) { gate, up, h in
        kernels.pointee.gated(gate, up, index * outputs, gate.pointee.rows, packed, rows, panel, h.outputs)
      }
    }
  }

  private static func withOperands(
    _ gate: Matrix, _ up: Matrix, _ h: Activations,
    _ body: (UnsafePointer<umk_matrix>, UnsafePointer<umk_matrix>, Activations.Rows) -> Void
  ) {
    gate.withKernelMatrix { gate in up.withKernelMatrix { up in h.withRows { h in body(gate, up, h) } } }
  }

  /// The blocked kernels for matrices that meet the same rows; `nil` where the others are as good.
  private func kernels(_ matrices: [Matrix], _ rows: Int) -> Kernels? {
    // Whatever the number of rows: a row's result must not depend on it.
    if let rounding, matrices.allSatisfy({ $0.dtype == UMK_BF16 }) { return rounding }
    let isWide = matrices.contains { $0.dtype == UMK_F32 }
    return rows >= (isWide ? Self.packingRows.wide : Self.packingRows.narrow) ? exact : nil
  }

  private func pack(_ x: UnsafePointer<UnsafePointer<Float>?>, _ rows: Int, columns: Int, _ kernels: Kernels) {
    let tileRows = kernels.pointee.tile_rows
    packed.withPointer { packed in
      WorkerPool.shared.run((rows + tileRows - 1) / tileRows) { tile in
        kernels.pointee.pack_rows(x, rows, columns, tile, packed)
      }
    }
  }

  private func projectBlocked(
    _ projections: [Projection], _ kernels: Kernels?, _ rows: Int, _ cancellation: Cancellation?
  ) {
    guard let kernels else { return }
    let outputs = kernels.pointee.outputs
    var firstPanel = [0]
    for projection in projections {
      firstPanel.append((firstPanel.last ?? 0) + (projection.matrix.rows + outputs - 1) / outputs)
    }
    forEachPanel(firstPanel[projections.count], cancellation) { index, packed, panel in
      var number = 0
      while index >= firstPanel[number + 1] { number += 1 }
      let projection = projections[number]
      projection.withOperands { matrix, output in
        kernels.pointee.linear(
          matrix, (index - firstPanel[number]) * outputs, matrix.pointee.rows, packed, rows, projection.bias, panel,
          output.outputs)
      }
    }
  }

  /// Runs `body` for each panel on a thread with the packed rows and with memory to pack the panel's weights in.
  private func forEachPanel(
    _ count: Int, _ cancellation: Cancellation?,
    _ body: (_ index: Int, _ rows: UnsafePointer<Float>, _ memory: UnsafeMutablePointer<Float>) -> Void
  ) {
    nextBlock.store(0, ordering: .relaxed)
    packed.withPointer { packed in
      panels.withPointer { panels in
        WorkerPool.shared.run(min(slots, count)) { slot in
          while cancellation?.isCancelled != true {
            let index = nextBlock.wrappingAdd(1, ordering: .relaxed).oldValue
            if index >= count { return }
            body(index, packed, panels + slot * panelSize)
          }
        }
      }
    }
  }

  private func projectUnpacked(
    _ projection: Projection, _ x: UnsafePointer<UnsafePointer<Float>?>, _ rows: Int, _ cancellation: Cancellation?
  ) {
    forEachBlock(of: projection.matrix, cancellation) { range in
      projection.withOperands { matrix, output in
        umk_linear(matrix, range.lowerBound, range.upperBound, x, rows, projection.bias, output.outputs)
      }
    }
  }

  private func forEachBlock(of w: Matrix, _ cancellation: Cancellation?, _ body: (Range<Int>) -> Void) {
    guard w.rows > 0 else { return }
    let rowBytes = max(1, w.byteCount / w.rows)
    let block = max(16, Self.blockBytes / rowBytes / 16 * 16)
    WorkerPool.shared.run((w.rows + block - 1) / block) { index in
      if cancellation?.isCancelled == true { return }
      body(index * block..<min(w.rows, (index + 1) * block))
    }
  }
}
