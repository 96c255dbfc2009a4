import Csamplerate

/// Resamples sound for playback, by libsamplerate's best sinc converter (97 dB signal-to-noise ratio).
///
/// Output does not depend on how the input is cut: the converter is always fed blocks of one size, and the end is made
/// of silence, cut to the exact length `ceil(frames * target / source)`. Input and output start at the same instant.
/// Up to `blockFrames` frames wait inside for their block to fill.
///
/// Thread: one at a time; not for an audio thread (it allocates).
public final class Resampler {
  /// Frames per call of the converter.
  static let blockFrames = 256

  private let channels: Int
  private let ratio: Double
  private let source: Int
  private let target: Int
  private let state: OpaquePointer?
  private var pending: [Float] = []
  private var output: [Float]
  private var inputFrames = 0
  private var outputFrames = 0
  private var isEnded = false

  /// Creates a resampler for interleaved sound.
  ///
  /// Throws `UniMoEError` of kind `request` for a rate below 1, a channel count outside 1...64, and rates that are more
  /// than 256 times apart.
  public init(from source: Int, to target: Int, channels: Int = 1) throws(UniMoEError) {
    for rate in [source, target] where !(1...Int(Int32.max)).contains(rate) {
      throw UniMoEError(.request, "resampler", field: "sample rate", expected: "at least 1 Hz", found: "\(rate)")
    }
    if !(1...64).contains(channels) {
      throw UniMoEError(.request, "resampler", field: "channels", expected: "1 to 64", found: "\(channels)")
    }
    ratio = Double(target) / Double(source)
    if src_is_valid_ratio(ratio) == 0 {
      throw UniMoEError(
        .request, "resampler", field: "sample rate", expected: "rates at most 256 times apart",
        found: "\(source) and \(target) Hz")
    }
    self.source = source
    self.target = target
    self.channels = channels
    var reason: Int32 = 0
    // Equal rates need no converter: samples pass unchanged.
    state = source == target ? nil : src_new(Int32(SRC_SINC_BEST_QUALITY), Int32(channels), &reason)
    if source != target && state == nil { throw Self.failure(reason) }
    output = [Float](repeating: 0, count: (Int(Double(Self.blockFrames) * ratio) + 16) * channels)
  }

  deinit { if let state { src_delete(state) } }

  /// Resamples a whole sound of interleaved frames; the cancellation is looked at every few milliseconds.
  public static func resample(
    _ samples: [Float], from source: Int, to target: Int, channels: Int = 1,
    cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) -> [Float] {
    let resampler = try Resampler(from: source, to: target, channels: channels)
    var result: [Float] = []
    for start in stride(from: 0, to: samples.count, by: 16 * blockFrames * channels) {
      try cancellation.check()
      let end = min(start + 16 * blockFrames * channels, samples.count)
      result += try resampler.process(Array(samples[start..<end]))
    }
    return result + (try resampler.process([], end: true))
  }

  /// Takes the next whole frames and returns the frames that are ready; with `end`, all that are left.
  ///
  /// Throws if libsamplerate fails, and if input comes after the end.
  public func process(_ samples: [Float], end: Bool = false) throws(UniMoEError) -> [Float] {
    precondition(samples.count % channels == 0, "sound comes in whole frames")
    if isEnded {
      if samples.isEmpty { return [] }
      throw UniMoEError(.request, "resampler", "sound after the end")
    }
    isEnded = end
    inputFrames += samples.count / channels
    if state == nil { return samples }
    var result: [Float] = []
    pending += samples
    let blockCount = Self.blockFrames * channels
    var start = 0
    while pending.count - start >= blockCount {
      try convert(pending[start..<start + blockCount], into: &result)
      start += blockCount
    }
    pending.removeFirst(start)
    if end { try drain(into: &result) }
    return result
  }

  /// Feeds the last block and then silence until the whole output is there; what is more is cut.
  private func drain(into result: inout [Float]) throws(UniMoEError) {
    let expected = PromptResampler.outputCount(inputFrames, from: source, to: target)
    let blockCount = Self.blockFrames * channels
    var silentBlocks = 0
    while outputFrames < expected {
      let before = outputFrames
      let silence = repeatElement(Float(0), count: blockCount - pending.count)
      try convert((pending + silence)[...], into: &result)
      pending.removeAll()
      silentBlocks = outputFrames == before ? silentBlocks + 1 : 0
      // The kernel is at most some 80,000 input frames long; a converter that gives nothing after them never will.
      if silentBlocks > 1000 { throw UniMoEError(.system, "libsamplerate", "gives no end of the sound") }
    }
    pending.removeAll()
    result.removeLast(min(result.count, (outputFrames - expected) * channels))
    outputFrames = expected
  }

  private func convert(_ block: ArraySlice<Float>, into result: inout [Float]) throws(UniMoEError) {
    var data = SRC_DATA()
    data.src_ratio = ratio
    data.output_frames = output.count / channels
    let reason = block.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        data.data_in = input.baseAddress
        data.input_frames = input.count / channels
        data.data_out = output.baseAddress
        repeat {
          let reason = src_process(state, &data)
          if reason != 0 { return reason }
          result += output.prefix(data.output_frames_gen * channels)
          outputFrames += data.output_frames_gen
          data.data_in = data.data_in.map { $0 + data.input_frames_used * channels }
          data.input_frames -= data.input_frames_used
        } while data.input_frames > 0 || data.output_frames_gen == data.output_frames
        return 0
      }
    }
    if reason != 0 { throw Self.failure(reason) }
  }

  private static func failure(_ reason: Int32) -> UniMoEError {
    let text = src_strerror(reason).map { String(cString: $0) } ?? "error \(reason)"
    return UniMoEError(.system, "libsamplerate", text)
  }
}
