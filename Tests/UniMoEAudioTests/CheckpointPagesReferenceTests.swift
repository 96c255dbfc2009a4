import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct CheckpointPagesReferenceTests {
  /// Bytes of each tensor that generation does not use; far more than the system reads ahead of a touched page.
  private static let unusedBytes = 24 << 20
  private static let unused = ["lm_head.weight", "visual.patch_embed.proj.weight"]

  /// A file like the reference model's, with large unused tensors between the others.
  private func writeModel(to folder: TemporaryFolder) throws {
    let source = try TensorStore(indexedIn: ReferenceFixtures.model)
    let names = source.names.filter { !$0.hasPrefix("lm_head.") && !$0.hasPrefix("visual.") } + Self.unused
    let entries = names.sorted().map { name in
      source[name].flatMap { Self.unused.contains(name) ? nil : $0 }
        .map { SafetensorsWriter.Entry(name: name, elementType: $0.elementType, shape: $0.shape) }
        ?? SafetensorsWriter.Entry(name: name, elementType: .u8, shape: [Self.unusedBytes])
    }
    let writer = try SafetensorsWriter(path: folder.path("model.safetensors"), entries: entries)
    for entry in entries {
      if Self.unused.contains(entry.name) {
        try [UInt8](repeating: 1, count: Self.unusedBytes).withUnsafeBytes { try writer.append($0) }
      } else if let tensor = source[entry.name] {
        try tensor.bytes.withBytes { bytes throws(UniMoEError) in try writer.append(bytes) }
      }
    }
    try writer.finish()
    for name in try FileManager.default.contentsOfDirectory(atPath: ReferenceFixtures.model)
    where !name.contains("safetensors") {
      try FileManager.default.copyItem(atPath: "\(ReferenceFixtures.model)/\(name)", toPath: folder.path(name))
    }
    try FileManager.default.copyItem(atPath: ReferenceFixtures.codec, toPath: folder.path("codec"))
  }

  /// Bytes of a file's mappings that this process has touched.
  private func residentBytes(of path: String) throws -> Int {
    let maps = String(decoding: try contents(ofKernelFile: "/proc/self/smaps"), as: UTF8.self)
    var (isFile, kilobytes) = (false, 0)
    for line in maps.split(separator: "\n") {
      if line.hasSuffix(path) {
        isFile = true
      } else if line.hasPrefix("Rss:") && isFile {
        kilobytes += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        isFile = false
      }
    }
    return kilobytes << 10
  }

  /// The bytes of a file that has no size before it is read.
  private func contents(ofKernelFile path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  @Test func generationTouchesNoPageOfUnusedTensors() throws {
    let folder = try TemporaryFolder()
    try writeModel(to: folder)
    let engine = try Engine(modelDirectory: folder.path)
    let request = Request(.music(caption: "slow sad piano"), minimumSeconds: 0.2, maximumSeconds: 0.2)
    #expect(try engine.generate([request])[0].samples.isEmpty == false)
    let file = folder.path("model.safetensors")
    let resident = try residentBytes(of: file)
    #expect(resident > 0)
    #expect(resident < Self.unusedBytes / 2)

    // The same measure sees a page that is touched.
    let store = try TensorStore(safetensors: file)
    let bytes = try #require(store[Self.unused[0]]).bytes
    let ones = bytes.withBytes { bytes in stride(from: 0, to: bytes.count, by: 4096).reduce(0) { $0 + Int(bytes[$1]) } }
    #expect(ones == bytes.count / 4096)
    #expect(try residentBytes(of: file) >= resident + Self.unusedBytes / 2)
    withExtendedLifetime((engine, store)) {}
  }
}
