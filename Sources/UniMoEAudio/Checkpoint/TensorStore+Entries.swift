extension TensorStore {
  /// The tensor of an entry, which must have exactly its shape.
  func tensor(_ entry: TensorEntry) throws(UniMoEError) -> Tensor { try tensor(entry.name, shape: entry.shape) }

  /// The numbers of an entry of shape `[count]`, widened to float.
  func vector(_ entry: TensorEntry) throws(UniMoEError) -> [Float] { try tensor(entry).floats() }

  /// An entry of shape `[rows, columns]` as a weight matrix, not copied.
  func matrix(_ entry: TensorEntry) throws(UniMoEError) -> Matrix {
    try tensor(entry).matrix(rows: entry.shape[0], columns: entry.shape[1])
  }
}
