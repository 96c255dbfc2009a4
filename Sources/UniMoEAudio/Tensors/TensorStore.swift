/// Named tensors of one file or of several shards. Opening reads names and shapes only; numbers stay on disk until they
/// are touched.
///
/// Thread: any.
struct TensorStore: Sendable {
  /// The file or directory, as the caller named it.
  let path: String
  /// Strings that the file carries beside its tensors.
  let metadata: [String: String]
  private let tensors: [String: Tensor]

  /// Collects tensors that were read already.
  init(path: String, tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.path = path
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The names of all tensors, in no order.
  var names: some Collection<String> { tensors.keys }

  /// Bytes of all tensors in the files.
  var byteCount: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

  /// The tensor of a name, or `nil`.
  subscript(name: String) -> Tensor? { tensors[name] }

  /// The tensor of a name, which must have exactly this shape.
  ///
  /// Throws an error that names file, tensor, and both shapes, or says that the tensor is missing.
  func tensor(_ name: String, shape: [Int]) throws(UniMoEError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw UniMoEError(.model, path, field: readable(name), "missing; expected shape \(describe(shape: shape))")
    }
    if tensor.shape != shape {
      throw UniMoEError(
        .model, tensor.path, field: readable(tensor.name), expected: "shape \(describe(shape: shape))",
        found: describe(shape: tensor.shape))
    }
    return tensor
  }

  /// The numbers of a tensor of shape `[count]`, widened to float.
  func vector(_ name: String, count: Int) throws(UniMoEError) -> [Float] {
    try tensor(name, shape: [count]).floats()
  }

  /// A tensor of shape `[rows, columns]` as a weight matrix, not copied.
  func matrix(_ name: String, rows: Int, columns: Int) throws(UniMoEError) -> Matrix {
    try tensor(name, shape: [rows, columns]).matrix(rows: rows, columns: columns)
  }
}
