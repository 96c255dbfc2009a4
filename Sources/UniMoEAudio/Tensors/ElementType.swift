import CKernels

/// How a tensor's numbers are stored; raw values are the names in safetensors headers.
package enum ElementType: String, Sendable, CaseIterable {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case f8e4m3 = "F8_E4M3"
  case f8e5m2 = "F8_E5M2"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u64 = "U64"
  case u32 = "U32"
  case u16 = "U16"
  case u8 = "U8"
  case bool = "BOOL"

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .f8e4m3, .f8e5m2, .i8, .u8, .bool: 1
    }
  }

  /// The bytes that an array takes, or `nil` if a size is negative or the product too large.
  package func byteCount(of shape: [Int]) -> Int? {
    var product = size
    for count in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      if count < 0 || overflow { return nil }
      product = next
    }
    return product
  }

  /// The kernels' name of the type; `nil` for the types that weights are not read from.
  var kernelType: umk_dtype? {
    switch self {
    case .f32: UMK_F32
    case .f16: UMK_F16
    case .bf16: UMK_BF16
    default: nil
    }
  }
}
