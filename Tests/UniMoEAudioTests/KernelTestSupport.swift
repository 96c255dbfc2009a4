import CKernels
import Foundation

@testable import UniMoEAudio

/// Values in -1...1 that depend on the seed alone.
func pseudoRandom(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
}

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
    let (bias, hasBias) = (bias ?? [0], bias != nil)
    bias.withUnsafeBufferPointer { bias in
      let projection = Projection(matrix: w, bias: hasBias ? bias.baseAddress : nil, output: output)
      product.project([projection], from: input.inputs, rows: rows)
    }
    return Array(output.values(rows: rows))
  }

  /// `h = silu(x gateᵀ) * (x upᵀ)` of rows that lie one after the other.
  static func gated(
    _ gate: Matrix, _ up: Matrix, x: [Float], rows: Int, arithmetic: PromptArithmetic = .exact
  ) throws -> [Float] {
    let (input, output) = (try activations(x, rows: rows), try Activations(rows: rows, width: gate.rows))
    let product = try MatrixProduct(rows: rows, columns: gate.columns, arithmetic: arithmetic)
    product.gated(gate, up, from: input.inputs, rows: rows, into: output)
    return Array(output.values(rows: rows))
  }

  private static func activations(_ x: [Float], rows: Int) throws -> Activations {
    let activations = try Activations(rows: rows, width: x.count / rows)
    activations.buffer.pointer.update(from: x, count: x.count)
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
    let size = dtype == UMK_F32 ? 4 : 2
    let memory = Memory(byteCount: rows * columns * size + 1)
    var widened: [Float] = []
    for (index, value) in exact.enumerated() {
      let address = memory.start + 1 + index * size
      switch dtype {
      case UMK_F16:
        address.storeBytes(of: Float16(value), as: Float16.self)
        widened.append(Float(Float16(value)))
      case UMK_BF16:
        address.storeBytes(of: UInt16(value.bitPattern >> 16), as: UInt16.self)
        widened.append(Float(bitPattern: value.bitPattern & 0xffff_0000))
      default:
        address.storeBytes(of: value, as: Float.self)
        widened.append(value)
      }
    }
    values = widened
    matrix = Matrix(data: memory.start + 1, rows: rows, columns: columns, dtype: dtype, owner: memory)
    raws = .allocate(capacity: 1)
    raws.initialize(to: matrix.raw)
  }

  /// Zeros that lie at an address and outlive this object.
  init(at address: UnsafeMutableRawPointer, rows: Int, columns: Int, dtype: umk_dtype) {
    values = Array(repeating: 0, count: rows * columns)
    matrix = Matrix(data: address, rows: rows, columns: columns, dtype: dtype, owner: Memory(byteCount: 1))
    raws = .allocate(capacity: 1)
    raws.initialize(to: matrix.raw)
  }

  /// What the kernels take; lives as long as this object.
  var raw: UnsafePointer<umk_matrix> { UnsafePointer(raws) }
  private nonisolated(unsafe) let raws: UnsafeMutablePointer<umk_matrix>

  /// Row `row` times `x` in double precision.
  func dot(row: Int, _ x: [Float]) -> Double {
    x.indices.reduce(0) { $0 + Double(values[row * x.count + $1]) * Double(x[$1]) }
  }

  deinit { raws.deallocate() }

  private final class Memory: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    init(byteCount: Int) { start = .allocate(byteCount: byteCount, alignment: 64) }
    deinit { start.deallocate() }
  }
}
