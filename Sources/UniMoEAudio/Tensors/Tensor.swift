import CKernels

/// A named array in a file: row-major, little-endian, at any alignment.
struct Tensor: Sendable {
  /// The file it lies in, for errors.
  let path: String
  /// The name it has there.
  let name: String
  /// How its numbers are stored.
  let elementType: ElementType
  /// Its sizes, outermost first; empty for a single number.
  let shape: [Int]
  /// Its numbers: `count * elementType.size` bytes.
  let bytes: SharedBytes

  /// How many numbers it has.
  var count: Int { bytes.count / elementType.size }

  /// A copy of its numbers, widened from f16 or bf16 where they are.
  ///
  /// Throws if the numbers are of another type than f32, f16 or bf16.
  func floats() throws(UniMoEError) -> [Float] {
    let type = try kernelType()
    return bytes.withBytes { bytes in
      [Float](unsafeUninitializedCapacity: count) { values, initialized in
        if let source = bytes.baseAddress, let destination = values.baseAddress {
          umk_widen(source, type, count, destination)
        }
        initialized = count
      }
    }
  }

  /// A copy of its integers.
  ///
  /// Throws if they are not 32 or 64 bits wide, or one does not fit 32 bits.
  func integers() throws(UniMoEError) -> [Int32] {
    switch elementType {
    case .i32:
      return bytes.withBytes { bytes in
        (0..<count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
      }
    case .i64:
      return try bytes.withBytes { (bytes) throws(UniMoEError) in try narrowed(bytes) }
    default:
      throw UniMoEError(
        .model, path, field: readable(name), expected: "I32 or I64 numbers", found: elementType.rawValue)
    }
  }

  private func narrowed(_ bytes: UnsafeRawBufferPointer) throws(UniMoEError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      let value = bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self)
      guard let narrow = Int32(exactly: value) else {
        throw UniMoEError(.model, path, field: readable(name), expected: "integers of 32 bits", found: "\(value)")
      }
      result.append(narrow)
    }
    return result
  }

  /// The tensor as a weight matrix whose first dimension is its rows and whose others together are its columns.
  ///
  /// - Precondition: `rows * columns == count`.
  func matrix(rows: Int, columns: Int) throws(UniMoEError) -> Matrix {
    precondition(rows * columns == count, "a matrix has as many numbers as its tensor")
    let type = try kernelType()
    guard bytes.count > 0 else {
      throw UniMoEError(.model, path, field: readable(name), expected: "numbers", found: "none")
    }
    return Matrix(bytes, rows: rows, columns: columns, dtype: type)
  }

  private func kernelType() throws(UniMoEError) -> umk_dtype {
    if let type = elementType.kernelType { return type }
    throw UniMoEError(
      .model, path, field: readable(name), expected: "F32, F16 or BF16 numbers", found: elementType.rawValue)
  }
}

/// Text of a shape for errors: `[2, 64]`.
func describe(shape: [Int]) -> String {
  let sizes = shape.prefix(8).map(String.init) + (shape.count > 8 ? ["…"] : [])
  return "[" + sizes.joined(separator: ", ") + "]"
}
