import Glibc
import Posix

/// Writes WAV to a descriptor that may be a pipe, so without going back: for `-o -`, FIFOs and devices.
///
/// The header of 44 bytes has the right lengths if the frame count is known in advance. Otherwise it has the largest
/// ones, 0xffffffff, which players take as "to the end"; if the descriptor turns out to be a file, the right ones are
/// put in at the end.
///
/// Thread: one at a time. Writing to a pipe that nobody reads raises SIGPIPE, as any write does; a process that ignores
/// the signal gets an error instead.
final class WAVStream {
  private let descriptor: Int32
  private let name: String
  private let format: SampleFormat
  private let sampleRate: Int
  private let channels: Int
  /// Where the header is if one can go back to it.
  private let start: off_t?
  private let promisedFrames: Int?
  private var writtenFrames = 0

  /// Writes the header; the descriptor stays the caller's.
  ///
  /// `frameCount` is a promise: `finish` throws if another number of frames was appended.
  init(
    descriptor: Int32, name: String, format: SampleFormat, sampleRate: Int, channels: Int, frameCount: Int?
  ) throws(UniMoEError) {
    self.descriptor = descriptor
    self.name = name
    self.format = format
    self.sampleRate = sampleRate
    self.channels = channels
    promisedFrames = frameCount
    // In append mode the system ignores positions.
    let position = lseek(descriptor, 0, SEEK_CUR)
    start = position >= 0 && fcntl(descriptor, F_GETFL) & O_APPEND == 0 && Self.isFile(descriptor) ? position : nil
    try write(header(frameCount: frameCount))
  }

  /// Appends whole frames of finite samples.
  func append(_ samples: UnsafeBufferPointer<Float>) throws(UniMoEError) {
    switch format {
    case .pcm16: try write(samples.map { SampleFormat.pcm16($0).littleEndian })
    case .float32: try write(samples.map { SampleFormat.clamped($0).bitPattern.littleEndian })
    }
    writtenFrames += samples.count / channels
  }

  /// Completes the header where that is possible.
  func finish() throws(UniMoEError) {
    if let promisedFrames {
      if promisedFrames == writtenFrames { return }
      throw UniMoEError(.request, name, expected: "\(promisedFrames) frames, as announced", found: "\(writtenFrames)")
    }
    guard let start else { return }
    let bytes = header(frameCount: writtenFrames)
    if pwrite(descriptor, bytes, bytes.count, start) != bytes.count {
      throw UniMoEError(.system, name, "cannot be written: \(systemReason())")
    }
  }

  private func write<Value: BitwiseCopyable>(_ values: [Value]) throws(UniMoEError) {
    do throws(SystemError) {
      try writeAll(values, to: descriptor)
    } catch {
      throw UniMoEError(.system, name, "cannot be written: \(error)")
    }
  }

  private func header(frameCount: Int?) -> [UInt8] {
    let frameSize = format.size * channels
    let size = frameCount.map { $0 * frameSize }
    var bytes: [UInt8] = []
    func put(_ text: String) { bytes += text.utf8 }
    func put16(_ value: Int) { bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
    func put32(_ value: Int) { put16(value); put16(value >> 16) }
    put("RIFF"); put32(size.map { $0 + 36 } ?? 0xffff_ffff); put("WAVE")
    put("fmt "); put32(16); put16(format == .pcm16 ? 1 : 3); put16(channels)
    put32(sampleRate); put32(sampleRate * frameSize); put16(frameSize); put16(format.size * 8)
    put("data"); put32(size ?? 0xffff_ffff)
    return bytes
  }

  private static func isFile(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
