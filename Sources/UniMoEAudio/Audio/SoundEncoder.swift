import Csndfile
import Glibc
import Posix

/// Encodes WAV or FLAC with libsndfile into a seekable descriptor.
///
/// Every error of the descriptor is kept and reported: libsndfile itself passes over some, above all when it closes.
///
/// Thread: one at a time.
final class SoundEncoder {
  private let name: String
  private let channels: Int
  private let format: SampleFormat
  private let sink: DescriptorSink
  private var handle: OpaquePointer?

  /// Writes the header. The descriptor stays the caller's.
  init(
    descriptor: Int32, name: String, container: Container, format: SampleFormat, sampleRate: Int, channels: Int
  ) throws(UniMoEError) {
    self.name = name
    self.channels = channels
    self.format = format
    sink = DescriptorSink(descriptor)
    var info = SF_INFO()
    info.samplerate = Int32(clamping: sampleRate)
    info.channels = Int32(clamping: channels)
    info.format = container.value | Int32(format == .pcm16 ? SF_FORMAT_PCM_16 : SF_FORMAT_FLOAT)
    if sf_format_check(&info) == 0 {
      throw UniMoEError(
        .audio, name, "libsndfile does not write \(channels) channels at \(sampleRate) Hz in this format")
    }
    var io = DescriptorSink.virtualIO
    handle = sf_open_virtual(&io, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(sink).toOpaque())
    if handle == nil { throw sink.failure(name, "libsndfile cannot write here") }
    // The chunk holds the time of day; the same samples shall give the same file.
    sf_command(handle, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
  }

  deinit { if let handle { sf_close(handle) } }

  /// The kind of file.
  enum Container {
    case wav, flac

    fileprivate var value: Int32 { Int32(self == .wav ? SF_FORMAT_WAV : SF_FORMAT_FLAC) }
  }

  /// Appends whole frames of finite samples.
  func append(_ samples: UnsafeBufferPointer<Float>) throws(UniMoEError) {
    let frames = sf_count_t(samples.count / channels)
    let written =
      switch format {
      case .pcm16: sf_writef_short(handle, samples.map(SampleFormat.pcm16), frames)
      case .float32: sf_writef_float(handle, samples.map(SampleFormat.clamped), frames)
      }
    if written != frames || sink.reason != 0 { throw sink.failure(name, String(cString: sf_strerror(handle))) }
  }

  /// Writes what the encoder still holds, and the final header.
  func finish() throws(UniMoEError) {
    let result = sf_close(handle)
    handle = nil
    if result != 0 || sink.reason != 0 { throw sink.failure(name, String(cString: sf_error_number(result))) }
  }
}

/// Where libsndfile's bytes go.
private final class DescriptorSink {
  /// The first error number of the descriptor; 0 while there was none.
  private(set) var reason: Int32 = 0
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The error of a call that failed; `text` is libsndfile's, for failures that are not the descriptor's.
  func failure(_ name: String, _ text: String) -> UniMoEError {
    let why = reason == 0 ? "libsndfile says: \(text)" : String(cString: strerror(reason))
    return UniMoEError(.system, name, "cannot be written: \(why)")
  }

  /// libsndfile's way to the sink; its `user_data` is the sink, unretained.
  static var virtualIO: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { user in DescriptorSink.from(user)?.length() ?? 0 },
      seek: { offset, origin, user in DescriptorSink.from(user)?.seek(off_t(offset), origin) ?? -1 },
      read: { _, _, _ in 0 },
      write: { source, count, user in DescriptorSink.from(user)?.write(source, count) ?? 0 },
      tell: { user in DescriptorSink.from(user)?.seek(0, SEEK_CUR) ?? -1 })
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> DescriptorSink? {
    user.map { Unmanaged<DescriptorSink>.fromOpaque($0).takeUnretainedValue() }
  }

  private func length() -> sf_count_t {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? sf_count_t(status.st_size) : 0
  }

  private func seek(_ offset: off_t, _ origin: Int32) -> sf_count_t {
    let position = lseek(descriptor, offset, origin)
    if position < 0 { keep(errno) }
    return sf_count_t(position)
  }

  private func write(_ source: UnsafeRawPointer?, _ count: sf_count_t) -> sf_count_t {
    if count <= 0 { return 0 }
    // After an error nothing more is written: the file is lost anyhow.
    if reason == 0 {
      do throws(SystemError) {
        try writeAll(UnsafeRawBufferPointer(start: source, count: Int(count)), to: descriptor)
      } catch {
        keep(error.number)
      }
    }
    return reason == 0 ? count : 0
  }

  private func keep(_ error: Int32) {
    if reason == 0 { reason = error }
  }
}
