import Testing

@testable import UniMoEAudio

@Suite struct HostileTorchTests {
  @Test(arguments: zips + pickles + metadata) func aBrokenFileIsNamedAndExplained(_ file: HostileCase) throws {
    #expect(try file.message { path, _ in _ = try TorchCodec(path: path).configuration() } == file.expected)
  }

  // MARK: Zip

  private static func zip(_ change: (inout StoredZip) -> Void) -> [UInt8] {
    var zip = StoredZip([("x/data.pkl", Pickle.state(Pickle.tensor())), ("x/data/0", [UInt8](repeating: 0, count: 24))])
    change(&zip)
    return zip.bytes
  }

  static let zips: [HostileCase] = [
    HostileCase("empty", [], "no zip end record: not a torch file, or cut off"),
    HostileCase(
      "text", text: "This is no model at all, but a line of text.", "no zip end record: not a torch file, or cut off"),
    HostileCase(
      "Git LFS pointer", text: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
      "this is a Git LFS pointer, not the file itself: fetch it with git lfs pull, or download it"),
    HostileCase("cut off", Array(zip { _ in }.dropLast(1)), "no zip end record: not a torch file, or cut off"),
    HostileCase("bytes behind the end record", zip { _ in } + [0], "no zip end record: not a torch file, or cut off"),
    HostileCase("first half", Array(zip { _ in }.prefix(100)), "no zip end record: not a torch file, or cut off"),
    HostileCase(
      "no entries", StoredZip([] as [StoredZip.Entry]).bytes, "expected one data.pkl in the archive, found 0"),
    HostileCase("no pickle", StoredZip([("x/data/0", [1])]).bytes, "expected one data.pkl in the archive, found 0"),
    HostileCase(
      "two pickles", StoredZip([("x/data.pkl", []), ("y/data.pkl", [])]).bytes,
      "expected one data.pkl in the archive, found 2"),
    HostileCase(
      "directory behind the end", zip { $0.directoryOffset = 4_000_000_000 }, "central directory: lies outside the file"
    ),
    HostileCase(
      "directory too long", zip { $0.directorySize = 4_000_000_000 }, "central directory: lies outside the file"),
    HostileCase(
      "directory elsewhere", zip { $0.directoryOffset = 3 }, "central directory: no entry where one should begin"),
    HostileCase(
      "too many entries", zip { $0.count = 65535 }, "central directory: expected at most 2 entries, found 65535"),
    HostileCase("split", zip { $0.disk = 1 }, "central directory: split over several files"),
    HostileCase(
      "deflated", zip { $0.entries[1].method = 8 },
      "\"x/data/0\": expected an entry stored as it is, found compression method 8"),
    HostileCase(
      "packed and unpacked size differ", zip { $0.entries[1].packedSize = 3 },
      "\"x/data/0\": expected an entry stored as it is, found compression method 0"),
    HostileCase("encrypted", zip { $0.entries[0].flags = 1 }, "\"x/data.pkl\": encrypted"),
    HostileCase(
      "entry too long", zip { $0.entries[1].size = 4_000_000_000 },
      "\"x/data/0\": expected at most 24 bytes, found 4000000000"),
    HostileCase(
      "entry behind the directory", zip { $0.entries[1].offset = 4_000_000_000 },
      "\"x/data/0\": begins outside the file"),
    HostileCase(
      "entry inside another", zip { $0.entries[1].offset = 60 }, "\"x/data/0\": overlaps the entry before it"),
    HostileCase(
      "entry elsewhere", zip { $0.entries[0].offset = 1 }, "\"x/data.pkl\": no entry where the directory says"),
    HostileCase(
      "two names for the same bytes", zip { $0.entries.append(.init(name: "x/data/1", bytes: [], offset: 0)) },
      "\"x/data/1\": overlaps the entry before it"),
    HostileCase("name twice", zip { $0.entries.append($0.entries[1]) }, "\"x/data/0\": stored twice"),
    HostileCase(
      "other name in its header", zip { $0.entries[1].nameInOwnHeader = "x/data/9" },
      "\"x/data/0\": has another name in its own header"),
    HostileCase(
      "name that is not UTF-8", zip { $0.entries[1].nameBytes = [0xff] }, "central directory: text that is not UTF-8"),
    HostileCase(
      "zip64 record outside",
      zip {
        $0.isZip64 = true; $0.zip64Offset = .max
      }, "zip64 end record: lies outside the file"),
    HostileCase(
      "zip64 record elsewhere",
      zip {
        $0.isZip64 = true; $0.zip64Offset = 0
      }, "zip64 end record: not where its locator says"),
    HostileCase(
      "zip64 with 2^64-1 entries",
      zip {
        $0.isZip64 = true; $0.zip64Count = .max
      }, "central directory: expected at most 3 entries, found 18446744073709551615"),
    HostileCase(
      "big-endian", torchFile(Pickle.state(Pickle.tensor()), more: [("x/byteorder", Array("big".utf8))]),
      "byteorder: expected little, found something else"),
  ]

  // MARK: Pickle

  private static func pickle(_ name: String, _ bytes: [UInt8], _ expected: String) -> HostileCase {
    HostileCase(name, torchFile(bytes), expected)
  }

  private static func tensor(_ name: String, _ tensor: [UInt8], _ expected: String) -> HostileCase {
    pickle(name, Pickle.state(tensor), expected)
  }

  private static func view(_ name: String, _ offset: Int, _ shape: [Int], _ strides: [Int]) -> HostileCase {
    tensor(
      name, Pickle.tensor(offset: offset, shape: shape, strides: strides),
      "a: size \(shape), strides \(strides) and offset \(offset) leave a storage of 6 numbers")
  }

  private static let needs = "data.pkl: a tensor needs a storage, an offset, a size and as many strides"

  static let pickles: [HostileCase] = [
    pickle("empty", [], "data.pkl: ends at byte 0, inside a field"),
    pickle("no end", Pickle.start + Pickle.dictionary, "data.pkl: ends at byte 3, inside a field"),
    pickle("nothing on the stack", Pickle.start + Pickle.stop, "data.pkl: the stack is empty"),
    pickle("protocol 4", [0x80, 4], "data.pkl: expected pickle protocol 2, found 4"),
    pickle(
      "a shell command",
      Pickle.start + Pickle.global("os", "system") + Pickle.tuple(Pickle.text("true")) + Pickle.call + Pickle.stop,
      "data.pkl: \"os.system\" is not allowed"),
    pickle(
      "eval", Pickle.start + Pickle.global("__builtin__", "eval"), "data.pkl: \"__builtin__.eval\" is not allowed"),
    pickle(
      "a neighbour of an allowed name", Pickle.start + Pickle.global("torch._utils", "_rebuild_parameter"),
      "data.pkl: \"torch._utils._rebuild_parameter\" is not allowed"),
    pickle("global without an end", Pickle.start + Array("cos".utf8), "data.pkl: ends at byte 5, inside a field"),
    pickle("global by instance", Pickle.start + Array("(ios\nsystem\n".utf8), "data.pkl: opcode 0x69 is not allowed"),
    pickle("object by class", Pickle.start + [0x81], "data.pkl: opcode 0x81 is not allowed"),
    pickle("extension registry", Pickle.start + [0x82, 1], "data.pkl: opcode 0x82 is not allowed"),
    pickle("unknown opcode", Pickle.start + [0xff], "data.pkl: opcode 0xff is not allowed"),
    pickle(
      "text longer than the file", Pickle.start + Array("X".utf8) + little(UInt32.max),
      "data.pkl: ends at byte 7, inside a field"),
    pickle(
      "text that is not UTF-8", Pickle.start + Array("X".utf8) + little(UInt32(1)) + [0xff],
      "data.pkl: text that is not UTF-8"),
    pickle("memo that is not set", Pickle.start + Array("h".utf8) + [3], "data.pkl: memo 3 is not set"),
    pickle("memo of nothing", Pickle.start + Array("r".utf8) + little(UInt32.max), "data.pkl: the stack is empty"),
    pickle("tuple without a mark", Pickle.start + Array("t".utf8), "data.pkl: a mark is missing"),
    pickle("pop below a mark", Pickle.start + Pickle.dictionary + Pickle.mark + [0x85], "data.pkl: the stack is empty"),
    pickle(
      "integer of 255 bytes", Pickle.start + [0x8a, 255] + [UInt8](repeating: 1, count: 255),
      "data.pkl: an integer of 255 bytes"),
    pickle(
      "append to a dictionary", Pickle.start + Pickle.dictionary + Array("N".utf8) + Array("a".utf8),
      "data.pkl: expected a list to append to, found a dictionary"),
    pickle(
      "append to a tuple", Pickle.start + Array(")Na".utf8), "data.pkl: expected a list to append to, found a tuple"),
    pickle(
      "item of a list", Pickle.start + Array("]NNs".utf8),
      "data.pkl: expected a dictionary to set items of, found a list"),
    pickle("key without a value", Pickle.start + Array("}(Nu".utf8), "data.pkl: a key without a value"),
    pickle(
      "call of a number", Pickle.start + Array("K".utf8) + [1] + Array(")R".utf8),
      "data.pkl: expected a call of a known name, found 1 with a tuple"),
    pickle(
      "call of a storage class", Pickle.start + Pickle.global("torch", "FloatStorage") + Array(")R".utf8),
      "data.pkl: a storage class cannot be called"),
    pickle(
      "ordered dictionary with arguments",
      Pickle.start + Pickle.global("collections", "OrderedDict") + Pickle.tuple(Pickle.list) + Pickle.call,
      "data.pkl: expected OrderedDict without arguments"),
    pickle(
      "attributes of a list", Pickle.start + Array("]}b".utf8),
      "data.pkl: expected attributes of a dictionary, found a dictionary for a list"),
    pickle(
      "persistent id of text", Pickle.start + Pickle.text("0") + Array("Q".utf8),
      "data.pkl: expected a storage as persistent id"),
    pickle("a list", Pickle.start + Pickle.list + Pickle.stop, "state_dict: missing"),
    pickle(
      "no state_dict", Pickle.start + Pickle.dictionary(("weights", Pickle.dictionary)) + Pickle.stop,
      "state_dict: missing"),
    pickle(
      "state_dict is a list", Pickle.start + Pickle.dictionary(("state_dict", Pickle.list)) + Pickle.stop,
      "state_dict: missing"),
    pickle(
      "state_dict with numbers as keys",
      Pickle.start + Pickle.dictionary(("state_dict", Array("}K".utf8) + [1] + Pickle.tensor() + Array("s".utf8)))
        + Pickle.stop, "state_dict: expected names as keys, found 1"),
    pickle(
      "name twice",
      Pickle.start
        + Pickle.dictionary(("state_dict", Pickle.dictionary(("a", Pickle.tensor()), ("a", Pickle.tensor()))))
        + Pickle.stop, "a: stored twice"),
    tensor("text as a tensor", Pickle.text("b"), "a: expected a tensor, found \"b\""),
    tensor(
      "tensor without arguments", Pickle.global("torch._utils", "_rebuild_tensor_v2") + Pickle.tuple() + Pickle.call,
      needs),
    tensor("more sizes than strides", Pickle.tensor(shape: [2, 3], strides: [1]), needs),
    tensor(
      "nine dimensions", Pickle.tensor(shape: [Int](repeating: 1, count: 9), strides: [Int](repeating: 1, count: 9)),
      needs),
    tensor("missing storage", Pickle.tensor(Pickle.storage(key: "7")), "a: storage \"7\" is missing"),
    tensor(
      "storage outside its folder", Pickle.tensor(Pickle.storage(key: "../data.pkl")),
      "a: storage \"../data.pkl\" is missing"),
    tensor(
      "storage of another size", Pickle.tensor(Pickle.storage(count: 7)),
      "a: expected storage \"0\" of 7 numbers, found 24 bytes"),
    tensor(
      "storage of another type", Pickle.tensor(Pickle.storage(type: "HalfStorage")),
      "a: expected storage \"0\" of 6 numbers, found 24 bytes"),
    tensor(
      "storage of -1 numbers", Pickle.tensor(Pickle.storage(count: -1)),
      "a: expected storage \"0\" of -1 numbers, found 24 bytes"),
    view("offset behind the storage", 1, [2, 3], [3, 1]),
    view("negative offset", -1, [2, 3], [3, 1]),
    view("negative size", 0, [-2, -3], [3, 1]),
    view("negative stride", 5, [2, 3], [-3, -1]),
    view("stride behind the storage", 0, [2, 3], [4, 1]),
    view("stride that overflows", 0, [2, 3], [.max, 1]),
    view("size that overflows", 0, [.max, .max], [0, 0]),
    view("a number repeated without end", 0, [1 << 40], [0]),
    view("offset that overflows", .max, [2], [1]),
  ]

  // MARK: Metadata

  private static func arguments(_ name: String, _ metadata: [UInt8], _ expected: String) -> HostileCase {
    let bytes =
      Pickle.start
      + Pickle.dictionary(("state_dict", Pickle.dictionary(("a", Pickle.tensor()))), ("metadata", metadata))
      + Pickle.stop
    return pickle(name, bytes, expected)
  }

  private static func kwargs(rate: [UInt8], rates: [UInt8]) -> [UInt8] {
    Pickle.dictionary(
      (
        "kwargs",
        Pickle.dictionary(
          ("sample_rate", rate), ("encoder_dim", Pickle.integer(8)), ("encoder_rates", rates),
          ("decoder_dim", Pickle.integer(64)), ("decoder_rates", rates), ("n_codebooks", Pickle.integer(12)),
          ("codebook_size", Pickle.integer(1024)), ("codebook_dim", Pickle.integer(8)))
      ))
  }

  static let metadata: [HostileCase] = [
    pickle("no metadata", Pickle.state(Pickle.tensor()), "metadata.kwargs: missing"),
    arguments("metadata without arguments", Pickle.dictionary, "metadata.kwargs: missing"),
    arguments("arguments are a list", Pickle.dictionary(("kwargs", Pickle.list)), "metadata.kwargs: missing"),
    arguments(
      "no arguments", Pickle.dictionary(("kwargs", Pickle.dictionary)),
      "metadata.kwargs.sample_rate: expected an integer, found nothing"),
    arguments(
      "rate is text", kwargs(rate: Pickle.text("fast"), rates: Pickle.list(Pickle.integer(2))),
      "metadata.kwargs.sample_rate: expected an integer, found \"fast\""),
    arguments(
      "rates are a number", kwargs(rate: Pickle.integer(16000), rates: Pickle.integer(2)),
      "metadata.kwargs.encoder_rates: expected a list of integers, found 2"),
    arguments(
      "rates are texts", kwargs(rate: Pickle.integer(16000), rates: Pickle.list(Pickle.text("2"))),
      "metadata.kwargs.encoder_rates: expected a list of integers, found a list"),
    arguments(
      "rate out of range", kwargs(rate: Pickle.integer(-1), rates: Pickle.list(Pickle.integer(2))),
      "metadata.kwargs.sample_rate: expected an integer from 1000 to 384000, found -1"),
  ]
}
