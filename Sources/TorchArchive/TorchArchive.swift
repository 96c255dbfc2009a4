/// A file written by `torch.save`: a stored zip with a pickle of a dictionary, and one entry per storage.
///
/// The codec's own save puts its tensors under `state_dict` and its constructor's arguments under `metadata.kwargs`.
/// Nothing in the file is ever run. Thread: any.
public struct TorchArchive: Sendable {
  /// A named array.
  public struct Tensor: Sendable {
    /// The name that it has in `state_dict`.
    public let name: String
    /// How its numbers are stored.
    public let numberType: NumberType
    /// Its sizes, outermost first.
    public let shape: [Int]
    /// Its numbers in row-major order.
    public let numbers: Numbers
  }

  /// Where a tensor's numbers are.
  public enum Numbers: Sendable {
    /// In the file, at these bytes of it.
    case inFile(Range<Int>)
    /// Here, because the file has them in another order.
    case copied([UInt8])
  }

  /// An argument of the constructor.
  public struct Argument: Sendable {
    /// What it is, in words, for errors.
    public let kind: String
    /// Whether it is `None`.
    public let isNone: Bool
    /// Its value, if it is an integer.
    public let integer: Int?
    /// Its values, if it is a list or tuple of integers.
    public let integers: [Int]?
  }

  /// The tensors of `state_dict`.
  public let tensors: [Tensor]
  private let heap: PickleHeap

  /// Reads a file that lies in memory; what is kept of it are numbers and positions.
  ///
  /// Throws for anything but a plain, sound file of this kind.
  public init(_ bytes: UnsafeRawBufferPointer) throws(TorchArchiveError) {
    let archive = try ZipArchive(bytes)
    let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.count { $0 == "/" } == 1 }
    guard pickles.count == 1, let name = pickles.first, let pickle = archive[name] else {
      throw TorchArchiveError(expected: "one data.pkl in the archive", found: "\(pickles.count)")
    }
    let root = String(name.dropLast("data.pkl".count))
    if let order = archive[root + "byteorder"], !order.elementsEqual("little".utf8) {
      throw TorchArchiveError("byteorder", expected: "little", found: "something else")
    }
    heap = try PickleReader.read(pickle, field: "data.pkl")
    var views = StridedViews(heap: heap, archive: archive, root: root)
    tensors = try views.tensors()
  }

  /// The constructor's argument of a name; `nil` if there is none.
  ///
  /// Throws if the file has no dictionary of arguments.
  public func argument(_ key: String) throws(TorchArchiveError) -> Argument? {
    guard let metadata = heap.value(of: "metadata", in: heap.root),
      let arguments = heap.value(of: "kwargs", in: metadata), case .dictionary = arguments
    else { throw TorchArchiveError("metadata.kwargs", "missing") }
    guard let value = heap.value(of: key, in: arguments) else { return nil }
    let integer: Int? = if case .integer(let integer) = value { integer } else { nil }
    return Argument(
      kind: value.kind, isNone: value == .none, integer: integer, integers: heap.integers(of: value))
  }
}
