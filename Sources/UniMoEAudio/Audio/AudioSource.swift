import Csndfile
import Glibc
import Posix

/// Bytes of an audio file for libsndfile: an open file, or memory.
///
/// Thread: one at a time.
final class AudioSource {
  private enum Storage {
    case file(Int32)
    case memory(UnsafeRawBufferPointer)
  }

  /// How many bytes there are; fixed when the source is opened.
  let count: Int
  private let storage: Storage
  private var position = 0
  /// Bytes that are read in the place of those that are there.
  private var correction: (offset: Int, bytes: [UInt8]) = (0, [])

  /// Opens a regular file.
  ///
  /// Throws `UniMoEError` of kind `audio` if the file is missing, unreadable or not a regular file.
  init(path: String) throws(UniMoEError) {
    // Non-blocking, so that a FIFO in place of a file is refused instead of waited for.
    let descriptor = openFile(path, O_RDONLY | O_NONBLOCK)
    if descriptor < 0 { throw UniMoEError(.audio, path, "cannot be opened: \(systemReason())") }
    var status = stat()
    if fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
      close(descriptor)
      throw UniMoEError(.audio, path, expected: "a regular file", found: "something else")
    }
    count = Int(status.st_size)
    storage = .file(descriptor)
  }

  /// Reads from memory, which must stay valid as long as the source lives.
  init(bytes: UnsafeRawBufferPointer) {
    count = bytes.count
    storage = .memory(bytes)
  }

  deinit {
    if case .file(let descriptor) = storage { close(descriptor) }
  }

  /// Has bytes read in the place of those at an offset: a length that the header does not know.
  func correct(at offset: Int, _ bytes: [UInt8]) { correction = (offset, bytes) }

  /// Copies up to `buffer.count` bytes from `offset`; returns how many there were.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = readStored(at: offset, into: buffer)
    for (index, byte) in correction.bytes.enumerated() {
      let place = correction.offset + index - offset
      if (0..<count).contains(place) { buffer[place] = byte }
    }
    return count
  }

  private func readStored(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard (0..<count).contains(offset) else { return 0 }
    let wanted = min(buffer.count, count - offset)
    switch storage {
    case .memory(let bytes):
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + wanted]))
      return wanted
    case .file(let descriptor):
      var done = 0
      while done < wanted {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + done }, wanted - done, off_t(offset + done))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        done += got
      }
      return done
    }
  }

  /// The bytes of a range, fewer at the end of the file.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// libsndfile's way to the bytes; its `user_data` is the source, unretained.
  static var virtualIO: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { user in sf_count_t(AudioSource.from(user)?.count ?? 0) },
      seek: { offset, origin, user in AudioSource.from(user)?.seek(offset, origin) ?? -1 },
      read: { destination, count, user in
        guard let source = AudioSource.from(user), count > 0 else { return 0 }
        let buffer = UnsafeMutableRawBufferPointer(start: destination, count: Int(count))
        let done = source.read(at: source.position, into: buffer)
        source.position += done
        return sf_count_t(done)
      },
      write: { _, _, _ in 0 },
      tell: { user in sf_count_t(AudioSource.from(user)?.position ?? 0) })
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> AudioSource? {
    user.map { Unmanaged<AudioSource>.fromOpaque($0).takeUnretainedValue() }
  }

  private func seek(_ offset: sf_count_t, _ origin: Int32) -> sf_count_t {
    let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? position : count
    let (target, overflow) = base.addingReportingOverflow(Int(offset))
    // Past the end is allowed, as in files: reads give nothing there.
    if overflow || target < 0 { return -1 }
    position = target
    return sf_count_t(target)
  }
}
