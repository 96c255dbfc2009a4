import Testing

@testable import UniMoEAudio

@Suite struct DelayPatternReferenceTests {
  private struct File: Decodable {
    struct Case: Decodable { let index: Int }
    let delay_pattern: [Int]
    let bos: Int32
    let eos: Int32
    let pad: Int32
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

  @Test func voicePromptsAreLaidOutAsInTheReference() throws {
    #expect(!file.cases.isEmpty)
    for index in file.cases.map(\.index) {
      let codes = try batch("\(index).codes")
      #expect(codes.map { pattern.voicePrompt($0) } == (try batch("\(index).preprocess_codec")))
    }
  }
}
