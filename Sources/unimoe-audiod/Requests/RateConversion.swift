import AudioRing
import UniMoEAudio

/// The rest of a request's samples at another rate, for an output that changed its own: a thread of its own takes them
/// out of one ring, resamples them and puts them into another.
final class RateConversion {
  /// Samples that are converted at once: about 20 ms.
  private static let piece = 1024
  /// How long the thread waits before it looks whether anybody still wants the samples.
  private static let patience = Duration.milliseconds(50)

  /// Where the converted samples go.
  let ring: AudioRing
  /// Hz of the converted samples.
  let sampleRate: Int

  /// Becomes the consumer of `source`, whose samples have `rate` Hz, until its end or until one of the rings is
  /// cancelled.
  init(of source: AudioRing, rate: Int, to sampleRate: Int) throws(DaemonFailure) {
    self.sampleRate = sampleRate
    // A second, and room for the largest period: what is generated stays in the source, where its schedule counts it.
    let ring = AudioRing(minimumCapacity: sampleRate + 8192)
    self.ring = ring
    let resampler: Resampler
    do throws(UniMoEError) {
      resampler = try Resampler(from: rate, to: sampleRate)
    } catch {
      throw DaemonFailure(.system, error.description)
    }
    let thread = ConversionThread(source: source, resampler: resampler, ring: ring, fadeFrames: sampleRate / 200)
    try Background.run("unimoe-rate") { thread.run() }
  }

  private final class ConversionThread: @unchecked Sendable {
    private let source: AudioRing
    private let resampler: Resampler
    private let ring: AudioRing
    /// The rest begins in the middle of a sound: it fades in, 5 ms long.
    private let fadeFrames: Int
    private var position = 0

    init(source: AudioRing, resampler: Resampler, ring: AudioRing, fadeFrames: Int) {
      self.source = source
      self.resampler = resampler
      self.ring = ring
      self.fadeFrames = fadeFrames
    }

    func run() {
      var buffer = [Float](repeating: 0, count: RateConversion.piece)
      do throws(UniMoEError) {
        while !ring.isCancelled, !source.isCancelled {
          let count = buffer.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map {
              source.reader.waitingRead(into: $0, count: buffer.count, timeout: RateConversion.patience)
            } ?? 0
          }
          let isLast = source.reader.isAtEnd
          if count > 0 || isLast { deliver(faded(try resampler.process(Array(buffer[..<count]), end: isLast))) }
          if isLast { break }
        }
      } catch {
        // Only memory can be missing here: the request ends as if it was cancelled.
        source.cancel()
      }
      if source.isCancelled { ring.cancel() } else { ring.finish() }
    }

    private func faded(_ samples: [Float]) -> [Float] {
      defer { position += samples.count }
      guard position < fadeFrames else { return samples }
      return samples.enumerated().map { $1 * min(1, Float(position + $0) / Float(fadeFrames)) }
    }

    private func deliver(_ samples: [Float]) {
      samples.withUnsafeBufferPointer { samples in
        var position = 0
        while position < samples.count, !ring.isCancelled, !source.isCancelled {
          let rest = UnsafeBufferPointer(rebasing: samples[position...])
          position += ring.writeAll(rest, timeout: RateConversion.patience)
        }
      }
    }
  }
}
