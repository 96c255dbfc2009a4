import Testing

@testable import UniMoEAudio

@Suite struct DelayPatternReferenceTests {
  private struct File: Decodable {
    struct Case: Decodable { let index: Int }
    let delay_pattern: [Int]
    let bos: Int32
    let eos: Int32
    let pad: Int32
    let prefill_prompt_steps: [Int]
    let cases: [Case]
  }

  private let file: File
  private let arrays: FixtureArrays
  private let pattern: DelayPattern

  init() throws {
    file = try ReferenceFixtures.json(File.self, "delay.json")
    arrays = try ReferenceFixtures.arrays("delay")
    pattern = DelayPattern(delays: file.delay_pattern, bos: file.bos, eos: file.eos, pad: file.pad)
  }

  /// The codes of each request of a batch, `[requests, codeFrames, codebooks]`.
  private func batch(_ name: String) throws -> [Codes] {
    let shape = try arrays.shape(name)
    let values = try arrays.integers(name)
    let size = shape[1] * shape[2]
    return (0..<shape[0]).map { Codes(codebooks: shape[2], values: Array(values[$0 * size..<($0 + 1) * size])) }
  }

  @Test func delaysAreAppliedAndTakenBackAsInTheReference() throws {
    #expect(!file.cases.isEmpty)
    for index in file.cases.map(\.index) {
      let codes = try batch("\(index).codes")
      let padded = try batch("\(index).apply_delay_padded")
      #expect(codes.map { pattern.apply($0, isPadded: false) } == (try batch("\(index).apply_delay_same_length")))
      #expect(codes.map { pattern.apply($0) } == padded)
      // The last code frames are incomplete; what the reference puts there means nothing.
      let reverted = try batch("\(index).revert").map { $0.slice(0..<codes[0].frameCount) }
      #expect(padded.map { pattern.revert($0).slice(0..<codes[0].frameCount) } == reverted)
      #expect(zip(padded, codes).map { pattern.codes($0, length: $1.frameCount) } == codes)
    }
  }

  @Test func voicePromptsAreLaidOutAsInTheReference() throws {
    for index in file.cases.map(\.index) {
      let codes = try batch("\(index).codes")
      #expect(codes.map { pattern.voicePrompt($0) } == (try batch("\(index).preprocess_codec")))
    }
  }

  @Test func buffersBeginAsInTheReference() throws {
    // In these buffers -1 stands where the model is to write.
    let pattern = DelayPattern(delays: file.delay_pattern, bos: file.bos, eos: file.eos, pad: -1)
    let codebooks = file.delay_pattern.count
    let bosFrame = Array(repeating: file.bos, count: codebooks)
    for buffer in try batch("prefill_none") {
      #expect(pattern.apply(Codes(codebooks: codebooks, values: bosFrame)) == buffer)
    }
    let continued = try arrays.integers("prefill_prompt.codes")
    // Each request continues from as many code frames as its steps say; rows behind its own are still to be written.
    for (buffer, steps) in zip(try batch("prefill_prompt"), file.prefill_prompt_steps) {
      let known = Array((bosFrame + continued).prefix(steps * codebooks))
      let rows = pattern.apply(Codes(codebooks: codebooks, values: known))
      #expect(buffer.slice(0..<rows.frameCount) == rows)
      #expect(buffer.values.dropFirst(rows.values.count).allSatisfy { $0 == -1 })
    }
  }

  @Test func outputIsCutAsInTheReference() throws {
    let rows = try batch("generate_output.codes")
    for (index, length) in try arrays.integers("generate_output.lengths").enumerated() {
      let codes = pattern.codes(rows[index], length: Int(length))
      #expect(codes.values == (try arrays.integers("generate_output.codebook.\(index)")))
    }
  }
}
