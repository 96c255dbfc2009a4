import Glibc

/// An open file descriptor that bytes are written to; it belongs to the caller and is never closed here.
struct OutputDescriptor {
  /// The descriptor.
  let value: Int32

  /// Writes all bytes, waiting where the reader is slow; 0 or the error number.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(value, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 {
        return EIO
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: value, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
