import Foundation
import Testing

@testable import UniMoEAudio

/// The reference checkpoint with weights that no training would leave: the engine says so or makes finite samples.
@Suite struct HostileWeightsReferenceTests {
  /// A checkpoint directory with a number put all over some of its tensors, the decoder's and the codec's.
  private func model(_ value: Float, isBroken: (String) -> Bool) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("codec"), withIntermediateDirectories: false)
    for name in try FileManager.default.contentsOfDirectory(atPath: ReferenceFixtures.model)
    where !name.contains("safetensors") {
      try FileManager.default.copyItem(atPath: "\(ReferenceFixtures.model)/\(name)", toPath: folder.path(name))
    }
    try FileManager.default.copyItem(
      atPath: "\(ReferenceFixtures.codec)/config.json", toPath: folder.path("codec/config.json"))
    let stores = [
      ("model.safetensors", try TensorStore(indexedIn: ReferenceFixtures.model)),
      ("codec/model.safetensors", try TensorStore(indexedIn: ReferenceFixtures.codec)),
    ]
    for (file, store) in stores {
      let tensors = store.names.sorted().compactMap { store[$0] }
      let writer = try SafetensorsWriter(
        path: folder.path(file),
        entries: tensors.map { .init(name: $0.name, elementType: .f32, shape: $0.shape) })
      for tensor in tensors {
        let numbers =
          isBroken(tensor.name) ? [Float](repeating: value, count: tensor.count) : try tensor.floats()
        try numbers.withUnsafeBytes { try writer.append($0) }
      }
      try writer.finish()
    }
    return folder
  }

  /// Which tensors are broken, by a part of their names.
  static let parts = [
    "embed_tokens", "input_layernorm", "q_proj", "mlp.gate.weight", "deepspeed_experts.0.", "codec_head",
    "decoder.model.0.", "alpha", "codebook.weight", "encoder.block.0.",
  ]

  @Test(arguments: parts, [Float.nan, .infinity, .greatestFiniteMagnitude])
  func brokenWeightsGiveAnErrorOrFiniteSamples(part: String, value: Float) throws {
    let folder = try model(value) { $0.contains(part) }
    let engine = try Engine(modelDirectory: folder.path)
    let signal = (0..<2 * engine.codec.hopLength).map { Float($0 % 7) / 7 }
    let voice = Voice(name: "test", codes: try engine.codec.encode(signal), transcript: "Hello.")
    for content in [Request.Content.music(caption: "piano"), .speech(text: "Hello.", voice: voice)] {
      for isRandom in [false, true] {
        let request = Request(
          content, sampling: Sampling(guidanceScale: 1, isRandom: isRandom, topP: 0.9), minimumSeconds: 0,
          maximumSeconds: 0.1)
        do throws(UniMoEError) {
          let result = try engine.generate([request])[0]
          #expect(result.samples.allSatisfy { abs($0) <= 1 })
        } catch {
          #expect(error.kind == .model && error.problem == "expected finite numbers, found others: broken weights")
        }
      }
    }
  }

  @Test func logitsThatAreNoNumbersAreAnError() throws {
    let folder = try model(.nan) { $0.contains("codec_head") }
    let error = #expect(throws: UniMoEError.self) {
      try Engine(modelDirectory: folder.path).generate([Request(.music(caption: "piano"))])
    }
    #expect(error?.description == "\(folder.path): code logits: expected finite numbers, found others: broken weights")
  }

  @Test func samplesThatAreNoNumbersAreAnError() throws {
    let folder = try model(.infinity) { $0.contains("decoder.model.0.") }
    let codec = try Codec(directory: folder.path("codec"))
    let error = #expect(throws: UniMoEError.self) {
      try codec.decode(CodecFixture.randomCodes(codec, frames: 2, seed: 1))
    }
    #expect(error?.description == "codec: samples: expected finite numbers, found others: broken weights")
  }
}
