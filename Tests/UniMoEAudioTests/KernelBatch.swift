import CKernels
import TestSupport

@testable import UniMoEAudio

/// Activation rows and a place for their results.
struct KernelBatch {
  let inputs: [[Float]]
  let rows: Int

  init(inputs: [[Float]], rows: Int) {
    self.inputs = inputs
    self.rows = rows
  }

  init(count: Int, columns: Int, rows: Int, seed: UInt64) {
    self.init(inputs: (0..<count).map { pseudoRandom(columns, seed: seed + UInt64($0)) }, rows: rows)
  }

  func run(
    start: Float = .nan,
    _ body: (UnsafePointer<UnsafePointer<Float>?>, UnsafePointer<UnsafeMutablePointer<Float>?>) -> Void
  ) -> [[Float]] {
    let columns = inputs[0].count
    // Behind the inputs lies NaN, so that a kernel that read on would be noticed.
    let x = inputs.flatMap { $0 + [.nan] }
    var y = [Float](repeating: start, count: inputs.count * rows)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        let xs: [UnsafePointer<Float>?] = inputs.indices.map { x + $0 * (columns + 1) }
        let ys: [UnsafeMutablePointer<Float>?] = inputs.indices.map { y + $0 * rows }
        body(xs, ys)
      }
    }
    return inputs.indices.map { Array(y[($0 * rows)..<(($0 + 1) * rows)]) }
  }
}
