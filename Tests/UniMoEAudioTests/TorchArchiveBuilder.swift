@testable import UniMoEAudio

/// A stored zip file, each field of which can be made wrong.
struct StoredZip {
  /// One entry; the optional fields replace what would be right.
  struct Entry {
    var name: String
    var bytes: [UInt8]
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var nameInOwnHeader: String?
    var size: UInt32?
    var packedSize: UInt32?
    var offset: UInt32?
    var nameBytes: [UInt8]?
  }

  var entries: [Entry]
  var count: UInt16?
  var disk: UInt16 = 0
  var directoryOffset: UInt32?
  var directorySize: UInt32?
  var comment = ""
  /// Writes sizes, offsets and count as zip64 does, 0xffffffff in the old fields.
  var isZip64 = false
  var zip64Offset: UInt64?
  var zip64Count: UInt64?

  init(_ entries: [Entry]) { self.entries = entries }

  init(_ entries: [(String, [UInt8])]) { self.entries = entries.map { Entry(name: $0.0, bytes: $0.1) } }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      directory += header(of: entry, at: file.count)
      let name = Array((entry.nameInOwnHeader ?? entry.name).utf8)
      file += little(UInt32(0x0403_4b50)) + [UInt8](repeating: 0, count: 22) + little(UInt16(name.count)) + [0, 0]
      file += name + entry.bytes
    }
    return file + directory + end(directoryAt: file.count, size: directory.count)
  }

  private func header(of entry: Entry, at offset: Int) -> [UInt8] {
    let name = entry.nameBytes ?? Array(entry.name.utf8)
    let size = entry.size ?? UInt32(entry.bytes.count)
    let extra: [UInt8] =
      isZip64
      ? little(UInt16(1)) + little(UInt16(24)) + little(UInt64(size)) + little(UInt64(entry.bytes.count))
        + little(UInt64(entry.offset ?? UInt32(offset))) : []
    var header = little(UInt32(0x0201_4b50)) + [0, 0, 0, 0] + little(entry.flags) + little(entry.method)
    header += [UInt8](repeating: 0, count: 8)
    header += isZip64 ? little(UInt32.max) : little(entry.packedSize ?? size)
    header += isZip64 ? little(UInt32.max) : little(size)
    header += little(UInt16(name.count)) + little(UInt16(extra.count)) + [0, 0] + [UInt8](repeating: 0, count: 8)
    header += isZip64 ? little(UInt32.max) : little(entry.offset ?? UInt32(offset))
    return header + name + extra
  }

  private func end(directoryAt offset: Int, size: Int) -> [UInt8] {
    var end: [UInt8] = []
    if isZip64 {
      let count = zip64Count ?? UInt64(entries.count)
      end += little(UInt32(0x0606_4b50)) + little(UInt64(44)) + [UInt8](repeating: 0, count: 12)
      end += little(count) + little(count) + little(UInt64(size)) + little(UInt64(offset))
      end += little(UInt32(0x0706_4b50)) + [0, 0, 0, 0] + little(zip64Offset ?? UInt64(offset + size)) + [1, 0, 0, 0]
    }
    let count = count ?? UInt16(entries.count)
    end += little(UInt32(0x0605_4b50)) + little(disk) + little(disk) + little(count) + little(count)
    end += little(directorySize ?? UInt32(size)) + little(directoryOffset ?? UInt32(offset))
    return end + little(UInt16(comment.utf8.count)) + Array(comment.utf8)
  }
}

/// Pieces of a pickle of protocol 2.
enum Pickle {
  static let start: [UInt8] = [0x80, 2]
  static let stop = Array(".".utf8)
  static let mark = Array("(".utf8)
  static let dictionary = Array("}".utf8)
  static let list = Array("]".utf8)
  static let call = Array("R".utf8)

  static func text(_ text: String) -> [UInt8] { Array("X".utf8) + little(UInt32(text.utf8.count)) + Array(text.utf8) }

  static func integer(_ value: Int) -> [UInt8] { [0x8a, 8] + little(Int64(value)) }

  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  static func tuple(_ elements: [UInt8]...) -> [UInt8] { mark + elements.flatMap { $0 } + Array("t".utf8) }

  static func list(_ elements: [UInt8]...) -> [UInt8] { list + mark + elements.flatMap { $0 } + Array("e".utf8) }

  static func dictionary(_ items: (String, [UInt8])...) -> [UInt8] {
    dictionary + mark + items.flatMap { text($0.0) + $0.1 } + Array("u".utf8)
  }

  static func storage(type: String = "FloatStorage", key: String = "0", count: Int = 6) -> [UInt8] {
    tuple(text("storage"), global("torch", type), text(key), text("cpu"), integer(count)) + Array("Q".utf8)
  }

  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int] = [2, 3], strides: [Int] = [3, 1]
  ) -> [UInt8] {
    let sizes = mark + shape.flatMap(integer) + Array("t".utf8)
    let steps = mark + strides.flatMap(integer) + Array("t".utf8)
    return global("torch._utils", "_rebuild_tensor_v2")
      + tuple(storage, integer(offset), sizes, steps, [0x89], dictionary) + call
  }

  /// A whole pickle with a `state_dict` of one tensor `a`.
  static func state(_ tensor: [UInt8]) -> [UInt8] {
    start + dictionary(("state_dict", dictionary(("a", tensor)))) + stop
  }
}

/// A torch file of a pickle and one storage `0` of the floats 0, 1, 2, 3, 4, 5.
func torchFile(_ pickle: [UInt8], more: [(String, [UInt8])] = []) -> [UInt8] {
  let numbers = (0..<6).flatMap { little(Float($0).bitPattern) }
  return StoredZip([("x/data.pkl", pickle), ("x/data/0", numbers)] + more).bytes
}
