/// The values of a pickle, as a flat heap: containers are indices, so neither cycles nor deep nesting can leak memory or
/// exhaust the stack.
struct PickleHeap: Sendable {
  /// One value.
  enum Value: Equatable, Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    /// Index into `lists`; tuples are lists that nobody appends to.
    case list(Int)
    case tuple(Int)
    /// Index into `dictionaries`.
    case dictionary(Int)
    case global(PickleGlobal)
    /// Index into `storages`.
    case storage(Int)
    /// Index into `tensors`.
    case tensor(Int)
  }

  /// A run of numbers in an entry of the archive.
  struct Storage: Equatable, Sendable {
    var type: NumberType
    var key: String
    var count: Int
  }

  /// A view of a storage.
  struct StridedTensor: Equatable, Sendable {
    var storage: Int
    var offset: Int
    var shape: [Int]
    var strides: [Int]
  }

  var lists: [[Value]] = []
  var dictionaries: [[(key: Value, value: Value)]] = []
  var storages: [Storage] = []
  var tensors: [StridedTensor] = []
  /// What the pickle is as a whole.
  var root = Value.none

  /// The value of a key, the last one set; `nil` if `value` is no dictionary or has no such key.
  func value(of key: String, in value: Value) -> Value? {
    guard case .dictionary(let index) = value else { return nil }
    return dictionaries[index].last { $0.key == .string(key) }?.value
  }

  /// The elements of a list or tuple.
  func elements(of value: Value) -> [Value]? {
    switch value {
    case .list(let index), .tuple(let index): lists[index]
    default: nil
    }
  }

  /// The elements of a list or tuple of integers.
  func integers(of value: Value) -> [Int]? {
    guard let elements = elements(of: value) else { return nil }
    var result: [Int] = []
    for element in elements {
      guard case .integer(let integer) = element else { return nil }
      result.append(integer)
    }
    return result
  }
}

extension PickleHeap.Value {
  /// What the value is, in words, for errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let text): quoted(text)
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .global: "a function or class"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The only names that a pickle may refer to; none of them is ever run.
enum PickleGlobal: Equatable, Sendable {
  case orderedDictionary
  case rebuildTensor
  case storage(NumberType)

  /// `nil` for every other name.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch", "DoubleStorage"): self = .storage(.f64)
    case ("torch", "FloatStorage"): self = .storage(.f32)
    case ("torch", "HalfStorage"): self = .storage(.f16)
    case ("torch", "BFloat16Storage"): self = .storage(.bf16)
    case ("torch", "LongStorage"): self = .storage(.i64)
    case ("torch", "IntStorage"): self = .storage(.i32)
    case ("torch", "ShortStorage"): self = .storage(.i16)
    case ("torch", "CharStorage"): self = .storage(.i8)
    case ("torch", "ByteStorage"): self = .storage(.u8)
    case ("torch", "BoolStorage"): self = .storage(.bool)
    default: return nil
    }
  }
}
