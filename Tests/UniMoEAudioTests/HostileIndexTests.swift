import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct HostileIndexTests {
  private static let shard = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"

  @Test(arguments: files) func aBrokenIndexIsNamedAndExplained(_ file: HostileCase) throws {
    let message = try file.message(fileName: "model.safetensors.index.json") { _, folder in
      let bytes = little(UInt64(Self.shard.utf8.count)) + Array(Self.shard.utf8) + [0]
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/shard"))
      _ = try TensorStore(indexedIn: folder)
    }
    #expect(message == file.expected)
  }

  private static func index(_ shard: String, tensor: String = "a") -> String {
    "{\"metadata\":{},\"weight_map\":{\"\(tensor)\":\(shard)}}"
  }

  static let files: [HostileCase] = [
    HostileCase("empty", [], "empty where JSON should be"),
    HostileCase("not JSON", text: "weights", "not valid JSON at line 1, column 1"),
    HostileCase("binary", [0xff, 0xd8, 0, 1], "not JSON in UTF-8"),
    HostileCase("an array", text: "[]", "expected an object, found an array"),
    HostileCase("no weight map", text: "{}", "weight_map: missing"),
    HostileCase(
      "weight map is an array", text: "{\"weight_map\":[]}", "weight_map: expected an object, found an array"),
    HostileCase("shard is a number", text: index("1"), "weight_map.a: expected a string, found a number"),
    HostileCase("shard is null", text: index("null"), "weight_map.a: expected a string, found null"),
    HostileCase(
      "parent directory", text: index("\"../shard\""),
      "weight_map.a: expected a file name in the same directory, found \"../shard\""),
    HostileCase(
      "absolute path", text: index("\"/etc/passwd\""),
      "weight_map.a: expected a file name in the same directory, found \"/etc/passwd\""),
    HostileCase(
      "subdirectory", text: index("\"sub/shard\""),
      "weight_map.a: expected a file name in the same directory, found \"sub/shard\""),
    HostileCase(
      "empty name", text: index("\"\""), "weight_map.a: expected a file name in the same directory, found \"\""),
    HostileCase(
      "the directory itself", text: index("\".\""),
      "weight_map.a: expected a file name in the same directory, found \".\""),
    HostileCase(
      "the parent itself", text: index("\"..\""),
      "weight_map.a: expected a file name in the same directory, found \"..\""),
    HostileCase(
      "name with a zero byte", text: index("\"shard\\u0000x\""),
      "weight_map.a: expected a file name in the same directory, found \"shard\\0x\""),
    HostileCase("tensor not in its shard", text: index("\"shard\"", tensor: "b"), "weight_map.b: not in shard"),
    HostileCase("tensor twice", text: "{\"weight_map\":{\"a\":\"shard\",\"a\":\"shard\"}}", "key \"a\" is there twice"),
    HostileCase(
      "larger than the limit", [UInt8](repeating: 0x20, count: (16 << 20) + 1),
      "expected at most 16777216 bytes of JSON, found 16777217"),
  ]

  @Test func aMissingShardIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.index("\"shard\"").utf8, as: "model.safetensors.index.json")
    #expect(throws: UniMoEError(.model, folder.path("shard"), "cannot be opened: No such file or directory")) {
      try TensorStore(indexedIn: folder.path)
    }
  }

  @Test func aDirectoryWithoutWeightsIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.safetensors")
    #expect(throws: UniMoEError(.model, path, "cannot be opened: No such file or directory")) {
      try TensorStore(indexedIn: folder.path)
    }
  }

  @Test func whatIsNoRegularFileIsRefusedAndNotWaitedFor() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("model.safetensors"), 0o600) == 0)
    let expected = UniMoEError(
      .model, folder.path("model.safetensors"), "expected a regular file, found something else")
    #expect(throws: expected) { try TensorStore(indexedIn: folder.path) }
    #expect(throws: UniMoEError(.model, folder.path, "expected a regular file, found something else")) {
      try TensorStore(safetensors: folder.path)
    }
  }
}
