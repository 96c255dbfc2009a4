extension FuzzTarget {
  /// A `model.safetensors.index.json`.
  static let shardIndex = FuzzTarget(name: "shard-index") { bytes throws(UniMoEError) in
    let index = try JSONText(bytes, path: "model.safetensors.index.json").decode(ShardIndex.self)
    for (name, shard) in index.weight_map.sorted(by: { $0.key < $1.key }) {
      try ShardIndex.check(shard, of: name, path: "model.safetensors.index.json")
      precondition(!shard.utf8.contains(UInt8(ascii: "/")) && shard != "..")
    }
  }
}
