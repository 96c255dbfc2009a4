/// Writes a safetensors file piece by piece, so that it may be larger than memory; the file appears only when it is
/// whole.
///
/// Thread: one at a time.
package final class SafetensorsWriter {
  /// Name, type and shape of one tensor to be written.
  package struct Entry {
    let name: String
    let elementType: ElementType
    let shape: [Int]

    package init(name: String, elementType: ElementType, shape: [Int]) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
    }
  }

  private let file: AtomicFile
  /// Bytes of data still to come.
  private var missing = 0

  /// Creates the file and writes its header. The numbers follow by `append`, tensor after tensor in this order.
  ///
  /// - Precondition: names differ, shapes are those of arrays that can exist.
  package init(path: String, entries: [Entry], metadata: [String: String] = [:]) throws(UniMoEError) {
    var header = "{\"__metadata__\":{"
    header += metadata.sorted { $0.key < $1.key }.map { "\(json($0.key)):\(json($0.value))" }.joined(separator: ",")
    header += "}"
    for entry in entries {
      guard let byteCount = entry.elementType.byteCount(of: entry.shape) else {
        preconditionFailure("a tensor's shape is that of an array that can exist")
      }
      let shape = entry.shape.map(String.init).joined(separator: ",")
      header += ",\(json(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\",\"shape\":[\(shape)],"
      header += "\"data_offsets\":[\(missing),\(missing + byteCount)]}"
      missing += byteCount
    }
    header += "}"
    // The data section begins at a multiple of 8, as the format's own library writes it.
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)

    file = try AtomicFile(path: path)
    let length = [UInt64(header.utf8.count).littleEndian]
    try length.withBytes { (bytes) throws(UniMoEError) in try file.write(bytes) }
    try file.write(header)
  }

  /// Appends numbers of the current tensor or of several.
  ///
  /// - Precondition: no more bytes come than the header announced.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(UniMoEError) {
    precondition(bytes.count <= missing, "a tensor gets as many bytes as its shape says")
    try file.write(bytes)
    missing -= bytes.count
  }

  /// Completes the file; unless `replacing`, it throws if there is one of its name.
  ///
  /// - Precondition: all bytes that the header announced have come.
  package func finish(replacing: Bool = true) throws(UniMoEError) {
    precondition(missing == 0, "every tensor gets its bytes")
    try file.commit(replacing: replacing)
  }
}
