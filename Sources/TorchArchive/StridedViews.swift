/// Finds the numbers of a pickle's strided tensors in the archive's storages; only those that are not contiguous are
/// copied, and never more bytes than the archive has.
struct StridedViews {
  let heap: PickleHeap
  let archive: ZipArchive
  /// What precedes every entry's name.
  let root: String
  /// Bytes that copies have taken.
  private var copied = 0

  init(heap: PickleHeap, archive: ZipArchive, root: String) {
    self.heap = heap
    self.archive = archive
    self.root = root
  }

  /// The tensors of `state_dict`.
  mutating func tensors() throws(TorchArchiveError) -> [TorchArchive.Tensor] {
    guard case .dictionary(let index) = heap.value(of: "state_dict", in: heap.root) else {
      throw TorchArchiveError("state_dict", "missing")
    }
    var names: Set<String> = []
    var tensors: [TorchArchive.Tensor] = []
    for (key, value) in heap.dictionaries[index] {
      guard case .string(let name) = key else {
        throw TorchArchiveError("state_dict", expected: "names as keys", found: key.kind)
      }
      guard case .tensor(let index) = value else {
        throw TorchArchiveError(name, expected: "a tensor", found: value.kind)
      }
      tensors.append(try tensor(heap.tensors[index], name: name))
      if !names.insert(name).inserted { throw TorchArchiveError(name, "stored twice") }
    }
    return tensors
  }

  private mutating func tensor(_ view: PickleHeap.StridedTensor, name: String) throws(TorchArchiveError)
    -> TorchArchive.Tensor
  {
    let storage = heap.storages[view.storage]
    let range = try range(of: storage, name: name)
    let numbers = UnsafeRawBufferPointer(rebasing: archive.bytes[range])
    guard let byteCount = storage.type.byteCount(of: view.shape), byteCount <= numbers.count,
      let extent = Self.extent(of: view), extent <= storage.count
    else {
      throw TorchArchiveError(
        name,
        "size \(view.shape), strides \(view.strides) and "
          + "offset \(view.offset) leave a storage of \(storage.count) numbers")
    }
    if byteCount == 0 || Self.isContiguous(view) {
      let start = range.lowerBound + (byteCount == 0 ? 0 : view.offset * storage.type.size)
      return TorchArchive.Tensor(
        name: name, numberType: storage.type, shape: view.shape, numbers: .inFile(start..<start + byteCount))
    }
    copied += byteCount
    if copied > archive.bytes.count {
      throw TorchArchiveError(name, "copies of strided tensors exceed the file's size")
    }
    let copy = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      Self.gather(view, size: storage.type.size, from: numbers, into: UnsafeMutableRawBufferPointer(buffer))
      count = byteCount
    }
    return TorchArchive.Tensor(name: name, numberType: storage.type, shape: view.shape, numbers: .copied(copy))
  }

  private func range(of storage: PickleHeap.Storage, name: String) throws(TorchArchiveError) -> Range<Int> {
    guard let range = archive.entries["\(root)data/\(storage.key)"] else {
      throw TorchArchiveError(name, "storage \(quoted(storage.key)) is missing")
    }
    if storage.type.byteCount(of: [storage.count]) != range.count {
      throw TorchArchiveError(
        name, expected: "storage \(quoted(storage.key)) of \(storage.count) numbers", found: "\(range.count) bytes")
    }
    return range
  }

  /// The first element behind the view, or `nil` if a number is negative or the sum too large.
  private static func extent(of view: PickleHeap.StridedTensor) -> Int? {
    if view.offset < 0 || view.strides.contains(where: { $0 < 0 }) { return nil }
    if view.shape.contains(0) { return 0 }
    var last = view.offset
    for (size, stride) in zip(view.shape, view.strides) {
      let (span, tooWide) = (size - 1).multipliedReportingOverflow(by: stride)
      let (next, tooFar) = last.addingReportingOverflow(span)
      if tooWide || tooFar { return nil }
      last = next
    }
    let (extent, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : extent
  }

  private static func isContiguous(_ view: PickleHeap.StridedTensor) -> Bool {
    var expected = 1
    for (size, stride) in zip(view.shape, view.strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// Copies a strided view into row-major order.
  private static func gather(
    _ view: PickleHeap.StridedTensor, size: Int, from source: UnsafeRawBufferPointer,
    into destination: UnsafeMutableRawBufferPointer
  ) {
    var index = [Int](repeating: 0, count: view.shape.count)
    // The stride of an axis of size 1 means nothing and may be any number.
    let strides = zip(view.shape, view.strides).map { $0 == 1 ? 0 : $1 }
    var element = view.offset
    for target in Swift.stride(from: 0, to: destination.count, by: size) {
      for byte in 0..<size { destination[target + byte] = source[element * size + byte] }
      for axis in view.shape.indices.reversed() {
        index[axis] += 1
        element += strides[axis]
        if index[axis] < view.shape[axis] { break }
        element -= index[axis] * strides[axis]
        index[axis] = 0
      }
    }
  }
}
