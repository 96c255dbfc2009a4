import CKernels
import Foundation
import TestSupport

@testable import UniMoEAudio

func exponential(_ x: Double) -> Double { exp(x) }

/// The nearest number of 8 significant bits; the even one of two.
func nearestBFloat16(_ value: Float) -> Float {
  let bits = value.bitPattern
  return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

extension MatrixProduct {
  /// `y = x wᵀ + bias` of rows that lie one after the other.
  static func project(
    _ w: Matrix, bias: [Float]? = nil, x: [Float], rows: Int, arithmetic: PromptArithmetic = .exact
  ) throws -> [Float] {
    let (input, output) = (try activations(x, rows: rows), try Activations(rows: rows, width: w.rows))
    let product = try MatrixProduct(rows: rows, columns: w.columns, arithmetic: arithmetic)
    input.withRows {
      product.project([Projection(matrix: w, bias: bias, output: output)], from: $0.inputs, rows: rows)
    }
    return output.values(rows: rows)
  }

  /// `h = silu(x gateᵀ) * (x upᵀ)` of rows that lie one after the other.
  static func gated(
    _ gate: Matrix, _ up: Matrix, x: [Float], rows: Int, arithmetic: PromptArithmetic = .exact
  ) throws -> [Float] {
    let (input, output) = (try activations(x, rows: rows), try Activations(rows: rows, width: gate.rows))
    let product = try MatrixProduct(rows: rows, columns: gate.columns, arithmetic: arithmetic)
    input.withRows { product.gated(gate, up, from: $0.inputs, rows: rows, into: output) }
    return output.values(rows: rows)
  }

  /// Rows that lie one after the other.
  static func activations(_ x: [Float], rows: Int) throws -> Activations {
    let activations = try Activations(rows: rows, width: x.count / rows)
    activations.withRows { $0[0].update(from: x, count: x.count) }
    return activations
  }
}

/// A random matrix stored as f32, f16 or bf16 in memory of its own, at an odd address where the type allows it.
final class StoredMatrix: Sendable {
  let matrix: Matrix
  /// What is stored, widened.
  let values: [Float]

  init(rows: Int, columns: Int, dtype: umk_dtype = UMK_F32, seed: UInt64) {
    let exact = pseudoRandom(rows * columns, seed: seed)
    var stored: [UInt8] = [0]
    var widened: [Float] = []
    for value in exact {
      switch dtype {
      case UMK_F16:
        stored += little(Float16(value).bitPattern)
        widened.append(Float(Float16(value)))
      case UMK_BF16:
        stored += little(UInt16(value.bitPattern >> 16))
        widened.append(Float(bitPattern: value.bitPattern & 0xffff_0000))
      default:
        stored += little(value.bitPattern)
        widened.append(value)
      }
    }
    values = widened
    let bytes = SharedBytes(copying: stored).slice(1..<stored.count)
    matrix = Matrix(bytes, rows: rows, columns: columns, dtype: dtype)
  }

  /// Zeros that lie at an address and outlive this object.
  init(at address: UnsafeMutableRawPointer, rows: Int, columns: Int, dtype: umk_dtype) {
    values = Array(repeating: 0, count: rows * columns)
    let memory = UnsafeRawBufferPointer(start: address, count: rows * columns * (dtype == UMK_F32 ? 4 : 2))
    matrix = Matrix(SharedBytes(memory: memory, owner: Outlives()), rows: rows, columns: columns, dtype: dtype)
  }

  /// Calls `body` with what the kernels take.
  func with<Value>(_ body: (UnsafePointer<umk_matrix>) -> Value) -> Value { matrix.withKernelMatrix(body) }

  /// Calls `body` with what the kernels take of two.
  static func with<Value>(
    _ a: StoredMatrix, _ b: StoredMatrix, _ body: (UnsafePointer<umk_matrix>, UnsafePointer<umk_matrix>) -> Value
  ) -> Value {
    a.with { a in b.with { b in body(a, b) } }
  }

  /// Row `row` times `x` in double precision.
  func dot(row: Int, _ x: [Float]) -> Double {
    x.indices.reduce(0) { $0 + Double(values[row * x.count + $1]) * Double(x[$1]) }
  }

  /// Owns nothing: the caller does.
  private final class Outlives: Sendable {}
}

extension SharedBytes {
  /// Whether other bytes are the same.
  func isEqual(to other: SharedBytes) -> Bool {
    withBytes { bytes in other.withBytes { bytes.elementsEqual($0) } }
  }
}

extension KeyValueCache {
  /// Keys and values of the first positions of a layer and head, `positions * headDimension` numbers each.
  func contents(layer: Int, head: Int, count: Int) -> (keys: [Float], values: [Float]) {
    withRows(layer: layer, head: head) { keys, values in
      (
        Array(UnsafeBufferPointer(start: keys, count: count)), Array(UnsafeBufferPointer(start: values, count: count))
      )
    }
  }
}
