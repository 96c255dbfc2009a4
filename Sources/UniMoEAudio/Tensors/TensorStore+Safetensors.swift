/// The safetensors format: eight bytes with the header's length, a JSON header, the numbers.
///
/// The rules are those of the format's own library: offsets start at the data section, tensors cover it without
/// overlap or hole.
extension TensorStore {
  /// The longest header accepted. The real checkpoint's is 0.3 MB; the format's own limit of 100 MB would let a file
  /// make the reader allocate gigabytes.
  static let headerLimit = 4 << 20

  /// Opens one safetensors file.
  init(safetensors path: String) throws(UniMoEError) {
    try self.init(safetensors: SharedBytes(mapping: path), path: path)
  }

  /// Reads a safetensors file that lies in memory.
  init(safetensors bytes: SharedBytes, path: String) throws(UniMoEError) {
    let (header, length) = try bytes.withBytes { (bytes) throws(UniMoEError) in
      let text = try Self.header(of: bytes, path: path)
      return (try JSONText(text, path: path, sizeLimit: Self.headerLimit).decode(SafetensorsHeader.self), text.count)
    }
    let data = bytes.slice((8 + length)..<bytes.count)
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(header.entries.count)
    for (name, entry) in header.entries {
      tensors[name] = try Self.tensor(name, entry, in: data, path: path)
    }
    try Self.checkCover(header.entries, byteCount: data.count, path: path)
    self.init(path: path, tensors: tensors, metadata: header.metadata)
  }

  private static func header(
    of bytes: UnsafeRawBufferPointer, path: String
  ) throws(UniMoEError) -> UnsafeRawBufferPointer {
    if bytes.count < 8 {
      throw UniMoEError(.model, path, expected: "at least 8 bytes of a safetensors file", found: "\(bytes.count)")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    if length > headerLimit || length > bytes.count - 8 {
      throw UniMoEError(
        .model, path, field: "header length", expected: "at most \(min(headerLimit, bytes.count - 8))",
        found: "\(length)")
    }
    let header = UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)])
    if header.first != UInt8(ascii: "{") {
      throw UniMoEError(.model, path, field: "header", "does not begin with {")
    }
    return header
  }

  private static func tensor(
    _ name: String, _ entry: SafetensorsHeader.Entry, in data: SharedBytes, path: String
  ) throws(UniMoEError) -> Tensor {
    guard let type = ElementType(rawValue: entry.dtype) else {
      throw UniMoEError(.model, path, field: readable(name), "unknown dtype \(quoted(entry.dtype))")
    }
    guard let byteCount = type.byteCount(of: entry.shape) else {
      throw UniMoEError(.model, path, field: readable(name), "impossible shape \(describe(shape: entry.shape))")
    }
    guard entry.data_offsets.count == 2 else {
      throw UniMoEError(
        .model, path, field: "\(readable(name)).data_offsets", expected: "2 numbers",
        found: "\(entry.data_offsets.count)")
    }
    let (begin, end) = (entry.data_offsets[0], entry.data_offsets[1])
    if begin < 0 || end < begin || end > data.count {
      throw UniMoEError(
        .model, path, field: "\(readable(name)).data_offsets", expected: "a range within \(data.count) bytes",
        found: "\(begin) to \(end)")
    }
    if end - begin != byteCount {
      throw UniMoEError(
        .model, path, field: "\(readable(name)).data_offsets",
        expected: "\(byteCount) bytes for \(type.rawValue) \(describe(shape: entry.shape))", found: "\(end - begin)")
    }
    return Tensor(path: path, name: name, elementType: type, shape: entry.shape, bytes: data.slice(begin..<end))
  }

  private static func checkCover(
    _ entries: [(name: String, entry: SafetensorsHeader.Entry)], byteCount: Int, path: String
  ) throws(UniMoEError) {
    var end = 0
    let inOrder = entries.sorted {
      ($0.entry.data_offsets[0], $0.entry.data_offsets[1], $0.name)
        < ($1.entry.data_offsets[0], $1.entry.data_offsets[1], $1.name)
    }
    for (name, entry) in inOrder {
      if entry.data_offsets[0] != end {
        let problem = entry.data_offsets[0] < end ? "overlap" : "hole"
        throw UniMoEError(
          .model, path, field: "\(readable(name)).data_offsets", expected: "to begin at \(end)",
          found: "\(entry.data_offsets[0]) (\(problem))")
      }
      end = entry.data_offsets[1]
    }
    if end != byteCount {
      throw UniMoEError(.model, path, field: "data", expected: "\(end) bytes", found: "\(byteCount)")
    }
  }
}

/// What a safetensors header says, not yet compared with the file.
struct SafetensorsHeader: Decodable {
  /// One tensor.
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]

    enum CodingKeys: String, CodingKey { case dtype, shape, data_offsets }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      dtype = try container.decode(String.self, forKey: .dtype)
      shape = try container.decode([JSONInteger].self, forKey: .shape).map(\.value)
      data_offsets = try container.decode([JSONInteger].self, forKey: .data_offsets).map(\.value)
    }
  }

  /// All tensors by name, so that of several errors always the same one is reported.
  let entries: [(name: String, entry: Entry)]
  /// The strings under `__metadata__`.
  let metadata: [String: String]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: JSONKey.self)
    var entries: [(name: String, entry: Entry)] = []
    var metadata: [String: String] = [:]
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      if key.stringValue == "__metadata__" {
        metadata = try container.decodeIfPresent([String: String].self, forKey: key) ?? [:]
      } else {
        entries.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
      }
    }
    self.entries = entries
    self.metadata = metadata
  }
}
