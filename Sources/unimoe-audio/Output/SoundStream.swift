import UniMoEAudio

/// Sound that goes to a pipe or a device while it is made, as WAV.
///
/// Thread: one at a time.
final class SoundStream {
  private let descriptor: Int32
  private let writer: AudioFileWriter
  private let resampler: Resampler
  private let cancellation: Cancellation
  /// Why nothing more can be written.
  private var failure: (any Error)?

  /// Writes the header to an open descriptor. What comes when the cancellation was raised is not written; it is raised
  /// when writing fails, since what is made then is in vain.
  init(
    _ descriptor: Int32, name: String, from sampleRate: Int, to rate: Int, cancellation: Cancellation
  ) throws(UniMoEError) {
    self.descriptor = descriptor
    self.cancellation = cancellation
    resampler = try Resampler(from: sampleRate, to: rate)
    writer = try AudioFileWriter(descriptor: descriptor, name: name, sampleRate: rate)
  }

  /// Writes the next samples.
  func append(_ samples: [Float]) {
    do throws(UniMoEError) {
      try write(resampler.process(samples))
    } catch {
      fail(error)
    }
  }

  /// Writes what is left; returns how many samples went out. Throws what went wrong before.
  func finish() throws -> Int {
    do throws(UniMoEError) {
      if failure == nil { try write(resampler.process([], end: true)) }
      if failure == nil { try writer.finish() }
    } catch {
      fail(error)
    }
    if let failure { throw failure }
    return writer.frameCount
  }

  private func write(_ samples: [Float]) throws(UniMoEError) {
    if !cancellation.isCancelled, !samples.isEmpty { try writer.append(samples) }
  }

  private func fail(_ error: any Error) {
    if failure != nil { return }
    failure = StandardStreams.readerIsGone(descriptor) ? CommandFailure(.brokenPipe, "") : error
    cancellation.cancel()
  }
}
