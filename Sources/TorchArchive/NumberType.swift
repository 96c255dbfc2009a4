/// How the numbers of a storage are stored; raw values are the names that safetensors has for them.
public enum NumberType: String, Sendable {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u8 = "U8"
  case bool = "BOOL"

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .f16, .bf16, .i16: 2
    case .i8, .u8, .bool: 1
    }
  }

  /// Bytes of an array, or `nil` if a size is negative or the product too large.
  func byteCount(of shape: [Int]) -> Int? {
    var product = size
    for count in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      if count < 0 || overflow { return nil }
      product = next
    }
    return product
  }
}
