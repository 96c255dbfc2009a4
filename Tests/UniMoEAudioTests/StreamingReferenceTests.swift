import Testing

@testable import UniMoEAudio

/// The incremental decoder gives the bits of the whole-signal one.
@Suite(.serialized) struct StreamingReferenceTests {
  private let codec: Codec

  init() throws { codec = try CodecFixture.open() }

  @Test(arguments: [1, 2, 7, 64], [1, 2])
  func chunksGiveTheBitsOfTheWhole(chunk: Int, threads: Int) throws {
    let codes = CodecFixture.randomCodes(codec, frames: 150, seed: 1)
    let whole = try codec.decode(codes)
    WorkerPool.shared.setThreads(threads)
    defer { WorkerPool.shared.setThreads(0) }
    let cuts = Array(stride(from: 0, to: codes.frameCount, by: chunk)) + [codes.frameCount]
    #expect(try decode(codes, cuts: cuts) == whole)
  }

  @Test(arguments: 1...4)
  func randomChunksGiveTheBitsOfTheWhole(seed: Int) throws {
    var generator = SplitMix(state: UInt64(seed))
    let codes = CodecFixture.randomCodes(codec, frames: 101, seed: UInt64(seed))
    let whole = try codec.decode(codes)
    var cuts = [0]
    while let last = cuts.last, last < codes.frameCount {
      cuts.append(min(codes.frameCount, last + Int.random(in: 0...9, using: &generator)))
    }
    #expect(try decode(codes, cuts: cuts) == whole)
  }

  @Test(arguments: 1...9)
  func shortSignalsComeOutWhole(frames: Int) throws {
    let codes = CodecFixture.randomCodes(codec, frames: frames, seed: 3)
    let whole = try codec.decode(codes)
    #expect(whole.count == codec.decodedLength(codeFrames: frames))
    #expect(try decode(codes, cuts: Array(0...frames)) == whole)
  }

  /// Changing a later code frame changes no sample that came out, and changes the one right after them: no sample came
  /// out early, none waited for longer than it had to.
  @Test func samplesComeOutAsSoonAsTheyAreSettled() throws {
    // More than a decoder reaches ahead, even one whose every rate is 2.
    let known = 80
    let codes = CodecFixture.randomCodes(codec, frames: 2 * known, seed: 4)
    let emitted = try codec.makeStreamingDecoder().push(codes.slice(0..<known))
    var altered = codes
    for codebook in 0..<codec.codebooks {
      let other = (Int(codes[known, codebook]) + codec.codebookSize / 2) % codec.codebookSize
      altered[known, codebook] = Int32(other)
    }
    let (before, after) = (try codec.decode(codes), try codec.decode(altered))
    #expect(emitted.count > 0)
    #expect(Array(before.prefix(emitted.count)) == emitted)
    #expect(Array(after.prefix(emitted.count)) == emitted)
    // The outermost taps may weigh too little to change the very next sample in single precision.
    let next = emitted.count..<emitted.count + codec.hopLength
    #expect(before[next] != after[next])
  }

  @Test func aDecoderBeginsAnewAfterFinish() throws {
    let codes = CodecFixture.randomCodes(codec, frames: 20, seed: 5)
    let decoder = codec.makeStreamingDecoder()
    let first = try decoder.push(codes) + decoder.finish()
    let second = try decoder.push(codes) + decoder.finish()
    #expect(first == second)
    #expect(try decoder.finish().isEmpty)
  }

  @Test func cancellingEndsAPushAndAsksForAReset() throws {
    let codes = CodecFixture.randomCodes(codec, frames: 20, seed: 6)
    let whole = try codec.decode(codes)
    let decoder = codec.makeStreamingDecoder()
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: UniMoEError.cancelled) { try decoder.push(codes, cancellation: cancellation) }
    #expect(throws: UniMoEError.self) { try decoder.push(codes) }
    decoder.reset()
    #expect(try decoder.push(codes) + decoder.finish() == whole)
    #expect(throws: UniMoEError.cancelled) { try codec.encode(whole, cancellation: cancellation) }
  }

  @Test(arguments: [1, 100, 5000])
  func signalsInPiecesGiveTheSameCodes(piece: Int) throws {
    let signal = try codec.decode(CodecFixture.randomCodes(codec, frames: 40, seed: 7))
    let encoder = StreamingEncoder(codec)
    try signal.withUnsafeBufferPointer { signal in
      for first in stride(from: 0, to: signal.count, by: piece) {
        let range = first..<min(signal.count, first + piece)
        try encoder.push(UnsafeBufferPointer(rebasing: signal[range]), cancellation: Cancellation())
      }
    }
    #expect(try encoder.finish(cancellation: Cancellation()) == codec.encode(signal))
  }

  /// Pushes the code frames between successive cuts.
  private func decode(_ codes: Codes, cuts: [Int]) throws -> [Float] {
    let decoder = codec.makeStreamingDecoder()
    var samples: [Float] = []
    for (first, next) in zip(cuts, cuts.dropFirst()) { samples += try decoder.push(codes.slice(first..<next)) }
    return samples + (try decoder.finish())
  }
}
