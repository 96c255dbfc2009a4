/// Reads a pickle of protocol 2 as `torch.save` writes it (Python's pickletools documents the opcodes), building
/// dictionaries, lists, tuples, strings, numbers and tensors. Nothing is run: a name that is not in `PickleGlobal`
/// is an error.
struct PickleReader {
  /// The longest pickle accepted; the real codec's is 52 kB. A value takes about twenty times the memory of its opcode.
  static let sizeLimit = 4 << 20

  /// The most dimensions of a tensor. A tuple is stored once and may be named by many tensors, so its length is bounded
  /// before it is copied into each.
  static let rankLimit = 8

  private var reader: ByteReader
  private var heap = PickleHeap()
  private var stack: [PickleHeap.Value] = []
  /// Heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [UInt32: PickleHeap.Value] = [:]

  /// Reads a whole pickle.
  static func read(_ bytes: UnsafeRawBufferPointer, field: String) throws(TorchArchiveError) -> PickleHeap {
    if bytes.count > sizeLimit {
      throw TorchArchiveError(field, expected: "at most \(sizeLimit) bytes", found: "\(bytes.count)")
    }
    var reader = PickleReader(reader: ByteReader(bytes, field: field))
    while try reader.step() {}
    return reader.heap
  }

  private init(reader: ByteReader) { self.reader = reader }

  private func failure(_ problem: String) -> TorchArchiveError {
    TorchArchiveError(reader.field, problem)
  }

  /// Carries out one opcode; false after the last.
  private mutating func step() throws(TorchArchiveError) -> Bool {
    let opcode = try reader.integer(UInt8.self)
    switch UnicodeScalar(opcode) {
    case "\u{80}":
      let version = try reader.integer(UInt8.self)
      if version > 2 { throw failure("expected pickle protocol 2, found \(version)") }
    case ".":
      heap.root = try pop()
      return false
    case "(": marks.append(stack.count)
    case "q": try remember(UInt32(try reader.integer(UInt8.self)))
    case "r": try remember(try reader.integer(UInt32.self))
    case "h": try recall(UInt32(try reader.integer(UInt8.self)))
    case "j": try recall(try reader.integer(UInt32.self))
    case "c": try pushGlobal()
    case "R": try reduce()
    case "b": try build()
    case "Q": try pushStorage()
    default:
      if try !pushScalar(opcode), try !container(opcode) {
        throw failure("opcode 0x\(String(opcode, radix: 16)) is not allowed")
      }
    }
    return true
  }

  // MARK: Stack

  /// Takes the topmost value; a mark protects what lies below it.
  private mutating func pop() throws(TorchArchiveError) -> PickleHeap.Value {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw failure("the stack is empty") }
    return value
  }

  /// Takes everything above the last mark, and the mark.
  private mutating func popToMark() throws(TorchArchiveError) -> [PickleHeap.Value] {
    guard let height = marks.popLast() else { throw failure("a mark is missing") }
    let values = Array(stack[height...])
    stack.removeLast(values.count)
    return values
  }

  private mutating func remember(_ index: UInt32) throws(TorchArchiveError) {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw failure("the stack is empty") }
    memo[index] = value
  }

  private mutating func recall(_ index: UInt32) throws(TorchArchiveError) {
    guard let value = memo[index] else { throw failure("memo \(index) is not set") }
    stack.append(value)
  }

  // MARK: Values

  private mutating func pushScalar(_ opcode: UInt8) throws(TorchArchiveError) -> Bool {
    switch UnicodeScalar(opcode) {
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.boolean(true))
    case "\u{89}": stack.append(.boolean(false))
    case "J": stack.append(.integer(Int(try reader.integer(Int32.self))))
    case "K": stack.append(.integer(Int(try reader.integer(UInt8.self))))
    case "M": stack.append(.integer(Int(try reader.integer(UInt16.self))))
    case "\u{8a}": stack.append(.integer(try longInteger()))
    case "G": stack.append(.number(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped)))
    case "X": stack.append(.string(try reader.text(Int(try reader.integer(UInt32.self)))))
    default: return false
    }
    return true
  }

  /// An integer of up to 255 bytes, two's complement, of which 8 are allowed.
  private mutating func longInteger() throws(TorchArchiveError) -> Int {
    let count = Int(try reader.integer(UInt8.self))
    let bytes = try reader.take(count)
    if count > 8 { throw failure("an integer of \(count) bytes") }
    var value = bytes.last.map { $0 & 0x80 != 0 } == true ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int(byte) }
    return value
  }

  private mutating func container(_ opcode: UInt8) throws(TorchArchiveError) -> Bool {
    switch UnicodeScalar(opcode) {
    case "}": pushDictionary()
    case "]": pushList([], as: PickleHeap.Value.list)
    case ")": pushList([], as: PickleHeap.Value.tuple)
    case "t": pushList(try popToMark(), as: PickleHeap.Value.tuple)
    case "\u{85}", "\u{86}", "\u{87}":
      var elements: [PickleHeap.Value] = []
      for _ in 0...(opcode - 0x85) { elements.insert(try pop(), at: 0) }
      pushList(elements, as: PickleHeap.Value.tuple)
    case "a": try append([pop()])
    case "e": try append(popToMark())
    case "s":
      let value = try pop()
      try set([pop(), value])
    case "u": try set(popToMark())
    default: return false
    }
    return true
  }

  private mutating func pushDictionary() {
    heap.dictionaries.append([])
    stack.append(.dictionary(heap.dictionaries.count - 1))
  }

  private mutating func pushList(_ elements: [PickleHeap.Value], as make: (Int) -> PickleHeap.Value) {
    heap.lists.append(elements)
    stack.append(make(heap.lists.count - 1))
  }

  private mutating func append(_ values: [PickleHeap.Value]) throws(TorchArchiveError) {
    let target = try pop()
    guard case .list(let index) = target else { throw failure("expected a list to append to, found \(target.kind)") }
    heap.lists[index] += values
    stack.append(target)
  }

  private mutating func set(_ values: [PickleHeap.Value]) throws(TorchArchiveError) {
    let target = try pop()
    guard case .dictionary(let index) = target else {
      throw failure("expected a dictionary to set items of, found \(target.kind)")
    }
    if values.count % 2 != 0 { throw failure("a key without a value") }
    for item in stride(from: 0, to: values.count, by: 2) {
      heap.dictionaries[index].append((values[item], values[item + 1]))
    }
    stack.append(target)
  }

  // MARK: Names and calls

  private mutating func pushGlobal() throws(TorchArchiveError) {
    let module = try reader.line()
    let name = try reader.line()
    guard let global = PickleGlobal(module: module, name: name) else {
      throw failure("\(quoted("\(module).\(name)")) is not allowed")
    }
    stack.append(.global(global))
  }

  /// A call in Python; here only an empty ordered dictionary and a tensor are made.
  private mutating func reduce() throws(TorchArchiveError) {
    let arguments = try pop()
    let function = try pop()
    guard case .global(let global) = function, case .tuple(let index) = arguments else {
      throw failure("expected a call of a known name, found \(function.kind) with \(arguments.kind)")
    }
    switch global {
    case .orderedDictionary:
      if !heap.lists[index].isEmpty { throw failure("expected OrderedDict without arguments") }
      pushDictionary()
    case .rebuildTensor:
      heap.tensors.append(try tensor(from: heap.lists[index]))
      stack.append(.tensor(heap.tensors.count - 1))
    case .storage:
      throw failure("a storage class cannot be called")
    }
  }

  /// Arguments: storage, offset, size, stride, requires_grad, backward hooks.
  private func tensor(from arguments: [PickleHeap.Value]) throws(TorchArchiveError) -> PickleHeap.StridedTensor {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
      let rank = heap.elements(of: arguments[2])?.count, rank <= Self.rankLimit,
      rank == heap.elements(of: arguments[3])?.count,
      let shape = heap.integers(of: arguments[2]), let strides = heap.integers(of: arguments[3])
    else { throw failure("a tensor needs a storage, an offset, a size and as many strides") }
    return PickleHeap.StridedTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }

  /// Attributes of an object in Python; those of a dictionary are ignored.
  private mutating func build() throws(TorchArchiveError) {
    let state = try pop()
    let target = try pop()
    guard case .dictionary = target, case .dictionary = state else {
      throw failure("expected attributes of a dictionary, found \(state.kind) for \(target.kind)")
    }
    stack.append(target)
  }

  /// A persistent id: ('storage', class, key, location, count).
  private mutating func pushStorage() throws(TorchArchiveError) {
    let id = heap.elements(of: try pop()) ?? []
    guard id.count == 5, id[0] == .string("storage"), case .global(.storage(let type)) = id[1],
      case .string(let key) = id[2], case .integer(let count) = id[4]
    else { throw failure("expected a storage as persistent id") }
    heap.storages.append(PickleHeap.Storage(type: type, key: key, count: count))
    stack.append(.storage(heap.storages.count - 1))
  }
}
