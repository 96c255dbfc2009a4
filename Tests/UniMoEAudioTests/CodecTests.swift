import Foundation
import Testing

@testable import UniMoEAudio

/// The codec with other sizes than the published ones, against sums written down directly.
@Suite struct CodecTests {
  /// Sizes that no code may take for granted: odd and even strides, a stride of 1, widths that do not halve evenly.
  struct Sizes: CustomTestStringConvertible, Sendable {
    var encoderRates: [Int]
    var decoderRates: [Int]
    var encoderWidth = 3
    var latentWidth = 21
    var decoderWidth = 22
    var codebooks = 3
    var codebookSize = 17
    var codebookDimension = 5
    var analysis = ""
    var testDescription: String { "\(encoderRates) \(decoderRates)" }
  }

  static let sizes = [
    Sizes(encoderRates: [3, 2], decoderRates: [2, 3]),
    Sizes(encoderRates: [5], decoderRates: [5], codebooks: 1, codebookDimension: 1),
    Sizes(encoderRates: [2, 4, 7], decoderRates: [7, 8, 1]),
    Sizes(encoderRates: [1, 6], decoderRates: [3, 2, 1], encoderWidth: 17, decoderWidth: 40),
    Sizes(
      encoderRates: [2, 12], decoderRates: [12, 2], latentWidth: 17,
      analysis: """
        {"window": 64, "transform": 96, "per_frame": 1, "bands": 5, "bins": 49},
        {"window": 16, "transform": 16, "per_frame": 4, "bands": 3, "bins": 7}
        """),
  ]

  @Test(arguments: sizes) func decodesAsWrittenDown(sizes: Sizes) throws {
    let (codec, plain) = try make(sizes)
    for frames in 1...6 {
      let codes = CodecFixture.randomCodes(codec, frames: frames, seed: UInt64(frames))
      let expected = plain.decode(codes)
      let decoded = try codec.decode(codes)
      #expect(codec.decodedLength(codeFrames: frames) == expected.count)
      #expect(largestDifference(decoded, expected) < 2e-5)
      let decoder = codec.makeStreamingDecoder()
      var pieces: [Float] = []
      for frame in 0..<frames { pieces += try decoder.push(codes.slice(frame..<frame + 1)) }
      pieces += try decoder.finish()
      #expect(pieces == decoded)
    }
  }

  @Test(arguments: sizes) func encodesAsWrittenDown(sizes: Sizes) throws {
    let (codec, plain) = try make(sizes)
    var generator = SplitMix(state: 9)
    for length in [1, codec.hopLength, 3 * codec.hopLength + 1, 10 * codec.hopLength - 1] {
      let signal = (0..<length).map { _ in Float.random(in: -1...1, using: &generator) }
      let codes = try codec.encode(signal)
      #expect(codes == plain.encode(signal))
      if !sizes.encoderRates.contains(1) {
        #expect(codes.frameCount == (length + codec.hopLength - 1) / codec.hopLength)
      }
    }
  }

  /// A decoder whose later taps are zero gives each sample as soon as what it depends on is there.
  @Test func aDecoderWaitsNoLongerThanItsTapsReach() throws {
    let sizes = Sizes(encoderRates: [2, 6, 10], decoderRates: [10, 6, 2], latentWidth: 24, decoderWidth: 24)
    var random = RandomCodec(sizes, seed: 3)
    for (name, tensor) in random.tensors where name.hasPrefix("decoder.") && name.hasSuffix("weight_v") {
      if tensor.shape.last != 7 { continue }
      let ahead = name.hasPrefix("decoder.model.0.") ? 2 : 0
      for index in tensor.values.indices where index % 7 > 3 + ahead { random.tensors[name]?.values[index] = 0 }
    }
    let codec = try random.codec()
    let codes = CodecFixture.randomCodes(codec, frames: 8, seed: 4)
    let decoded = try codec.decode(codes)
    #expect(largestDifference(decoded, PlainCodec(random).decode(codes)) < 2e-5)
    let decoder = codec.makeStreamingDecoder()
    var samples: [Float] = []
    for frame in 0..<8 {
      samples += try decoder.push(codes.slice(frame..<frame + 1))
      // Two frames ahead; of a frame's own samples upsampling keeps back at most half, and half of each finer row.
      let whole = frame - 2
      #expect(samples.count <= max(0, (whole + 1) * 120) && samples.count >= max(0, whole * 120 + 48))
    }
    #expect(samples + (try decoder.finish()) == decoded)
  }

  @Test func plainAndParametrizedNamesGiveTheSameSamples() throws {
    let sizes = Self.sizes[0]
    let random = RandomCodec(sizes, seed: 2)
    let expected = try random.codec()
    let codes = CodecFixture.randomCodes(expected, frames: 5, seed: 1)
    var renamed = random
    renamed.tensors = Dictionary(
      uniqueKeysWithValues: random.tensors.map { name, tensor in
        var name = name
        if name.hasSuffix(".weight_g") { name = name.dropLast(8) + "parametrizations.weight.original0" }
        if name.hasSuffix(".weight_v") { name = name.dropLast(8) + "parametrizations.weight.original1" }
        return (name, tensor)
      })
    #expect(try renamed.codec().decode(codes) == expected.decode(codes))

    let weights = CodecWeights(tensors: random.store)
    var folded = random
    for (name, tensor) in random.tensors where name.hasSuffix(".weight_v") {
      let module = String(name.dropLast(".weight_v".count))
      folded.tensors["\(module).weight"] = (tensor.shape, try weights.kernel(module, shape: tensor.shape))
      folded.tensors[name] = nil
      folded.tensors["\(module).weight_g"] = nil
    }
    #expect(try folded.codec().decode(codes) == expected.decode(codes))
  }

  @Test func aZeroRowWithZeroGainStaysZero() throws {
    var random = RandomCodec(Self.sizes[0], seed: 3)
    let shape = try #require(random.tensors["decoder.model.0.weight_v"]).shape
    random.tensors["decoder.model.0.weight_v"]?.values.replaceSubrange(
      0..<shape[1] * shape[2], with: repeatElement(0, count: shape[1] * shape[2]))
    random.tensors["decoder.model.0.weight_g"]?.values[0] = 0
    let kernel = try CodecWeights(tensors: random.store).kernel("decoder.model.0", shape: shape)
    #expect(kernel.prefix(shape[1] * shape[2]).elementsEqual(repeatElement(Float(0), count: shape[1] * shape[2])))
    #expect(kernel.firstIndex { !$0.isFinite } == nil)
  }

  @Test func aTensorOfAnotherShapeIsNamed() throws {
    for name in ["decoder.model.1.block.1.weight_v", "encoder.block.0.bias", "quantizer.quantizers.2.codebook.weight"] {
      var random = RandomCodec(Self.sizes[0], seed: 4)
      let right = try #require(random.tensors[name]).shape
      random.tensors[name]?.shape[0] += 1
      random.tensors[name]?.values += [Float](repeating: 0, count: right.dropFirst().reduce(1, *))
      let error = #expect(throws: UniMoEError.self) { try random.codec() }
      let text = error?.description ?? ""
      #expect(text.contains(name) && text.contains(describe(shape: right)), "\(text)")
      random.tensors[name] = nil
      let missing = #expect(throws: UniMoEError.self) { try random.codec() }
      #expect(missing?.field == name, "\(String(describing: missing))")
    }
  }

  @Test func codesAndSamplesThatAreNoneAreRefused() throws {
    let codec = try RandomCodec(Self.sizes[0], seed: 5).codec()
    for code: Int32 in [-1, 17, .max, .min] {
      let error = #expect(throws: UniMoEError.self) { try codec.decode(Codes(codebooks: 3, values: [0, 16, code])) }
      #expect(error?.description == "codes: code frame 0, codebook 2: expected a code from 0 to 16, found \(code)")
    }
    #expect(throws: UniMoEError(.request, "codes", expected: "3 codebooks", found: "2")) {
      try codec.decode(Codes(codebooks: 2, values: [0, 0]))
    }
    for sample in [Float.nan, .infinity] {
      let error = #expect(throws: UniMoEError.self) { try codec.encode([0, sample]) }
      #expect(error?.kind == .audio)
    }
    #expect(try codec.encode([]).frameCount == 0)
  }

  @Test func aRaisedFlagStopsLongWork() throws {
    let codec = try RandomCodec(Sizes(encoderRates: [8, 8], decoderRates: [8, 8], decoderWidth: 128), seed: 6).codec()
    let codes = CodecFixture.randomCodes(codec, frames: 20_000, seed: 1)
    let cancellation = Cancellation()
    let raise = Thread {
      Thread.sleep(forTimeInterval: 0.02)
      cancellation.cancel()
    }
    raise.start()
    #expect(throws: UniMoEError.cancelled) { try codec.decode(codes, cancellation: cancellation) }
  }

  /// A codec of random weights and the same written down directly.
  private func make(_ sizes: Sizes) throws -> (Codec, PlainCodec) {
    let random = RandomCodec(sizes, seed: 1)
    return (try random.codec(), PlainCodec(random))
  }
}
