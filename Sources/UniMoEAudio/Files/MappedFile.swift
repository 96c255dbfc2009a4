import Glibc

/// A file in memory, read-only and private: pages are read when they are first touched.
///
/// Thread: any. The mapping ends with the last reference. A file that somebody shortens while it is mapped ends the
/// process (SIGBUS) on the next touch, so model files are to be replaced by renaming, never rewritten in place.
final class MappedFile: @unchecked Sendable {
  /// The path as the caller gave it.
  let path: String
  /// The whole file; valid as long as this object lives.
  let bytes: UnsafeRawBufferPointer

  /// Maps a regular file.
  ///
  /// Throws `UniMoEError` of kind `model` if the file is missing, unreadable or not a regular file.
  init(path: String) throws(UniMoEError) {
    self.path = path
    // Non-blocking, so that a FIFO or device in place of a file is refused instead of waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw UniMoEError(.model, path, "cannot be opened: \(systemReason())") }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw UniMoEError(.model, path, "cannot be examined: \(systemReason())") }
    if status.st_mode & S_IFMT != S_IFREG {
      throw UniMoEError(.model, path, expected: "a regular file", found: "something else")
    }
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    if address == MAP_FAILED { throw UniMoEError(.system, path, "cannot be mapped: \(systemReason())") }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
