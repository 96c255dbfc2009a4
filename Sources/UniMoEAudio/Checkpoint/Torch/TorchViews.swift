/// Turns a pickle's strided tensors into views of the archive's storages; only those that are not contiguous are
/// copied, and never more bytes than the archive has.
struct TorchViews {
  let heap: PickleHeap
  let archive: ZipArchive
  /// What precedes every entry's name.
  let root: String
  let path: String
  let owner: any AnyObject & Sendable
  /// Bytes that copies have taken.
  private var copied = 0

  init(heap: PickleHeap, archive: ZipArchive, root: String, path: String, owner: any AnyObject & Sendable) {
    self.heap = heap
    self.archive = archive
    self.root = root
    self.path = path
    self.owner = owner
  }

  /// The tensors of `state_dict`.
  mutating func store() throws(UniMoEError) -> TensorStore {
    guard case .dictionary(let index) = heap.value(of: "state_dict", in: heap.root) else {
      throw UniMoEError(.model, path, field: "state_dict", "missing")
    }
    var tensors: [String: Tensor] = [:]
    for (key, value) in heap.dictionaries[index] {
      guard case .string(let name) = key else {
        throw UniMoEError(.model, path, field: "state_dict", expected: "names as keys", found: key.kind)
      }
      guard case .tensor(let index) = value else {
        throw UniMoEError(.model, path, field: readable(name), expected: "a tensor", found: value.kind)
      }
      if tensors.updateValue(try tensor(heap.tensors[index], name: name), forKey: name) != nil {
        throw UniMoEError(.model, path, field: readable(name), "stored twice")
      }
    }
    return TensorStore(path: path, tensors: tensors)
  }

  private mutating func tensor(_ view: PickleHeap.StridedTensor, name: String) throws(UniMoEError) -> Tensor {
    let storage = heap.storages[view.storage]
    let numbers = try bytes(of: storage, name: name)
    guard let byteCount = TensorStore.byteCount(of: view.shape, type: storage.type), byteCount <= numbers.count,
      let extent = Self.extent(of: view), extent <= storage.count
    else {
      throw UniMoEError(
        .model, path, field: readable(name),
        "size \(describe(shape: view.shape)), strides \(describe(shape: view.strides)) and "
          + "offset \(view.offset) leave a storage of \(storage.count) numbers")
    }
    if byteCount == 0 || Self.isContiguous(view) {
      let start = byteCount == 0 ? 0 : view.offset * storage.type.size
      return Tensor(
        path: path, name: name, elementType: storage.type, shape: view.shape,
        bytes: UnsafeRawBufferPointer(rebasing: numbers[start..<start + byteCount]), owner: owner)
    }
    copied += byteCount
    if copied > archive.bytes.count {
      throw UniMoEError(.model, path, field: readable(name), "copies of strided tensors exceed the file's size")
    }
    let copy = OwnedBytes(count: byteCount)
    Self.gather(view, size: storage.type.size, from: numbers, into: copy.bytes)
    return Tensor(
      path: path, name: name, elementType: storage.type, shape: view.shape, bytes: UnsafeRawBufferPointer(copy.bytes),
      owner: copy)
  }

  private func bytes(of storage: PickleHeap.Storage, name: String) throws(UniMoEError) -> UnsafeRawBufferPointer {
    guard let bytes = archive["\(root)data/\(storage.key)"] else {
      throw UniMoEError(.model, path, field: readable(name), "storage \(quoted(storage.key)) is missing")
    }
    if TensorStore.byteCount(of: [storage.count], type: storage.type) != bytes.count {
      throw UniMoEError(
        .model, path, field: readable(name), expected: "storage \(quoted(storage.key)) of \(storage.count) numbers",
        found: "\(bytes.count) bytes")
    }
    return bytes
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

/// Memory of its own, for tensors that are not views of a file.
final class OwnedBytes: @unchecked Sendable {
  /// The memory; written before the object is shared, only read afterwards.
  let bytes: UnsafeMutableRawBufferPointer

  /// Takes uninitialised memory.
  init(count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }

  deinit { bytes.deallocate() }
}
