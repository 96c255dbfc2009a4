/// Checkpoint directories: `model.safetensors.index.json` with its shards, or one `model.safetensors`.
extension TensorStore {
  /// Opens all tensors of a directory.
  ///
  /// Throws for a shard that is missing, for a shard name that leaves the directory, and for a tensor that is not in
  /// the shard that the index names.
  init(indexedIn directory: String) throws(UniMoEError) {
    let indexPath = "\(directory)/model.safetensors.index.json"
    if !fileExists(indexPath) {
      try self.init(safetensors: "\(directory)/model.safetensors")
      return
    }
    let index = try JSONText.decode(ShardIndex.self, from: indexPath)
    var shards: [String: TensorStore] = [:]
    var tensors: [String: Tensor] = [:]
    // In the order of names, so that of several errors always the same one is reported.
    for (name, shard) in index.weight_map.sorted(by: { $0.key < $1.key }) {
      if shards[shard] == nil {
        try ShardIndex.check(shard, of: name, path: indexPath)
        shards[shard] = try TensorStore(safetensors: "\(directory)/\(shard)")
      }
      guard let tensor = shards[shard]?[name] else {
        throw UniMoEError(.model, indexPath, field: "weight_map.\(readable(name))", "not in \(readable(shard))")
      }
      tensors[name] = tensor
    }
    self.init(path: directory, tensors: tensors)
  }
}

/// The file that says which shard holds each tensor.
struct ShardIndex: Decodable {
  /// Shard file name of each tensor.
  let weight_map: [String: String]

  /// Throws unless `shard` is a plain file name.
  static func check(_ shard: String, of tensor: String, path: String) throws(UniMoEError) {
    let isPlain = !shard.isEmpty && shard != "." && shard != ".." && !shard.utf8.contains { $0 == 0x2f || $0 == 0 }
    if !isPlain {
      throw UniMoEError(
        .model, path, field: "weight_map.\(readable(tensor))", expected: "a file name in the same directory",
        found: quoted(shard))
    }
  }
}
