import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct SafetensorsWriterTests {
  @Test func whatWasWrittenReadsBack() throws {
    let folder = try TemporaryFolder()
    let entries = [
      SafetensorsWriter.Entry(name: "a \"quoted\"\n\u{1}é", elementType: .f32, shape: [2, 3]),
      SafetensorsWriter.Entry(name: "empty", elementType: .i64, shape: [0, 4]),
      SafetensorsWriter.Entry(name: "number", elementType: .bf16, shape: []),
    ]
    let writer = try SafetensorsWriter(
      path: folder.path("x.safetensors"), entries: entries, metadata: ["key": "va\\lue"])
    let numbers: [Float] = [1, 2, 3, 4, 5, -6.5]
    try numbers[..<2].withUnsafeBytes { try writer.append($0) }
    try numbers[2...].withUnsafeBytes { try writer.append($0) }
    try [UInt16(0x3f80)].withUnsafeBytes { try writer.append($0) }
    #expect(!FileManager.default.fileExists(atPath: folder.path("x.safetensors")))
    try writer.finish()

    let store = try TensorStore(safetensors: folder.path("x.safetensors"))
    #expect(store.metadata == ["key": "va\\lue"])
    #expect(try store.tensor(entries[0].name, shape: [2, 3]).floats() == numbers)
    #expect(try store.tensor("empty", shape: [0, 4]).integers() == [])
    #expect(try store.tensor("number", shape: []).floats() == [1])
  }

  @Test func anUnfinishedFileLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      let entry = SafetensorsWriter.Entry(name: "a", elementType: .f32, shape: [2])
      let writer = try SafetensorsWriter(path: folder.path("x.safetensors"), entries: [entry])
      try [Float(1)].withUnsafeBytes { try writer.append($0) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aMissingDirectoryIsNamed() throws {
    let path = "/nonexistent/x.safetensors"
    #expect(throws: UniMoEError(.system, path, "cannot be created: No such file or directory")) {
      try SafetensorsWriter(path: path, entries: [])
    }
  }
}
