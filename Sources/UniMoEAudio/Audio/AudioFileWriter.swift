import Glibc
import Posix

/// Writes a WAV or FLAC file as its samples come.
///
/// A file appears under its name only when `finish` returns: until then it has a temporary name in the same directory,
/// and it vanishes on `abandon`, on an error, and when the writer is dropped. Samples outside -1...1 are clamped.
///
/// Thread: one at a time.
public final class AudioFileWriter {
  private enum Output {
    case file(SoundEncoder, AtomicFile)
    case stream(WAVStream)
    /// A device or FIFO that was opened by its path.
    case opened(WAVStream, Int32)
    case closed
  }

  /// The file's name in errors.
  public let name: String
  /// Frames appended so far.
  public private(set) var frameCount = 0
  private let channels: Int
  private let frameLimit: Int
  private var output: Output

  /// Starts a file whose kind its name tells: `.wav` or `.flac`.
  ///
  /// A device or FIFO is written to directly, as WAV. Throws `UniMoEError` of kind `request` for an extension, rate or
  /// channel count that cannot be written, and of kind `system` if the file cannot be created.
  public convenience init(
    path: String, sampleRate: Int, channels: Int = 1, format: SampleFormat = .pcm16
  ) throws(UniMoEError) {
    let container = try Self.container(of: path, format: format)
    try Self.check(sampleRate: sampleRate, channels: channels, container: container, name: path)
    let output: Output
    if Self.isDevice(path) {
      if container == .flac {
        throw UniMoEError(.request, path, expected: "a WAV name for a device or pipe", found: "a FLAC one")
      }
      output = try Self.openDevice(path, sampleRate: sampleRate, channels: channels, format: format)
    } else {
      let file = try AtomicFile(path: path)
      let encoder = try SoundEncoder(
        descriptor: file.descriptor, name: path, container: container, format: format, sampleRate: sampleRate,
        channels: channels)
      output = .file(encoder, file)
    }
    self.init(output, name: path, channels: channels, sampleSize: format.size)
  }

  /// Starts WAV on an open descriptor, which may be a pipe and stays the caller's; `name` is for errors.
  ///
  /// Give `frameCount` if it is known, so that the header has the right lengths even in a pipe.
  public convenience init(
    descriptor: Int32, name: String = "standard output", sampleRate: Int, channels: Int = 1,
    format: SampleFormat = .pcm16, frameCount: Int? = nil
  ) throws(UniMoEError) {
    try Self.check(sampleRate: sampleRate, channels: channels, container: .wav, name: name)
    if let frameCount, !(0...Self.frameLimit(frameSize: channels * format.size)).contains(frameCount) {
      throw Self.tooLong(name)
    }
    let stream = try WAVStream(
      descriptor: descriptor, name: name, format: format, sampleRate: sampleRate, channels: channels,
      frameCount: frameCount)
    self.init(.stream(stream), name: name, channels: channels, sampleSize: format.size)
  }

  private init(_ output: Output, name: String, channels: Int, sampleSize: Int) {
    self.output = output
    self.name = name
    self.channels = channels
    frameLimit = Self.frameLimit(frameSize: channels * sampleSize)
  }

  deinit { abandon() }

  /// Writes a whole sound under a name. A cancelled one leaves no file.
  public static func write(
    _ clip: AudioClip, to path: String, format: SampleFormat = .pcm16, cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    let writer = try AudioFileWriter(
      path: path, sampleRate: clip.sampleRate, channels: clip.channels, format: format)
    try writer.append(clip.samples, cancellation: cancellation)
    try writer.finish()
  }

  /// Writes a whole sound as WAV under the first of some names in a directory that nothing has, and returns that name;
  /// `name` is for errors. A cancelled one leaves no file.
  public static func write(
    _ clip: AudioClip, underFirstFree names: some Sequence<String>, in directory: String, name: String,
    cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) -> String {
    try check(sampleRate: clip.sampleRate, channels: clip.channels, container: .wav, name: name)
    let file = try AtomicFile(newIn: directory, name: name)
    let encoder = try SoundEncoder(
      descriptor: file.descriptor, name: name, container: .wav, format: .pcm16, sampleRate: clip.sampleRate,
      channels: clip.channels)
    let writer = AudioFileWriter(
      .file(encoder, file), name: name, channels: clip.channels, sampleSize: SampleFormat.pcm16.size)
    try writer.append(clip.samples, cancellation: cancellation)
    try encoder.finish()
    return try file.commit(underFirstFree: names)
  }

  /// Appends whole frames piece by piece; the file is abandoned when the work is cancelled.
  public func append(_ samples: [Float], cancellation: Cancellation) throws(UniMoEError) {
    let piece = 65536 * channels
    for start in stride(from: 0, to: samples.count, by: piece) {
      if cancellation.isCancelled {
        abandon()
        throw .cancelled
      }
      try append(Array(samples[start..<min(start + piece, samples.count)]))
    }
  }

  /// Appends whole frames, the channels of a frame side by side.
  ///
  /// Throws if a sample is not a number, if the file grows beyond 4 GiB, and if the system refuses to write; the file
  /// is abandoned then.
  public func append(_ samples: [Float]) throws(UniMoEError) {
    try samples.withUnsafeBufferPointer { buffer throws(UniMoEError) in try append(buffer) }
  }

  /// Appends whole frames, the channels of a frame side by side.
  ///
  /// - Precondition: there are whole frames, and the writer is neither finished nor abandoned.
  public func append(_ samples: UnsafeBufferPointer<Float>) throws(UniMoEError) {
    precondition(samples.count % channels == 0, "sound comes in whole frames")
    do throws(UniMoEError) {
      if let bad = samples.firstIndex(where: { !$0.isFinite }) {
        throw UniMoEError(
          .audio, name, field: "sample \(frameCount + bad / channels)", expected: "a finite number",
          found: "\(samples[bad])")
      }
      if samples.count / channels > frameLimit - frameCount { throw Self.tooLong(name) }
      switch output {
      case .file(let encoder, _): try encoder.append(samples)
      case .stream(let stream), .opened(let stream, _): try stream.append(samples)
      case .closed: throw UniMoEError(.system, name, "was finished or abandoned before")
      }
      frameCount += samples.count / channels
    } catch {
      abandon()
      throw error
    }
  }

  /// Completes the file and puts it under its name. A second time it does nothing.
  ///
  /// Throws if the disk refuses; the file is abandoned then.
  public func finish() throws(UniMoEError) {
    defer { abandon() }
    switch output {
    case .file(let encoder, let file):
      try encoder.finish()
      try file.commit()
    case .stream(let stream), .opened(let stream, _):
      try stream.finish()
    case .closed:
      break
    }
  }

  /// Drops the file; nothing stays under its name or another. What went to a pipe has gone.
  public func abandon() {
    switch output {
    case .file(_, let file): file.discard()
    case .opened(_, let descriptor): close(descriptor)
    case .stream, .closed: break
    }
    output = .closed
  }
}

extension AudioFileWriter {
  /// Throws unless a path's extension is one that can be written in a format.
  static func container(of path: String, format: SampleFormat) throws(UniMoEError) -> SoundEncoder.Container {
    let lowercase = path.lowercased()
    if lowercase.hasSuffix(".wav") || path == "/dev/null" || path.hasPrefix("/dev/std") || path.hasPrefix("/dev/fd/") {
      return .wav
    }
    if !lowercase.hasSuffix(".flac") {
      throw UniMoEError(.request, path, expected: "a name that ends in .wav or .flac", found: "another")
    }
    if format == .float32 {
      throw UniMoEError(.request, path, expected: "a .wav name for 32-bit float", found: "FLAC, which has no floats")
    }
    return .flac
  }

  private static func check(
    sampleRate: Int, channels: Int, container: SoundEncoder.Container, name: String
  ) throws(UniMoEError) {
    let rates = container == .flac ? 1000...655_350 : AudioFile.sampleRates
    if !rates.contains(sampleRate) {
      throw UniMoEError(
        .request, name, field: "sample rate", expected: "\(rates.lowerBound) to \(rates.upperBound) Hz",
        found: "\(sampleRate)")
    }
    let limit = container == .flac ? 8 : 64
    if !(1...limit).contains(channels) {
      throw UniMoEError(.request, name, field: "channels", expected: "1 to \(limit)", found: "\(channels)")
    }
  }

  /// The most frames that fit the 32-bit lengths of WAV, with room for the header.
  private static func frameLimit(frameSize: Int) -> Int { (0xffff_ffff - 4096) / frameSize }

  private static func tooLong(_ name: String) -> UniMoEError {
    UniMoEError(.request, name, "would be longer than the 4 GiB that a WAV file holds")
  }

  private static func isDevice(_ path: String) -> Bool {
    var status = stat()
    if stat(path, &status) != 0 { return false }
    return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
  }

  private static func openDevice(
    _ path: String, sampleRate: Int, channels: Int, format: SampleFormat
  ) throws(UniMoEError) -> Output {
    let descriptor = openFile(path, O_WRONLY)
    if descriptor < 0 { throw UniMoEError(.system, path, "cannot be opened: \(systemReason())") }
    do throws(UniMoEError) {
      let stream = try WAVStream(
        descriptor: descriptor, name: path, format: format, sampleRate: sampleRate, channels: channels,
        frameCount: nil)
      return .opened(stream, descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }
}
