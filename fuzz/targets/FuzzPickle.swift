extension FuzzTarget {
  /// The pickle of a torch file whose zip is sound, with one storage of 24 bytes.
  static let pickle = FuzzTarget(name: "pickle") { bytes throws(UniMoEError) in
    let archive = soundArchive([("x/data.pkl", Array(bytes)), ("x/data/0", [UInt8](0..<24))])
    let codec = try TorchCodec(SharedBytes(copying: archive), path: "x.pth")
    try codec.tensors.readAll()
    _ = try codec.configuration()
  }

  private static func little(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func soundArchive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      let zeros = [UInt8](repeating: 0, count: 16)
      let size = little(bytes.count, bytes: 4)
      directory += little(0x0201_4b50, bytes: 4) + zeros + size + size + little(name.utf8.count, bytes: 2)
      directory += zeros.prefix(12) + little(file.count, bytes: 4) + Array(name.utf8)
      file += little(0x0403_4b50, bytes: 4) + zeros + zeros.prefix(6) + little(name.utf8.count, bytes: 2) + [0, 0]
      file += Array(name.utf8) + bytes
    }
    let count = little(entries.count, bytes: 2)
    let end = little(0x0605_4b50, bytes: 4) + [0, 0, 0, 0] + count + count
    return file + directory + end + little(directory.count, bytes: 4) + little(file.count, bytes: 4) + [0, 0]
  }
}
