/// Turns codes into PCM while they arrive: every sample comes out as soon as all that it depends on went in.
///
/// However the code frames are cut into pushes, the samples are the same bits. After the last push, `finish` gives
/// the samples that waited for more. Working memory is allocated with the decoder and reused.
///
/// Thread: one at a time.
public final class StreamingDecoder {
  /// Receives finished samples, valid during the call; what it throws ends the push.
  public typealias Sink = (UnsafeBufferPointer<Float>) throws(UniMoEError) -> Void

  private let codec: Codec
  private let pipeline: ConvolutionPipeline
  private let entries: FloatBuffer
  /// Code frames since the signal began.
  private var pushedFrames = 0
  /// A push was cut off in the middle, so the state is of no use.
  private var broken = false

  /// Code frames that go through the first stage at a time.
  private static let blockFrames = 64

  /// Looks at every module's output; for tests.
  var tap: ModuleTap? {
    get { pipeline.tap }
    set { pipeline.tap = newValue }
  }

  init(_ codec: Codec) {
    self.codec = codec
    pipeline = ConvolutionPipeline(codec.decoder.map { $0.makeStage() }, longestPush: Self.blockFrames)
    entries = FloatBuffer(bounded: Self.blockFrames * codec.quantizer.codebooks.count * codec.quantizer.dimension)
  }

  /// Decodes more code frames and gives the samples that became ready to `sink`, piece by piece.
  ///
  /// Throws `request` if a code is not one of its codebook or the codebooks are of another number, before anything is
  /// decoded; `model` if the weights give samples that are not finite numbers; `cancelled` within some milliseconds after
  /// the flag was raised. After being cut off, `reset` comes first.
  public func push(
    _ codes: Codes, cancellation: Cancellation = Cancellation(), sink: Sink
  ) throws(UniMoEError) {
    try codec.check(codes)
    try begin()
    for first in stride(from: 0, to: codes.frameCount, by: Self.blockFrames) {
      let frames = min(Self.blockFrames, codes.frameCount - first)
      let input = pipeline.input
      codes.values.withUnsafeBufferPointer { values in
        input.reserve(frames) { latents in
          entries.withPointer { entries in
            codec.quantizer.decode(
              UnsafeBufferPointer(rebasing: values[first * codes.codebooks..<(first + frames) * codes.codebooks]),
              frames: frames, entries: entries, into: latents, cancellation: cancellation)
          }
        }
      }
      try cancellation.check()
      input.commit(frames)
      if let tap { input.withRows(from: input.count - frames) { tap("quantizer", $0, frames, input.width) } }
      pushedFrames += frames
      try advance(ending: false, cancellation, sink)
    }
    broken = false
  }

  /// Gives the samples that are left at the signal's end to `sink`; the next push begins another signal.
  ///
  /// Throws as `push` does.
  public func finish(cancellation: Cancellation = Cancellation(), sink: Sink) throws(UniMoEError) {
    try begin()
    if pushedFrames > 0 { try advance(ending: true, cancellation, sink) }
    reset()
  }

  /// Decodes more code frames and returns the samples that became ready, as `push(_:cancellation:sink:)`.
  public func push(_ codes: Codes, cancellation: Cancellation = Cancellation()) throws(UniMoEError) -> [Float] {
    var samples: [Float] = []
    try push(codes, cancellation: cancellation) { (piece) throws(UniMoEError) in samples += piece }
    return samples
  }

  /// Returns the samples that are left at the signal's end, as `finish(cancellation:sink:)`.
  public func finish(cancellation: Cancellation = Cancellation()) throws(UniMoEError) -> [Float] {
    var samples: [Float] = []
    try finish(cancellation: cancellation) { (piece) throws(UniMoEError) in samples += piece }
    return samples
  }

  /// Forgets the signal: the next push begins another.
  public func reset() {
    pipeline.reset()
    pushedFrames = 0
    broken = false
  }

  /// Marks the state as undefined until the call comes to its end.
  private func begin() throws(UniMoEError) {
    if broken { throw UniMoEError(.request, "decoder", "cut off in the middle of a signal; reset it first") }
    broken = true
  }

  private func advance(ending: Bool, _ cancellation: Cancellation, _ sink: Sink) throws(UniMoEError) {
    try pipeline.advance(ending: ending, cancellation: cancellation) { (rows, count) throws(UniMoEError) in
      let samples = UnsafeBufferPointer(start: rows, count: count)
      guard samples.allSatisfy(\.isFinite) else {
        throw UniMoEError(
          .model, "codec", field: "samples", expected: "finite numbers", found: "others: broken weights")
      }
      try sink(samples)
    }
  }
}
