import Glibc

/// A file that appears under its name only when it is whole: written under a temporary name in the same directory,
/// flushed to the disk, then renamed. Without `commit` nothing is left.
///
/// Thread: one at a time.
final class AtomicFile {
  /// The final path.
  let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Creates the temporary file, with the permissions of any new file.
  ///
  /// Throws `UniMoEError` of kind `system` if the directory cannot be written to.
  init(path: String) throws(UniMoEError) {
    self.path = path
    var candidate = ""
    var descriptor: Int32 = -1
    for attempt in 0..<1000 {
      candidate = "\(path).\(getpid()).\(attempt).part"
      descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 || errno != EEXIST { break }
    }
    if descriptor < 0 { throw UniMoEError(.system, path, "cannot be created: \(systemReason())") }
    temporaryPath = candidate
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporaryPath) }
  }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(UniMoEError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw UniMoEError(.system, path, "cannot be written: \(systemReason())")
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Appends text.
  func write(_ text: String) throws(UniMoEError) {
    try text.withUTF8Bytes { (bytes) throws(UniMoEError) in try write(bytes) }
  }

  /// Makes the file appear under its name, replacing one that is there.
  func commit() throws(UniMoEError) {
    if fsync(descriptor) != 0 { throw UniMoEError(.system, path, "cannot be written: \(systemReason())") }
    if rename(temporaryPath, path) != 0 { throw UniMoEError(.system, path, "cannot be created: \(systemReason())") }
    isCommitted = true
  }
}
