import CKernels
import Testing

@testable import UniMoEAudio

@Suite(.serialized) struct MatrixProductTests {
  @Test(arguments: [(7, 24), (48, 20), (130, 96)]) func projectEqualsTheDefinition(outputs: Int, inputs: Int) {
    let w = StoredMatrix(rows: outputs, columns: inputs, seed: 1)
    let bias = pseudoRandom(outputs, seed: 2)
    for rows in [1, 2, 15, 16, 17, 40] {
      let x = pseudoRandom(rows * inputs, seed: 3)
      var y = [Float](repeating: .nan, count: rows * outputs)
      MatrixProduct.project(w.matrix, bias: bias, x: x, rows: rows, into: &y)
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

  @Test func aRowIsTheSameBitsInEveryBatchAndAtEveryThreadCount() {
    let w = StoredMatrix(rows: 100, columns: 70, seed: 4)
    let x = pseudoRandom(33 * 70, seed: 5)
    func product(rows: Int, threads: Int) -> [Float] {
      WorkerPool.shared.setThreads(threads)
      defer { WorkerPool.shared.setThreads(0) }
      var y = [Float](repeating: .nan, count: rows * 100)
      MatrixProduct.project(w.matrix, x: x, rows: rows, into: &y)
      return y
    }
    let whole = product(rows: 33, threads: 1)
    for rows in [1, 2, 5, 16, 31] {
      for threads in 1...3 { #expect(product(rows: rows, threads: threads) == Array(whole[..<(rows * 100)])) }
    }
  }

  @Test func gatedEqualsTheDefinition() {
    let (outputs, inputs, rows) = (50, 24, 19)
    let gate = StoredMatrix(rows: outputs, columns: inputs, seed: 6)
    let up = StoredMatrix(rows: outputs, columns: inputs, seed: 7)
    let x = pseudoRandom(rows * inputs, seed: 8)
    var h = [Float](repeating: .nan, count: rows * outputs)
    MatrixProduct.gated(gate.matrix, up.matrix, x: x, rows: rows, into: &h)
    var a = [Float](repeating: .nan, count: rows * outputs)
    var b = a
    MatrixProduct.project(gate.matrix, x: x, rows: rows, into: &a)
    MatrixProduct.project(up.matrix, x: x, rows: rows, into: &b)
    for i in h.indices {
      let exact = Double(a[i]) / (1 + exponential(-Double(a[i]))) * Double(b[i])
      #expect(abs(Double(h[i]) - exact) < 1e-5 * max(1, abs(exact)))
    }
  }
}
