import Foundation
import Testing

@testable import UniMoEAudio

/// The codec against the reference implementation's outputs.
@Suite struct CodecReferenceTests {
  private let codec: Codec

  init() throws { codec = try CodecFixture.open() }

  @Test(arguments: [("codes", "audio"), ("random_codes", "random_audio")])
  func decodesToTheReferenceAudio(codes: String, audio: String) throws {
    let fixture = try ReferenceFixtures.arrays("dac_main")
    let decoded = try codec.decode(try CodecFixture.codes(fixture, codes))
    let expected = try fixture.floats(audio)
    #expect(largestDifference(decoded, expected) < 1e-4)
    #expect(CodecFixture.ratio(decoded, of: expected) > 80)
  }

  @Test func everyDecoderModuleMatches() throws {
    let fixture = try ReferenceFixtures.arrays("dac_debug")
    let recorder = TapRecorder()
    let decoder = codec.makeStreamingDecoder()
    decoder.tap = recorder.record
    let samples = try decoder.push(try CodecFixture.codes(fixture, "codes")) + decoder.finish()
    #expect(largestDifference(samples, try fixture.floats("audio")) < 1e-4)
    let modules = fixture.store.names.filter { $0.hasPrefix("decoder.") }
    #expect(!modules.isEmpty)
    for module in modules {
      let output = try #require(recorder.output(module), "\(module) put nothing out")
      #expect(largestDifference(output, try fixture.floats(module)) < 1e-3, "\(module)")
    }
    let latents = try #require(recorder.output("quantizer"))
    #expect(largestDifference(latents, try fixture.floats("z_from_codes")) < 1e-3)
    #expect(largestDifference(latents, try fixture.floats("z_quantised_encode")) < 1e-3)
  }

  @Test func everyEncoderModuleMatches() throws {
    let fixture = try ReferenceFixtures.arrays("dac_debug")
    let recorder = TapRecorder()
    let encoder = StreamingEncoder(codec)
    encoder.tap = recorder.record
    try fixture.floats("signal").withUnsafeBufferPointer { try encoder.push($0, cancellation: Cancellation()) }
    let codes = try encoder.finish(cancellation: Cancellation())
    let modules = fixture.store.names.filter { $0.hasPrefix("encoder.") }
    #expect(!modules.isEmpty)
    for module in modules {
      let output = try #require(recorder.output(module), "\(module) put nothing out")
      #expect(largestDifference(output, try fixture.floats(module)) < 1e-3, "\(module)")
    }
    let encoded = try #require(recorder.output("encoder"))
    #expect(largestDifference(encoded, try fixture.floats("z_encoder")) < 1e-3)
    let latents = try #require(recorder.output("quantizer.latents"))
    #expect(largestDifference(latents, try fixture.floats("latents")) < 1e-3)
    let first = try fixture.floats("vq0.in_proj")
    #expect(largestDifference(Array(latents.prefix(first.count)), first) < 1e-3)
    let signal = try fixture.floats("signal")
    let padding = [Float](repeating: 0, count: codes.frameCount * codec.hopLength - signal.count)
    #expect(signal + padding == (try fixture.floats("padded")))
    expectSame(codes, try CodecFixture.codes(fixture, "codes"), projections: recorder.outputs["quantizer.latents"])
  }

  @Test func codebookVectorsAndTheirProjectionMatch() throws {
    let fixture = try ReferenceFixtures.arrays("dac_debug")
    let codes = try CodecFixture.codes(fixture, "codes")
    let quantizer = codec.quantizer
    var vectors: [Float] = []  // [codeFrames, codebooks * dimension]
    for frame in 0..<codes.frameCount {
      for (index, codebook) in quantizer.codebooks.enumerated() {
        let start = Int(codes[frame, index]) * quantizer.dimension
        vectors += codebook.entries[start..<start + quantizer.dimension]
      }
    }
    let columns = quantizer.codebooks.count * quantizer.dimension
    let byRow = CodecFixture.transposed(vectors, rows: codes.frameCount, columns: columns)
    #expect(largestDifference(byRow, try fixture.floats("z_p_from_codes")) < 1e-3)

    let first = CodecFixture.transposed(
      Array(byRow.prefix(quantizer.dimension * codes.frameCount)), rows: quantizer.dimension, columns: codes.frameCount)
    var projected = [Float](repeating: 0, count: codes.frameCount * quantizer.latentWidth)
    quantizer.codebooks[0].outward.apply(
      first, steps: codes.frameCount, into: &projected, cancellation: Cancellation())
    let latents = CodecFixture.transposed(projected, rows: codes.frameCount, columns: quantizer.latentWidth)
    #expect(largestDifference(latents, try fixture.floats("vq0.out_proj")) < 1e-3)
  }

  @Test(arguments: [("codes", ["z_from_codes", "z_quantised_encode"]), ("random_codes", ["random_z"])])
  func codesGiveTheReferenceLatents(codes: String, latents: [String]) throws {
    let fixture = try ReferenceFixtures.arrays("dac_main")
    let recorder = TapRecorder()
    let decoder = codec.makeStreamingDecoder()
    decoder.tap = recorder.record
    _ = try decoder.push(try CodecFixture.codes(fixture, codes))
    let ours = try #require(recorder.output("quantizer"))
    for name in latents { #expect(largestDifference(ours, try fixture.floats(name)) < 1e-3, "\(name)") }
  }

  @Test func encodesToTheReferenceCodes() throws {
    let fixture = try ReferenceFixtures.arrays("dac_main")
    let (codes, projections) = try encode(try fixture.floats("signal"))
    #expect(try codec.encode(try fixture.floats("signal")) == codes)
    let rows = try #require(projections)
    let byRow = CodecFixture.transposed(rows.rows, rows: codes.frameCount, columns: rows.width)
    #expect(largestDifference(byRow, try fixture.floats("latents")) < 1e-3)
    expectSame(codes, try CodecFixture.codes(fixture, "codes"), projections: projections)
  }

  @Test func encodesTheResampledPromptToTheReferenceCodes() throws {
    let fixture = try ReferenceFixtures.arrays("dac_prompt")
    let (codes, projections) = try encode(try fixture.floats("resampled"))
    let expected = Codes(codebooks: try fixture.shape("codes")[1], values: try fixture.integers("codes"))
    expectSame(codes, expected, projections: projections)
  }

  @Test func theTorchFileAloneGivesTheSameSamples() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("codec-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.copyItem(
      atPath: "\(ReferenceFixtures.codec)/weights.pth", toPath: "\(directory)/renamed.pth")
    let codes = CodecFixture.randomCodes(codec, frames: 20, seed: 8)
    #expect(try Codec(directory: directory).decode(codes) == codec.decode(codes))
  }

  /// Where a fixture holds no audio, the codes' length in samples is what there is to compare.
  @Test func decodesEveryGeneratedRequest() throws {
    var compared = 0
    for name in try scenarioNames() {
      let fixture = try ReferenceFixtures.arrays("generate_\(name)")
      for index in 0... {
        guard fixture.has("codebook.\(index)") else { break }
        let shape = try fixture.shape("codebook.\(index)")
        let codes = Codes(codebooks: shape[1], values: try fixture.integers("codebook.\(index)"))
        let decoded = try codec.decode(codes)
        compared += 1
        #expect(decoded.count == codec.decodedLength(codeFrames: shape[0]))
        guard fixture.has("audio.\(index)") else { continue }
        let expected = try fixture.floats("audio.\(index)")
        // The reference pads short results with silence.
        let padded = decoded + [Float](repeating: 0, count: max(0, expected.count - decoded.count))
        #expect(largestDifference(padded, expected) < 1e-4)
        #expect(CodecFixture.ratio(padded, of: expected) > 80)
      }
    }
    #expect(compared > 0)
  }

  @Test func decodedLengthIsThatOfTheReference() throws {
    let fixture = try ReferenceFixtures.arrays("dac_main")
    for (codes, audio) in [("codes", "audio"), ("random_codes", "random_audio")] {
      #expect(codec.decodedLength(codeFrames: try fixture.shape(codes)[1]) == (try fixture.shape(audio))[0])
    }
    #expect(codec.decodedLength(codeFrames: 0) == 0)
    #expect(try codec.decode(Codes(codebooks: codec.codebooks)).isEmpty)
  }

  @Test func foldedKernelsMatch() throws {
    let fixture = try ReferenceFixtures.arrays("dac_debug")
    let weights = CodecWeights(tensors: try TensorStore(safetensors: "\(ReferenceFixtures.codec)/model.safetensors"))
    let folded = fixture.store.names.filter { $0.hasPrefix("folded.") && $0.hasSuffix(".weight") }
    #expect(!folded.isEmpty)
    for name in folded {
      let kernel = try weights.kernel(
        String(name.dropFirst("folded.".count).dropLast(".weight".count)), shape: try fixture.shape(name))
      #expect(largestDifference(kernel, try fixture.floats(name)) < 1e-6, "\(name)")
    }
  }

  /// Codes, and the projected vectors that they were chosen for.
  private func encode(_ signal: [Float]) throws -> (Codes, projections: (rows: [Float], width: Int)?) {
    let recorder = TapRecorder()
    let encoder = StreamingEncoder(codec)
    encoder.tap = recorder.record
    try signal.withUnsafeBufferPointer { try encoder.push($0, cancellation: Cancellation()) }
    return (try encoder.finish(cancellation: Cancellation()), recorder.outputs["quantizer.latents"])
  }

  /// Expects equal codes, except from a codebook on whose two best entries differ by less than 1e-4: what follows it in
  /// its code frame describes another residual.
  private func expectSame(_ codes: Codes, _ expected: Codes, projections: (rows: [Float], width: Int)?) {
    #expect(codes.frameCount == expected.frameCount && codes.codebooks == expected.codebooks)
    guard codes != expected, codes.values.count == expected.values.count, let projections else { return }
    for frame in 0..<codes.frameCount {
      guard let codebook = (0..<codes.codebooks).first(where: { codes[frame, $0] != expected[frame, $0] }) else {
        continue
      }
      let first = frame * projections.width + codebook * codec.quantizer.dimension
      let wanted = unit(projections.rows[first..<first + codec.quantizer.dimension])
      let distances = [codes[frame, codebook], expected[frame, codebook]].map { code in
        let start = Int(code) * codec.quantizer.dimension
        let entry = unit(codec.quantizer.codebooks[codebook].entries[start..<start + codec.quantizer.dimension])
        return zip(wanted, entry).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      #expect(abs(distances[0] - distances[1]) < 1e-4, "code frame \(frame), codebook \(codebook)")
    }
  }

  private func unit(_ vector: ArraySlice<Float>) -> [Double] {
    let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return vector.map { Double($0) / max(norm, 1e-12) }
  }

  private func scenarioNames() throws -> [String] {
    let scenarios = try ReferenceFixtures.jsonObject("generate.json")["scenarios"]
    if let table = scenarios as? [String: Any] { return table.keys.sorted() }
    return (scenarios as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
  }
}
