import Testing

@testable import UniMoEAudio

@Suite struct HostileSafetensorsTests {
  @Test(arguments: files) func aBrokenFileIsNamedAndExplained(_ file: HostileCase) throws {
    #expect(try file.message { path, _ in _ = try TensorStore(safetensors: path) } == file.expected)
  }

  @Test func metadataOfNullIsNone() throws {
    let bytes = Self.file(
      "{\"__metadata__\":null,\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", data: 2)
    let store = try TensorStore(safetensors: SharedBytes(copying: bytes), path: "a")
    #expect(store.metadata.isEmpty && Array(store.names) == ["a"])
  }

  private static func file(_ header: String, data: Int = 0) -> [UInt8] {
    little(UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  /// A file of one tensor `a`.
  private static func one(dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]") -> [UInt8] {
    file("{\"a\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}", data: 8)
  }

  /// A file of two tensors `a` and `b` of two bytes each.
  private static func two(_ first: String, _ second: String, data: Int) -> [UInt8] {
    file(
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":\(first)},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":\(second)}}", data: data)
  }

  static let files: [HostileCase] = [
    HostileCase("empty", [], "expected at least 8 bytes of a safetensors file, found 0"),
    HostileCase("seven bytes", [1, 0, 0, 0, 0, 0, 0], "expected at least 8 bytes of a safetensors file, found 7"),
    HostileCase(
      "header longer than the file", little(UInt64(100)) + Array("{}".utf8),
      "header length: expected at most 2, found 100"),
    HostileCase(
      "header of 2^63 bytes", little(UInt64(1) << 63) + Array("{}".utf8),
      "header length: expected at most 2, found 9223372036854775808"),
    HostileCase(
      "header of 2^64-1 bytes", little(UInt64.max) + Array("{}".utf8),
      "header length: expected at most 2, found 18446744073709551615"),
    HostileCase(
      "header above the limit", little(UInt64(17 << 20)) + [UInt8](repeating: 0x20, count: 17 << 20),
      "header length: expected at most 4194304, found 17825792"),
    HostileCase(
      "Git LFS pointer",
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n".utf8),
      "this is a Git LFS pointer, not the file itself: fetch it with git lfs pull, or download it"),
    HostileCase("empty header", file(""), "header: does not begin with {"),
    HostileCase("header is an array", file("[]"), "header: does not begin with {"),
    HostileCase(
      "a zip instead", Array("PK\u{3}\u{4}........".utf8),
      "header length: expected at most 4, found 3327647949844073296"),
    HostileCase("header cut off", file("{\"a\":{\"dtype\":"), "JSON that ends too early"),
    HostileCase("header with text behind it", file("{} x"), "not valid JSON at line 1, column 4"),
    HostileCase("nested too deep", file("{\"a\":" + String(repeating: "[", count: 100)), "nested more than 32 deep"),
    HostileCase(
      "nested a million deep", file("{\"a\":" + String(repeating: "[", count: 1_000_000)), "nested more than 32 deep"),
    HostileCase(
      "name that is not UTF-8", little(UInt64(10)) + Array("{\"".utf8) + [0xff, 0xfe] + Array("\":1}  ".utf8),
      "not valid JSON at line 1, column 5"),
    HostileCase("UTF-16", little(UInt64(4)) + [0x7b, 0, 0x7d, 0], "not JSON in UTF-8"),
    HostileCase("tensor twice", file("{\"a\":{},\"a\":{}}"), "key \"a\" is there twice"),
    HostileCase("tensor twice, once escaped", file("{\"a\":{},\"\\u0061\":{}}"), "key \"a\" is there twice"),
    HostileCase("key twice in a tensor", file("{\"a\":{\"dtype\":1,\"dtype\":2}}"), "key \"dtype\" is there twice"),
    HostileCase(
      "metadata of numbers", file("{\"__metadata__\":{\"a\":1}}"), "__metadata__.a: expected a string, found a number"),
    HostileCase(
      "metadata is a string", file("{\"__metadata__\":\"a\"}"), "__metadata__: expected an object, found a string"),
    HostileCase("tensor is a number", file("{\"a\":5}"), "a: expected an object, found a number"),
    HostileCase("tensor is null", file("{\"a\":null}"), "a: expected an object, found null"),
    HostileCase("no dtype", file("{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}"), "a.dtype: missing"),
    HostileCase("no shape", file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}"), "a.shape: missing"),
    HostileCase("no offsets", file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}"), "a.data_offsets: missing"),
    HostileCase("unknown dtype", one(dtype: "\"F31\""), "a: unknown dtype \"F31\""),
    HostileCase("dtype is a number", one(dtype: "7"), "a.dtype: expected a string, found a number"),
    HostileCase("negative size", one(shape: "[-2,-1]"), "a: impossible shape [-2, -1]"),
    HostileCase(
      "product overflows", one(shape: "[4294967296,4294967296]"), "a: impossible shape [4294967296, 4294967296]"),
    HostileCase(
      "product overflows to 8", one(shape: "[9223372036854775807,2,9223372036854775807]"),
      "a: impossible shape [9223372036854775807, 2, 9223372036854775807]"),
    HostileCase("size beyond 64 bits", one(shape: "[1e30]"), "a.shape.[0]: expected an integer, found 1e+30"),
    HostileCase("fractional size", one(shape: "[1.5]"), "a.shape.[0]: expected an integer, found 1.5"),
    HostileCase("shape is a string", one(shape: "\"2\""), "a.shape: expected an array, found a string"),
    HostileCase("one offset", one(offsets: "[0]"), "a.data_offsets: expected 2 numbers, found 1"),
    HostileCase("three offsets", one(offsets: "[0,8,8]"), "a.data_offsets: expected 2 numbers, found 3"),
    HostileCase(
      "offsets reversed", one(offsets: "[8,0]"), "a.data_offsets: expected a range within 8 bytes, found 8 to 0"),
    HostileCase(
      "negative offset", one(offsets: "[-8,0]"), "a.data_offsets: expected a range within 8 bytes, found -8 to 0"),
    HostileCase(
      "offset behind the file", one(offsets: "[0,9223372036854775807]"),
      "a.data_offsets: expected a range within 8 bytes, found 0 to 9223372036854775807"),
    HostileCase(
      "fewer bytes than the shape", one(offsets: "[0,4]"), "a.data_offsets: expected 8 bytes for F32 [2], found 4"),
    HostileCase(
      "more bytes than the shape", one(shape: "[1]"), "a.data_offsets: expected 4 bytes for F32 [1], found 8"),
    HostileCase("overlap", two("[0,2]", "[1,3]", data: 3), "b.data_offsets: expected to begin at 2, found 1 (overlap)"),
    HostileCase(
      "the same bytes twice", two("[0,2]", "[0,2]", data: 2),
      "b.data_offsets: expected to begin at 2, found 0 (overlap)"),
    HostileCase("hole", two("[0,2]", "[3,5]", data: 5), "b.data_offsets: expected to begin at 2, found 3 (hole)"),
    HostileCase(
      "hole at the start", two("[1,3]", "[3,5]", data: 5), "a.data_offsets: expected to begin at 0, found 1 (hole)"),
    HostileCase("bytes left over", two("[0,2]", "[2,4]", data: 9), "data: expected 4 bytes, found 9"),
    HostileCase(
      "cut off", two("[0,2]", "[2,4]", data: 3), "b.data_offsets: expected a range within 3 bytes, found 2 to 4"),
    HostileCase(
      "name with a line break", file("{\"a\\nb\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}}"),
      "a\\nb: impossible shape [-1]"),
  ]
}
