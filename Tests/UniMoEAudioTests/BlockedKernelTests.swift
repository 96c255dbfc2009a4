import CKernels
import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

/// Products of many rows at once, of weights packed into panels.
@Suite struct BlockedKernelTests {
  /// The blocked kernels and what they are to equal.
  private struct Blocked {
    let kernels: umk_blocked_kernels

    /// Products of all rows, panel by panel; `gated` if there is an `up`.
    func run(_ batch: KernelBatch, _ w: StoredMatrix, up: StoredMatrix? = nil, bias: [Float]? = nil) -> [[Float]] {
      let columns = w.matrix.columns
      let packed = UnsafeMutablePointer<Float>.allocate(capacity: batch.inputs.count * kernels.packed_floats(columns))
      let scratch = UnsafeMutablePointer<Float>.allocate(capacity: kernels.outputs * kernels.packed_floats(columns))
      packed.initialize(repeating: .nan, count: batch.inputs.count * kernels.packed_floats(columns))
      scratch.initialize(repeating: .nan, count: kernels.outputs * kernels.packed_floats(columns))
      defer { packed.deallocate(); scratch.deallocate() }
      let m = batch.inputs.count
      return batch.run { x, y in
        for tile in 0..<(m + kernels.tile_rows - 1) / kernels.tile_rows {
          kernels.pack_rows(x, m, columns, tile, packed)
        }
        let step = up == nil ? kernels.outputs : kernels.outputs / 2
        for begin in stride(from: 0, to: batch.rows, by: step) {
          if let up {
            StoredMatrix.with(w, up) { kernels.gated($0, $1, begin, batch.rows, packed, m, scratch, y) }
          } else {
            w.with { kernels.linear($0, begin, batch.rows, packed, m, bias, scratch, y) }
          }
        }
      }
    }
  }

  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func blockedProductsAreTheSameBitsAsOthers(path: KernelPath, dtype: umk_dtype) throws {
    guard let kernels = umk_blocked_kernels_of(path.path) else {
      #expect(path.path == UMK_PATH_PORTABLE)
      return
    }
    let blocked = Blocked(kernels: kernels.pointee)
    for (rows, columns) in [(1, 1), (7, 20), (33, 16), (50, 77), (64, 200), (40, 1030)] {
      let w = StoredMatrix(rows: rows, columns: columns, dtype: dtype, seed: 41)
      let up = StoredMatrix(rows: rows, columns: columns, dtype: dtype == UMK_F16 ? UMK_F32 : dtype, seed: 42)
      let bias = pseudoRandom(rows, seed: 43)
      for m in [1, 2, 5, 6, 7, 11, 12, 13, 25, 40] {
        let batch = KernelBatch(count: m, columns: columns, rows: rows, seed: 44)
        #expect(
          blocked.run(batch, w, bias: bias)
            == batch.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, m, bias, y) } })
        #expect(
          blocked.run(batch, w) == batch.run { x, y in w.with { w in path.kernels.linear(w, 0, rows, x, m, nil, y) } })
        let gated = blocked.run(batch, w, up: up)
        if dtype != UMK_F16 {
          #expect(
            gated
              == batch.run { x, y in StoredMatrix.with(w, up) { w, up in path.kernels.gated(w, up, 0, rows, x, m, y) } }
          )
        } else if path.path == umk_current_path() {
          #expect(
            gated == batch.run { x, y in StoredMatrix.with(w, up) { w, up in umk_gated(w, up, 0, rows, x, m, y) } })
        }
      }
    }
  }

  /// Those that this CPU has.
  private static let rounding: [Rounding] = {
    let tiles = umk_tile_kernels().map { Rounding(name: "AMX", kernels: $0.pointee) }
    guard tiles != nil || umk_rounding_kernels_of(UMK_PATH_AVX512) != nil else { return [] }
    return [Rounding(name: "AVX-512 BF16", kernels: umk_avx512_bf16_blocked_kernels), tiles].compactMap { $0 }
  }()

  private struct Rounding: CustomTestStringConvertible, Sendable {
    let name: String
    nonisolated(unsafe) let kernels: umk_blocked_kernels
    var testDescription: String { name }
  }

  /// Against the product of the rounded activations in double precision; a row's bits do not depend on the others.
  @Test(.enabled(if: !rounding.isEmpty, "this CPU has no AVX-512 BF16"), arguments: rounding)
  private func roundingProductsEqualTheDefinitionOnRoundedActivations(rounding: Rounding) {
    let blocked = Blocked(kernels: rounding.kernels)
    for (rows, columns) in [(1, 1), (7, 20), (33, 31), (50, 77), (64, 200), (40, 1031)] {
      let w = StoredMatrix(rows: rows, columns: columns, dtype: UMK_BF16, seed: 51)
      let up = StoredMatrix(rows: rows, columns: columns, dtype: UMK_BF16, seed: 52)
      let bias = pseudoRandom(rows, seed: 53)
      for m in [1, 2, 12, 13, 16, 17, 40, 64, 75] {
        let batch = KernelBatch(count: m, columns: columns, rows: rows, seed: 54)
        let linear = blocked.run(batch, w, bias: bias)
        let gated = blocked.run(batch, w, up: up)
        let tolerance = 2e-6 * Double(columns).squareRoot() + 1e-6
        for i in 0..<m {
          let rounded = batch.inputs[i].map(nearestBFloat16)
          for n in 0..<rows {
            let (a, b) = (w.dot(row: n, rounded), up.dot(row: n, rounded))
            #expect(abs(Double(linear[i][n]) - (a + Double(bias[n]))) < tolerance)
            #expect(abs(Double(gated[i][n]) - a / (1 + exp(-a)) * b) < tolerance * max(1, abs(a), abs(b)))
          }
          let alone = KernelBatch(inputs: [batch.inputs[i]], rows: rows)
          #expect(blocked.run(alone, w, bias: bias)[0] == linear[i])
          #expect(blocked.run(alone, w, up: up)[0] == gated[i])
        }
      }
    }
  }

  /// Nothing behind the last weight is read by packing.
  @Test(arguments: KernelPath.supported, [UMK_F32, UMK_F16, UMK_BF16])
  func packedWeightsMayEndAtTheEndOfTheirMapping(path: KernelPath, dtype: umk_dtype) throws {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let memory = try #require(mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(memory, 2 * page) }
    try #require(mprotect(memory + page, page, PROT_NONE) == 0)
    let rounding = dtype == UMK_BF16 && path.path == UMK_PATH_AVX512 ? Self.rounding.map(\.kernels) : []
    for kernels in [umk_blocked_kernels_of(path.path)?.pointee].compactMap({ $0 }) + rounding {
      for (rows, columns) in [(1, 1), (3, 7), (5, 20), (4, 33), (2, 77)] {
        let data = memory + page - rows * columns * (dtype == UMK_F32 ? 4 : 2)
        let w = StoredMatrix(at: data, rows: rows, columns: columns, dtype: dtype)
        let batch = KernelBatch(count: 3, columns: columns, rows: rows, seed: 24)
        let products = Blocked(kernels: kernels).run(batch, w)
        #expect(products.allSatisfy { $0.allSatisfy { $0 == 0 } })
      }
    }
  }
}
