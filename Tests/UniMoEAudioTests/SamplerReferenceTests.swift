import Testing

@testable import UniMoEAudio

/// Final probabilities against `sampler.safetensors`.
@Suite struct SamplerReferenceTests {
  struct Case: Decodable {
    let index: Int
    let temperature: Float
    let top_k: Int?
    let top_p: Float
    let eos_value: Int?
  }
  struct Parameters: Decodable { let cases: [Case] }

  @Test func probabilitiesAreTheReferences() throws {
    let arrays = try ReferenceFixtures.arrays("sampler")
    for item in try ReferenceFixtures.json(Parameters.self, "sampler.json").cases {
      let shape = try arrays.shape("\(item.index).logits")
      let logits = try arrays.floats("\(item.index).logits")
      let sampling = Sampling(
        guidanceScale: 1, temperature: item.temperature, topK: item.top_k, topP: item.top_p)
      var sampler = Sampler(sampling, eos: item.eos_value)
      for row in 0..<shape[0] {
        let values = Array(logits[row * shape[1]..<(row + 1) * shape[1]])
        if arrays.has("\(item.index).argmax") {
          let drawn = values.withUnsafeBufferPointer { sampler.draw($0, uniform: 0.5) }
          #expect(Int32(drawn) == (try arrays.integers("\(item.index).argmax"))[row])
        } else {
          values.withUnsafeBufferPointer { sampler.filter($0) }
          try expectDistribution(sampler, arrays, item.index, row)
        }
      }
    }
  }

  private func expectDistribution(_ sampler: Sampler, _ arrays: FixtureArrays, _ index: Int, _ row: Int) throws {
    let width = try arrays.shape("\(index).top_indices")[1]
    let indices = Array(try arrays.integers("\(index).top_indices")[row * width..<(row + 1) * width])
    let probabilities = Array(try arrays.floats("\(index).top_probs")[row * width..<(row + 1) * width])
    let expected = Dictionary(
      uniqueKeysWithValues: zip(indices, probabilities).filter { $0.0 >= 0 && $0.1 > 0 }.map { (Int($0.0), $0.1) })
    #expect(Set(sampler.codes) == Set(expected.keys), "case \(index), row \(row)")
    for (code, probability) in zip(sampler.codes, sampler.probabilities) {
      #expect(abs(Float(probability) - (expected[code] ?? -1)) <= 1e-6, "case \(index), row \(row), code \(code)")
    }
  }
}

@Suite struct SamplerTests {
  @Test func drawTakesTheFirstCodeWhoseRunningSumExceedsTheUniform() {
    var sampler = Sampler(Sampling(guidanceScale: 0, topK: nil), eos: nil)
    let logits: [Float] = [0, -.infinity, 0, 0, 0]  // a quarter each
    let drawn = [0, 0.2499, 0.25, 0.5, 0.75, 0.9999].map { uniform in
      logits.withUnsafeBufferPointer { sampler.draw($0, uniform: uniform) }
    }
    #expect(drawn == [0, 0, 2, 3, 4, 4])
  }

  @Test func rowsWithoutANumberGiveACodeOfTheVocabulary() {
    for value in [Float.nan, -.infinity, .infinity] {
      var sampler = Sampler(Sampling(guidanceScale: 0, topP: 0.9), eos: 4)
      let drawn = [Float](repeating: value, count: 8).withUnsafeBufferPointer { sampler.draw($0, uniform: 0.5) }
      #expect((0..<8).contains(drawn))
    }
  }
}

@Suite struct CounterRandomTests {
  /// Known answers published with the generator (Random123, kat_vectors, philox4x32 10).
  @Test func blocksAreThePublishedKnownAnswers() {
    let zero = CounterRandom.block(counter: (0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = CounterRandom.block(counter: (.max, .max, .max, .max), key: (.max, .max))
    #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    let pi = CounterRandom.block(
      counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
    #expect(pi == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func uniformsLieInTheUnitIntervalAndDifferByFrameCodebookAndSeed() {
    var seen = Set<Double>()
    for seed: UInt64 in [0, 1, 1 << 40] {
      for frame in 0..<50 {
        for codebook in 0..<12 {
          let value = CounterRandom(seed: seed).uniform(codeFrame: frame, codebook: codebook)
          #expect(value >= 0 && value < 1)
          seen.insert(value)
        }
      }
    }
    #expect(seen.count == 3 * 50 * 12)
    #expect(abs(seen.reduce(0, +) / Double(seen.count) - 0.5) < 0.02)
  }
}
