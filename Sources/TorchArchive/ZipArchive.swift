/// The table of contents of a zip file whose entries are stored, not compressed (APPNOTE.TXT 6.3, with zip64).
struct ZipArchive {
  /// Where each entry's bytes lie, by name.
  private(set) var entries: [String: Range<Int>] = [:]
  /// The whole file, which outlives the archive.
  let bytes: UnsafeRawBufferPointer

  /// Where the central directory lies, and how many entries it has.
  private struct Directory {
    var offset: UInt64
    var size: UInt64
    var count: UInt64
  }

  /// One entry of the central directory.
  private struct Entry {
    var name: String
    var size: UInt64
    var headerOffset: UInt64
  }

  /// Reads the table of contents.
  ///
  /// Throws for anything but plain stored entries that lie one after the other before the central directory.
  init(_ bytes: UnsafeRawBufferPointer) throws(TorchArchiveError) {
    self.bytes = bytes
    let directory = try locateDirectory()
    var end = 0
    let inOrder = try readDirectory(directory).sorted { ($0.headerOffset, $0.name) < ($1.headerOffset, $1.name) }
    for entry in inOrder {
      let range = try locate(entry, after: end, before: Int(directory.offset))
      if entries.updateValue(range, forKey: entry.name) != nil {
        throw TorchArchiveError(quoted(entry.name), "stored twice")
      }
      end = range.upperBound
    }
  }

  /// The bytes of an entry, or `nil`.
  subscript(name: String) -> UnsafeRawBufferPointer? {
    entries[name].map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
  }

  private func reader(at position: Int, _ field: String = "central directory") -> ByteReader {
    ByteReader(bytes, at: position, field: field)
  }

  /// Finds the end record from the back: a comment of up to 65535 bytes may follow it.
  private func locateDirectory() throws(TorchArchiveError) -> Directory {
    let last = bytes.count - 22
    var position = last
    while position >= 0 && position >= last - 65535 {
      var end = reader(at: position)
      if try end.integer(UInt32.self) == 0x0605_4b50 {
        let disks = [try end.integer(UInt16.self), try end.integer(UInt16.self)]
        let counts = [try end.integer(UInt16.self), try end.integer(UInt16.self)]
        var directory = Directory(offset: 0, size: UInt64(try end.integer(UInt32.self)), count: UInt64(counts[1]))
        directory.offset = UInt64(try end.integer(UInt32.self))
        let comment = Int(try end.integer(UInt16.self))
        if comment == last - position {
          directory = try locateZip64Directory(before: position) ?? directory
          try check(directory, isWhole: disks == [0, 0] && counts[0] == counts[1], before: position)
          return directory
        }
      }
      position -= 1
    }
    throw TorchArchiveError("", "no zip end record: not a torch file, or cut off")
  }

  private func locateZip64Directory(before endRecord: Int) throws(TorchArchiveError) -> Directory? {
    guard endRecord >= 20 else { return nil }
    var locator = reader(at: endRecord - 20)
    guard try locator.integer(UInt32.self) == 0x0706_4b50 else { return nil }
    _ = try locator.take(4)
    let offset = try locator.integer(UInt64.self)
    guard let start = Int(exactly: offset), start <= endRecord - 76 else {
      throw TorchArchiveError("zip64 end record", "lies outside the file")
    }
    var record = reader(at: start, "zip64 end record")
    if try record.integer(UInt32.self) != 0x0606_4b50 {
      throw TorchArchiveError("zip64 end record", "not where its locator says")
    }
    _ = try record.take(20)  // record size, versions, disks
    _ = try record.take(8)  // entries on this disk
    let count = try record.integer(UInt64.self)
    let size = try record.integer(UInt64.self)
    return Directory(offset: try record.integer(UInt64.self), size: size, count: count)
  }

  private func check(_ directory: Directory, isWhole: Bool, before position: Int) throws(TorchArchiveError) {
    let (end, overflow) = directory.offset.addingReportingOverflow(directory.size)
    if !isWhole { throw TorchArchiveError("central directory", "split over several files") }
    if overflow || end > position {
      throw TorchArchiveError("central directory", "lies outside the file")
    }
    if directory.count > directory.size / 46 {
      throw TorchArchiveError(
        "central directory", expected: "at most \(directory.size / 46) entries",
        found: "\(directory.count)")
    }
  }

  private func readDirectory(_ directory: Directory) throws(TorchArchiveError) -> [Entry] {
    let end = Int(directory.offset + directory.size)
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<end])
    var reader = ByteReader(bytes, at: Int(directory.offset), field: "central directory")
    var result: [Entry] = []
    for _ in 0..<directory.count { result.append(try readEntry(&reader)) }
    return result
  }

  private func readEntry(_ reader: inout ByteReader) throws(TorchArchiveError) -> Entry {
    if try reader.integer(UInt32.self) != 0x0201_4b50 {
      throw TorchArchiveError("central directory", "no entry where one should begin")
    }
    _ = try reader.take(4)  // versions
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    _ = try reader.take(8)  // time, date, checksum
    let packed = UInt64(try reader.integer(UInt32.self))
    let size = UInt64(try reader.integer(UInt32.self))
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let commentLength = Int(try reader.integer(UInt16.self))
    _ = try reader.take(8)  // disk, attributes
    let offset = UInt64(try reader.integer(UInt32.self))
    let name = try reader.text(nameLength)
    var values = [size, packed, offset]
    try widen(&values, extra: reader.take(extraLength), of: name)
    _ = try reader.take(commentLength)
    if flags & 1 != 0 { throw TorchArchiveError(quoted(name), "encrypted") }
    if method != 0 || values[0] != values[1] {
      throw TorchArchiveError(quoted(name), expected: "an entry stored as it is", found: "compression method \(method)")
    }
    return Entry(name: name, size: values[0], headerOffset: values[2])
  }

  /// Replaces the values that did not fit 32 bits by those of the zip64 extra field.
  private func widen(
    _ values: inout [UInt64], extra: UnsafeRawBufferPointer, of name: String
  ) throws(TorchArchiveError) {
    var reader = ByteReader(extra, field: quoted(name))
    while reader.remaining >= 4 {
      let tag = try reader.integer(UInt16.self)
      let field = try reader.take(Int(try reader.integer(UInt16.self)))
      if tag != 1 { continue }
      var wide = ByteReader(field, field: quoted(name))
      for index in values.indices where values[index] == 0xffff_ffff {
        values[index] = try wide.integer(UInt64.self)
      }
      return
    }
  }

  /// Finds an entry's bytes behind its local header.
  private func locate(_ entry: Entry, after end: Int, before limit: Int) throws(TorchArchiveError) -> Range<Int> {
    let field = quoted(entry.name)
    guard let start = Int(exactly: entry.headerOffset), start < limit else {
      throw TorchArchiveError(field, "begins outside the file")
    }
    if start < end { throw TorchArchiveError(field, "overlaps the entry before it") }
    var header = reader(at: start, field)
    if try header.integer(UInt32.self) != 0x0403_4b50 {
      throw TorchArchiveError(field, "no entry where the directory says")
    }
    _ = try header.take(22)
    let nameLength = Int(try header.integer(UInt16.self))
    let extraLength = Int(try header.integer(UInt16.self))
    if try header.text(nameLength) != entry.name {
      throw TorchArchiveError(field, "has another name in its own header")
    }
    _ = try header.take(extraLength)
    let (dataEnd, overflow) = header.position.addingReportingOverflow(Int(clamping: entry.size))
    if overflow || dataEnd > limit {
      throw TorchArchiveError(field, expected: "at most \(limit - header.position) bytes", found: "\(entry.size)")
    }
    return header.position..<dataEnd
  }
}
