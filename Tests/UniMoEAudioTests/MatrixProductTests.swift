import CKernels
import TestSupport
import Testing

@testable import UniMoEAudio

@Suite(.serialized) struct MatrixProductTests {
  @Test(arguments: [(7, 24), (48, 20), (130, 96)]) func projectEqualsTheDefinition(outputs: Int, inputs: Int) throws {
    let w = StoredMatrix(rows: outputs, columns: inputs, seed: 1)
    let bias = pseudoRandom(outputs, seed: 2)
    for rows in [1, 2, 15, 16, 17, 40, 70] {
      let x = pseudoRandom(rows * inputs, seed: 3)
      let y = try MatrixProduct.project(w.matrix, bias: bias, x: x, rows: rows)
      for r in 0..<rows {
        for n in 0..<outputs {
          let exact = (0..<inputs).reduce(Double(bias[n])) {
            $0 + Double(w.values[n * inputs + $1]) * Double(x[r * inputs + $1])
          }
          #expect(abs(Double(y[r * outputs + n]) - exact) < 1e-5 * Double(inputs).squareRoot())
        }
      }
    }
  }

  /// With few rows and with so many that the weights are packed, in both arithmetics.
  @Test(arguments: PromptArithmetic.allCases, [UMK_F32, UMK_BF16])
  func aRowIsTheSameBitsInEveryBatchAndAtEveryThreadCount(arithmetic: PromptArithmetic, dtype: umk_dtype) throws {
    let (outputs, inputs, most) = (100, 70, 300)
    let w = StoredMatrix(rows: outputs, columns: inputs, dtype: dtype, seed: 4)
    let up = StoredMatrix(rows: outputs, columns: inputs, dtype: dtype, seed: 5)
    let x = pseudoRandom(most * inputs, seed: 6)
    func products(rows: Int, threads: Int) throws -> [[Float]] {
      WorkerPool.shared.setThreads(threads)
      defer { WorkerPool.shared.setThreads(0) }
      let x = Array(x[..<(rows * inputs)])
      return [
        try MatrixProduct.project(w.matrix, x: x, rows: rows, arithmetic: arithmetic),
        try MatrixProduct.gated(w.matrix, up.matrix, x: x, rows: rows, arithmetic: arithmetic),
      ]
    }
    let whole = try products(rows: most, threads: 1)
    for rows in [1, 2, 5, 16, 31, 64, 200] {
      for threads in 1...3 {
        let part = try products(rows: rows, threads: threads)
        #expect(part == whole.map { Array($0[..<(rows * outputs)]) })
      }
    }
    #expect(try products(rows: most, threads: 3) == whole)
  }

  /// A pass asks for query, key and value at once; each is as if alone, whatever their types.
  @Test(arguments: PromptArithmetic.allCases)
  func severalMatricesAtOnceAreAsIfAlone(arithmetic: PromptArithmetic) throws {
    let (inputs, rows) = (40, 50)
    let x = pseudoRandom(rows * inputs, seed: 7)
    let input = try MatrixProduct.activations(x, rows: rows)
    let types = [UMK_F32, UMK_BF16, UMK_F16, UMK_BF16]
    let matrices = types.enumerated().map { index, type in
      StoredMatrix(rows: 30 + 20 * index, columns: inputs, dtype: type, seed: UInt64(10 + index))
    }
    let projections = try matrices.map {
      Projection(matrix: $0.matrix, output: try Activations(rows: rows, width: $0.matrix.rows))
    }
    let product = try MatrixProduct(rows: rows, columns: inputs, arithmetic: arithmetic)
    input.withRows { product.project(projections, from: $0.inputs, rows: rows) }
    for (matrix, projection) in zip(matrices, projections) {
      let alone = try MatrixProduct.project(matrix.matrix, x: x, rows: rows, arithmetic: arithmetic)
      #expect(projection.output.values(rows: rows) == alone)
    }
  }

  @Test func onlyProductsWithBF16WeightsAreRounded() throws {
    let (inputs, rows) = (64, 8)
    let x = pseudoRandom(rows * inputs, seed: 8)
    for dtype in [UMK_F32, UMK_F16, UMK_BF16] {
      let w = StoredMatrix(rows: 40, columns: inputs, dtype: dtype, seed: 9)
      let exact = try MatrixProduct.project(w.matrix, x: x, rows: rows)
      let fast = try MatrixProduct.project(w.matrix, x: x, rows: rows, arithmetic: .bfloat16)
      let isRounded = dtype == UMK_BF16 && umk_rounding_kernels_of(umk_current_path()) != nil
      #expect((fast == exact) == !isRounded)
      #expect(zip(fast, exact).allSatisfy { abs($0 - $1) < 0.1 })
    }
  }

  @Test func gatedEqualsTheDefinition() throws {
    let (outputs, inputs) = (50, 24)
    for rows in [19, 60] {
      let gate = StoredMatrix(rows: outputs, columns: inputs, seed: 6)
      let up = StoredMatrix(rows: outputs, columns: inputs, seed: 7)
      let x = pseudoRandom(rows * inputs, seed: 8)
      let h = try MatrixProduct.gated(gate.matrix, up.matrix, x: x, rows: rows)
      let a = try MatrixProduct.project(gate.matrix, x: x, rows: rows)
      let b = try MatrixProduct.project(up.matrix, x: x, rows: rows)
      for i in h.indices {
        let exact = Double(a[i]) / (1 + exponential(-Double(a[i]))) * Double(b[i])
        #expect(abs(Double(h[i]) - exact) < 1e-5 * max(1, abs(exact)))
      }
    }
  }
}
