import Foundation
import Testing

@testable import UniMoEAudio

/// The reference checkpoint in other layouts: one file, other prefix, tensors missing or changed.
@Suite struct CheckpointLayoutReferenceTests {
  /// Writes the reference model as one file, each tensor under the name that `rename` gives or left out.
  private func rewritten(
    changing change: (Tensor) -> SafetensorsWriter.Entry? = { _ in nil }, rename: (String) -> String?
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = try TensorStore(indexedIn: ReferenceFixtures.model)
    var entries: [(entry: SafetensorsWriter.Entry, bytes: SharedBytes)] = []
    for name in source.names.sorted() {
      guard let tensor = source[name], let newName = rename(name) else { continue }
      let entry =
        change(tensor)
        ?? SafetensorsWriter.Entry(name: newName, elementType: tensor.elementType, shape: tensor.shape)
      entries.append((entry, tensor.bytes))
    }
    let writer = try SafetensorsWriter(path: folder.path("model.safetensors"), entries: entries.map(\.entry))
    for (_, bytes) in entries { try bytes.withBytes { bytes throws(UniMoEError) in try writer.append(bytes) } }
    try writer.finish()
    try FileManager.default.copyItem(
      atPath: "\(ReferenceFixtures.model)/config.json", toPath: folder.path("config.json"))
    return folder
  }

  @Test func bothPrefixesGiveTheSameTensorsAndUnusedOnesMayBeAbsent() throws {
    let original = try Checkpoint(directory: ReferenceFixtures.model)
    for prefix in ["model.", "language_model."] {
      let folder = try rewritten { name in
        if name.hasPrefix("lm_head") || name.hasPrefix("visual.") { return nil }
        for known in ["model.", "language_model."] where name.hasPrefix(known) {
          return prefix + name.dropFirst(known.count)
        }
        return name
      }
      let copy = try Checkpoint(directory: folder.path)
      for name in original.configuration.tensors.map(\.name) {
        let (a, b) = (try #require(original.tensors[name]), try #require(copy.tensors[name]))
        #expect(a.shape == b.shape && a.bytes.isEqual(to: b.bytes), "\(name)")
      }
    }
  }

  @Test func aMissingTensorIsNamed() throws {
    let configuration = try ModelConfiguration(directory: ReferenceFixtures.model)
    let folder = try rewritten { $0.hasSuffix("layers.0.mlp.gate.weight") ? nil : $0 }
    let experts = configuration.routedExperts + configuration.nullExperts + configuration.sharedExperts
    let expected = UniMoEError(
      .model, folder.path, field: "model.layers.0.mlp.gate.weight",
      "missing; expected shape [\(experts), \(configuration.hiddenSize)]")
    let error = #expect(throws: UniMoEError.self) { try Checkpoint(directory: folder.path) }
    #expect(error?.field == expected.field && error?.problem == expected.problem)
  }

  @Test func aTensorOfAnotherShapeIsNamed() throws {
    let configuration = try ModelConfiguration(directory: ReferenceFixtures.model)
    let folder = try rewritten(changing: { tensor in
      guard tensor.name.hasSuffix("norm.weight"), tensor.name.contains("layers.0.input") else { return nil }
      return SafetensorsWriter.Entry(name: tensor.name, elementType: tensor.elementType, shape: [tensor.count, 1])
    }) { $0 }
    let error = #expect(throws: UniMoEError.self) { try Checkpoint(directory: folder.path) }
    let hidden = configuration.hiddenSize
    #expect(error?.subject == folder.path("model.safetensors"))
    #expect(error?.problem == "expected shape [\(hidden)], found [\(hidden), 1]")
  }

  @Test func aTensorOfIntegersIsRefusedAsWeights() throws {
    let folder = try rewritten(changing: { tensor in
      guard tensor.name.hasSuffix("model.norm.weight") else { return nil }
      let integers: ElementType = tensor.elementType.size == 2 ? .i16 : .i32
      return SafetensorsWriter.Entry(name: tensor.name, elementType: integers, shape: tensor.shape)
    }) { $0 }
    let error = #expect(throws: UniMoEError.self) { try Checkpoint(directory: folder.path) }
    #expect(error?.problem.hasPrefix("expected F32, F16 or BF16 numbers, found I") == true)
  }

  @Test func aTensorUnderBothPrefixesIsRefused() throws {
    let names = try TensorStore(indexedIn: ReferenceFixtures.model).names
    let second = names.contains("model.norm.weight") ? "language_model.norm.weight" : "model.norm.weight"
    let folder = try rewritten { $0.hasSuffix("layers.0.input_layernorm.weight") ? second : $0 }
    let error = #expect(throws: UniMoEError.self) { try Checkpoint(directory: folder.path) }
    #expect(error?.problem == "stored twice, also as model.norm.weight")
  }
}
