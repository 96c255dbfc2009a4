import CKernels
import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

/// The kernels of one path that this CPU supports.
struct KernelPath: CustomTestStringConvertible, Sendable {
  let path: umk_path
  var kernels: umk_kernels { umk_kernels_of(path).pointee }
  var testDescription: String { ["portable", "AVX2", "AVX-512"][Int(path.rawValue)] }

  static let supported = [UMK_PATH_PORTABLE, UMK_PATH_AVX2, UMK_PATH_AVX512]
    .filter { umk_kernels_of($0) != nil }.map(KernelPath.init(path:))
}

@Suite struct KernelTests {
  @Test func theBestPathIsInUse() {
    #expect(umk_current_path() == umk_best_path())
    #expect(umk_kernels_of(umk_best_path()) != nil)
  }

  // MARK: Stored weights

  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func wideningIsExact(path: KernelPath, dtype: umk_dtype) {
    for count in [1, 3, 7, 8, 15, 16, 17, 31, 40, 100] {
      let stored = StoredMatrix(rows: 1, columns: count, dtype: dtype, seed: UInt64(count))
      var wide = [Float](repeating: .nan, count: count + 1)
      stored.with { path.kernels.widen($0.pointee.data, dtype, count, &wide) }
      #expect(Array(wide[..<count]) == stored.values)
      #expect(wide[count].isNaN)
    }
  }

  @Test(arguments: KernelPath.supported) func everyHalfFloatIsWidenedExactly(path: KernelPath) {
    let all = (0...UInt16.max).map { $0 }
    var wide = [Float](repeating: 0, count: all.count)
    all.withUnsafeBytes { path.kernels.widen($0.baseAddress, UMK_F16, all.count, &wide) }
    #expect(
      zip(all, wide).allSatisfy { bits, value in
        let exact = Float(Float16(bitPattern: bits))
        return exact.isNaN ? value.isNaN : value.bitPattern == exact.bitPattern
      })
  }

  // MARK: Small-batch products

  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func linearProductsEqualTheDefinition(path: KernelPath, dtype: umk_dtype) {
    for (rows, columns) in [(1, 1), (3, 7), (5, 20), (9, 24), (16, 48), (11, 64), (7, 130), (4, 1376)] {
      let w = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 1)
      let up = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 2)
      let bias = pseudoRandom(rows, seed: 3)
      let scale = pseudoRandom(16, seed: 4)
      let batch = KernelBatch(count: 16, columns: columns, rows: rows, seed: 5)
      let tolerance = 1e-6 * Double(columns).squareRoot() + 1e-6
      let linear = batch.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, 16, bias, y) } }
      let accumulated = batch.run(start: 0.5) { x, y in
        w.with { w in path.kernels.linear_accumulate(w, 0, rows, x, 16, scale, y) }
      }
      let gated = batch.run { x, y in StoredMatrix.with(w, up) { w, up in path.kernels.gated(w, up, 0, rows, x, 16, y) }
      }
      for i in 0..<16 {
        for n in 0..<rows {
          let a = w.dot(row: n, batch.inputs[i])
          let b = up.dot(row: n, batch.inputs[i])
          #expect(abs(Double(linear[i][n]) - (a + Double(bias[n]))) < tolerance)
          #expect(abs(Double(accumulated[i][n]) - (0.5 + Double(scale[i]) * a)) < tolerance)
          #expect(abs(Double(gated[i][n]) - a / (1 + exp(-a)) * b) < tolerance * max(1, abs(a), abs(b)))
        }
      }
    }
  }

  /// Large batches and long rows go through in parts; a row's result stays the same bits.
  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_BF16])
  func largeBatchesOfLongRowsAreTheSameBits(path: KernelPath, dtype: umk_dtype) {
    let (rows, columns, m) = (9, 4500, 133)
    let w = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 25)
    let up = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 26)
    let batch = KernelBatch(count: m, columns: columns, rows: rows, seed: 27)
    let linear = batch.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, m, nil, y) } }
    let gated = batch.run { x, y in StoredMatrix.with(w, up) { w, up in path.kernels.gated(w, up, 0, rows, x, m, y) } }
    for i in [0, 1, 5, 63, 64, 65, 127, 128, 132] {
      let alone = KernelBatch(inputs: [batch.inputs[i]], rows: rows)
      #expect(alone.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, 1, nil, y) } }[0] == linear[i])
      #expect(
        alone.run { x, y in StoredMatrix.with(w, up) { w, up in path.kernels.gated(w, up, 0, rows, x, 1, y) } }[0]
          == gated[i])
      #expect(abs(Double(linear[i][8]) - w.dot(row: 8, batch.inputs[i])) < 1e-4)
    }
  }

  @Test(arguments: [UMK_F32, UMK_F16, UMK_BF16], [UMK_F32, UMK_F16, UMK_BF16])
  func gateAndUpMayBeStoredDifferently(gateType: umk_dtype, upType: umk_dtype) {
    let (rows, columns, m) = (150, 70, 5)
    let gate = StoredMatrix(rows: rows, columns: columns, dtype: gateType, seed: 31)
    let up = StoredMatrix(rows: rows, columns: columns, dtype: upType, seed: 32)
    let batch = KernelBatch(count: m, columns: columns, rows: rows, seed: 33)
    let whole = batch.run { x, y in StoredMatrix.with(gate, up) { gate, up in umk_gated(gate, up, 0, rows, x, m, y) } }
    let parts = batch.run { x, y in
      StoredMatrix.with(gate, up) { gate, up in
        umk_gated(gate, up, 0, 77, x, m, y); umk_gated(gate, up, 77, rows, x, m, y)
      }
    }
    #expect(parts == whole)
    for i in 0..<m {
      for n in 0..<rows {
        let (a, b) = (gate.dot(row: n, batch.inputs[i]), up.dot(row: n, batch.inputs[i]))
        #expect(abs(Double(whole[i][n]) - a / (1 + exp(-a)) * b) < 1e-5 * max(1, abs(a), abs(b)))
      }
    }
  }

  /// Nothing behind the last weight is read: it may be the end of a mapped file.
  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func weightsMayEndAtTheEndOfTheirMapping(path: KernelPath, dtype: umk_dtype) throws {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let memory = try #require(mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(memory, 2 * page) }
    try #require(mprotect(memory + page, page, PROT_NONE) == 0)
    for (rows, columns) in [(1, 1), (3, 7), (5, 20), (4, 33), (2, 77)] {
      let bytes = rows * columns * (dtype == UMK_F32 ? 4 : 2)
      var w = umk_matrix(data: memory + page - bytes, rows: rows, columns: columns, dtype: dtype)
      let batch = KernelBatch(count: 3, columns: columns, rows: rows, seed: 24)
      let products = batch.run { path.kernels.linear(&w, 0, rows, $0, 3, nil, $1) }
      let gated = batch.run { path.kernels.gated(&w, &w, 0, rows, $0, 3, $1) }
      #expect((products + gated).allSatisfy { $0.allSatisfy { $0 == 0 } })
      var wide = [Float](repeating: .nan, count: rows * columns)
      path.kernels.widen(w.data, dtype, rows * columns, &wide)
      #expect(wide.allSatisfy { $0 == 0 })
    }
  }

  /// The order of summation depends neither on the number of activation rows nor on the range of outputs.
  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func linearProductsAreTheSameBitsInEveryBatchAndRange(path: KernelPath, dtype: umk_dtype) {
    for (rows, columns) in [(13, 20), (22, 77), (18, 200)] {
      let w = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 6)
      let up = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 7)
      let scale = pseudoRandom(16, seed: 8)
      let batch = KernelBatch(count: 16, columns: columns, rows: rows, seed: 9)
      let linear = batch.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, 16, nil, y) } }
      let accumulated = batch.run(start: 1) { x, y in
        w.with { w in path.kernels.linear_accumulate(w, 0, rows, x, 16, scale, y) }
      }
      let gated = batch.run { x, y in StoredMatrix.with(w, up) { w, up in path.kernels.gated(w, up, 0, rows, x, 16, y) }
      }
      for m in 1...16 {
        for step in [1, 2, 3, 5, 8, rows] {
          func parts(_ body: (Int, Int) -> Void) {
            for begin in stride(from: 0, to: rows, by: step) { body(begin, min(rows, begin + step)) }
          }
          let l = batch.run { x, y in w.with { w in parts { path.kernels.linear(w, $0, $1, x, m, nil, y) } } }
          let a = batch.run(start: 1) { x, y in
            w.with { w in parts { path.kernels.linear_accumulate(w, $0, $1, x, m, scale, y) } }
          }
          let g = batch.run { x, y in
            StoredMatrix.with(w, up) { w, up in parts { path.kernels.gated(w, up, $0, $1, x, m, y) } }
          }
          #expect(l[..<m] == linear[..<m])
          #expect(a[..<m] == accumulated[..<m])
          #expect(g[..<m] == gated[..<m])
        }
      }
    }
  }

  // MARK: Packed products

  @Test(arguments: KernelPath.supported) func packedProductsEqualTheDefinition(path: KernelPath) {
    for (outputs, inputs, taps) in [(1, 1, 7), (16, 8, 1), (20, 24, 3), (33, 5, 2), (48, 40, 7), (70, 16, 1)] {
      let c = Convolution(outputs: outputs, inputs: inputs, taps: taps, count: 29)
      let y = c.run(path, start: 0.25)
      for t in 0..<c.count {
        for o in 0..<outputs {
          let exact = c.exact(time: t, output: o) + 0.25
          #expect(abs(Double(y[t * outputs + o]) - exact) < 1e-6 * Double(inputs * taps).squareRoot() + 1e-6)
        }
      }
    }
  }

  /// A signal gives the same bits whole and in chunks, all outputs at once and panel by panel.
  @Test(arguments: KernelPath.supported) func packedProductsAreTheSameBitsInEveryChunkAndRange(path: KernelPath) {
    for (outputs, inputs, taps) in [(20, 24, 3), (50, 33, 2), (96, 16, 1)] {
      let c = Convolution(outputs: outputs, inputs: inputs, taps: taps, count: 61)
      let whole = c.run(path, start: 0.25)
      for chunk in [1, 2, 3, 5, 7, 11, 12, 13, 25, 60] {
        #expect(c.run(path, start: 0.25, chunk: chunk, range: outputs) == whole)
        #expect(c.run(path, start: 0.25, chunk: chunk, range: 16) == whole)
        #expect(c.run(path, start: 0.25, chunk: chunk, range: 48) == whole)
      }
    }
  }

  // MARK: Attention

  @Test(arguments: KernelPath.supported) func attentionEqualsTheDefinition(path: KernelPath) {
    for (dimension, positions, queries) in [
      (16, 1, 1), (16, 5, 3), (20, 16, 4), (64, 33, 2), (128, 100, 8), (200, 17, 5), (24, 70, 11),
    ] {
      let scale = 1 / Float(dimension).squareRoot()
      let q = pseudoRandom(queries * dimension, seed: 11).map { $0 * 4 }
      let keys = pseudoRandom(positions * dimension, seed: 12)
      let values = pseudoRandom(positions * dimension, seed: 13)
      var scores = [Float](repeating: .nan, count: queries * positions)
      var out = [Float](repeating: .nan, count: queries * dimension)
      path.kernels.attend(q, queries, keys, values, positions, dimension, scale, &scores, &out)
      for r in 0..<queries {
        let logits = (0..<positions).map { p in
          (0..<dimension).reduce(0.0) { $0 + Double(q[r * dimension + $1]) * Double(keys[p * dimension + $1]) }
            * Double(scale)
        }
        let weights = logits.map { exp($0 - (logits.max() ?? 0)) }
        let total = weights.reduce(0, +)
        for j in 0..<dimension {
          let exact = (0..<positions).reduce(0.0) { $0 + weights[$1] * Double(values[$1 * dimension + j]) } / total
          #expect(abs(Double(out[r * dimension + j]) - exact) < 2e-6)
        }
        var alone = [Float](repeating: .nan, count: dimension)
        var scratch = [Float](repeating: .nan, count: positions)
        path.kernels.attend(
          Array(q[(r * dimension)...]), 1, keys, values, positions, dimension, scale, &scratch, &alone)
        #expect(alone == Array(out[(r * dimension)..<((r + 1) * dimension)]))
      }
    }
  }

  // MARK: Elementwise

  @Test(arguments: KernelPath.supported) func elementwiseFunctionsAreAccurate(path: KernelPath) {
    for (range, count) in [(1e-3, 1001), (1.0, 4000), (20.0, 4001), (100.0, 4003), (9000.0, 4007)] {
      let x = pseudoRandom(count, seed: 14).map { $0 * Float(range) }
      let up = pseudoRandom(count, seed: 15)
      let alpha = pseudoRandom(count, seed: 16).map { abs($0) + 0.1 }
      let inverse = alpha.map { 1 / ($0 + 1e-9) }
      var y = [Float](repeating: .nan, count: count)
      path.kernels.silu_multiply(x, up, count, &y)
      for i in 0..<count {
        let exact = Double(x[i]) / (1 + exp(-Double(x[i]))) * Double(up[i])
        #expect(abs(Double(y[i]) - exact) <= 4e-7 * abs(exact) + 1e-36)
      }
      path.kernels.tanh(x, count, &y)
      for i in 0..<count {
        let exact = tanh(Double(x[i]))
        #expect(abs(Double(y[i]) - exact) <= 2.5e-7 * abs(exact))
      }
      path.kernels.snake(x, alpha, inverse, 1, count, &y)
      for i in 0..<count {
        let argument = alpha[i] * x[i]  // rounded once, as the kernel does
        let exact = Double(x[i]) + pow(sin(Double(argument)), 2) * Double(inverse[i])
        #expect(abs(Double(y[i]) - exact) <= 3e-7 * Double(inverse[i]) + 1e-7 * abs(exact))
      }
    }
  }

  @Test(arguments: KernelPath.supported) func snakeTakesArgumentsOfAnySize(path: KernelPath) {
    let x: [Float] = [9999, 10001, -54_321, 1e6, 3e9, -1e20, 0, .infinity, -.infinity, .nan, 2, 12_345_678]
    let ones = [Float](repeating: 1, count: x.count)
    var y = [Float](repeating: 0, count: x.count)
    path.kernels.snake(x, ones, ones, 1, x.count, &y)
    for i in x.indices {
      let exact = Double(x[i]) + pow(sin(Double(x[i])), 2)
      if exact.isNaN { #expect(y[i].isNaN) } else { #expect(abs(Double(y[i]) - exact) <= 3e-7 + 1e-7 * abs(exact)) }
    }
  }

  /// A value's result depends neither on its place in the vector nor on its being in the tail.
  @Test(arguments: KernelPath.supported) func elementwiseResultsDoNotDependOnTheirPlace(path: KernelPath) {
    let count = 67
    let x = pseudoRandom(count, seed: 17).map { $0 * 10 }
    let w = pseudoRandom(count, seed: 18)
    typealias Kernel = (UnsafePointer<Float>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
    let kernels: [Kernel] = [
      { path.kernels.silu_multiply($0, $1, $2, $3) },
      { x, _, n, y in path.kernels.tanh(x, n, y) },
      { path.kernels.snake($0, $1, $1, 1, $2, $3) },
      { x, w, n, y in
        y.update(from: w, count: n)
        path.kernels.accumulate(x, 0.3, n, y)
      },
    ]
    for kernel in kernels {
      func run(_ range: Range<Int>) -> [Float] {
        var y = [Float](repeating: .nan, count: range.count)
        kernel(Array(x[range]), Array(w[range]), range.count, &y)
        return y
      }
      let whole = run(0..<count)
      for begin in [0, 1, 5, 16, 60] {
        for end in [begin + 1, begin + 3, begin + 7] { #expect(run(begin..<end) == Array(whole[begin..<end])) }
      }
    }
  }

  @Test(arguments: KernelPath.supported) func infinitiesAndNaNPropagate(path: KernelPath) {
    let x: [Float] = [.infinity, -.infinity, .nan, 200, -200, 0, -0.0]
    let ones = [Float](repeating: 1, count: x.count)
    var y = [Float](repeating: 7, count: x.count)
    path.kernels.tanh(x, x.count, &y)
    #expect(Array(y[0...1]) == [1, -1] && y[2].isNaN && Array(y[3...]) == [1, -1, 0, 0])
    path.kernels.silu_multiply(x, ones, x.count, &y)
    #expect(y[0] == .infinity && y[2].isNaN && y[3] == 200 && abs(y[4]) < 1e-30 && y[5] == 0)
    let w = StoredMatrix(rows: 1, columns: 19, seed: 19)
    for (value, expectNaN) in [(Float.nan, true), (.infinity, false)] {
      var row = [Float](repeating: 0, count: 19)
      row[18] = value
      let batch = KernelBatch(inputs: [row], rows: 1)
      let product = batch.run { x, y in w.with { w in path.kernels.linear(w, 0, 1, x, 1, nil, y) } }[0][0]
      #expect(expectNaN ? product.isNaN : product.isInfinite)
    }
  }

  @Test(arguments: KernelPath.supported) func normsAndRotationsEqualTheDefinition(path: KernelPath) {
    for n in [1, 7, 24, 48, 64, 1000] {
      let x = pseudoRandom(n, seed: 20).map { $0 * 3 }
      let weight = pseudoRandom(n, seed: 21)
      var y = [Float](repeating: .nan, count: n)
      path.kernels.rms_norm(x, weight, n, 1e-6, &y)
      let scale = 1 / (x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n) + 1e-6).squareRoot()
      for i in 0..<n { #expect(abs(Double(y[i]) - Double(weight[i]) * Double(x[i]) * scale) < 2e-6) }
    }
    for half in [1, 5, 8, 16, 20, 64] {
      let original = pseudoRandom(3 * 2 * half, seed: 22)
      let angles = pseudoRandom(half, seed: 23).map { Double($0) * 3 }
      var x = original
      path.kernels.rotate(&x, 3, half, angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
      for h in 0..<3 {
        for j in 0..<half {
          let (first, second) = (Double(original[h * 2 * half + j]), Double(original[h * 2 * half + j + half]))
          #expect(abs(Double(x[h * 2 * half + j]) - (first * cos(angles[j]) - second * sin(angles[j]))) < 1e-6)
          #expect(abs(Double(x[h * 2 * half + j + half]) - (second * cos(angles[j]) + first * sin(angles[j]))) < 1e-6)
        }
      }
    }
  }

  @Test func readsGiveOneChecksumOnEveryPath() {
    let bytes = (0..<10_007).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) }
    for count in [0, 7, 8, 63, 64, 511, 512, 1024, 10_007] {
      let sums = KernelPath.supported.map { path in bytes.withUnsafeBytes { path.kernels.read($0.baseAddress, count) } }
      #expect(Set(sums).count == 1)
      #expect(count < 8 || sums[0] != 0)
    }
  }
}

/// A filter with a signal, rows of which lie further apart than they are long.
private struct Convolution {
  let outputs, inputs, taps, count: Int
  let filter, x, bias, packed: [Float]
  var rowStride: Int { inputs + 3 }

  init(outputs: Int, inputs: Int, taps: Int, count: Int) {
    (self.outputs, self.inputs, self.taps, self.count) = (outputs, inputs, taps, count)
    filter = pseudoRandom(outputs * inputs * taps, seed: 30)
    x = pseudoRandom((count + taps) * (inputs + 3), seed: 31)
    bias = pseudoRandom(outputs, seed: 32)
    var packed = [Float](repeating: .nan, count: umk_packed_size(outputs, inputs, taps))
    umk_pack(filter, outputs, inputs, taps, inputs * taps, taps, 1, &packed)
    self.packed = packed
  }

  func exact(time: Int, output: Int) -> Double {
    var sum = Double(bias[output])
    for i in 0..<inputs {
      for tap in 0..<taps {
        sum += Double(filter[(output * inputs + i) * taps + tap]) * Double(x[(time + tap) * rowStride + i])
      }
    }
    return sum
  }

  /// The product added to a constant in place, `chunk` time steps and `range` outputs at a time.
  func run(_ path: KernelPath, start: Float, chunk: Int? = nil, range: Int? = nil) -> [Float] {
    var y = [Float](repeating: start, count: count * outputs)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        for first in stride(from: 0, to: count, by: chunk ?? count) {
          for begin in stride(from: 0, to: outputs, by: range ?? outputs) {
            path.kernels.packed_product(
              packed, outputs, inputs, taps, begin, min(outputs, begin + (range ?? outputs)), x + first * rowStride,
              rowStride, rowStride, min(chunk ?? count, count - first), bias, y + first * outputs, outputs,
              y + first * outputs, outputs)
          }
        }
      }
    }
    return y
  }
}
