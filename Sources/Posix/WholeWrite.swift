import Glibc

/// Writes all bytes to a descriptor: goes on after a signal and after a part, and waits where a descriptor that does not
/// block takes nothing now. Throws what the system said, EAGAIN if a descriptor takes nothing until the
/// deadline; a part of the bytes may have been written then.
///
/// Thread: any that may wait for the reader.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, until deadline: Duration? = nil)
  throws(SystemError)
{
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if count == 0 {
      throw SystemError(number: EIO)
    } else if errno == EAGAIN {
      var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let patience = deadline.map { ($0 - MonotonicClock.now).pollMilliseconds } ?? -1
      if poll(&state, 1, patience) == 0 { throw SystemError(number: EAGAIN) }
    } else if errno != EINTR {
      throw .last
    }
  }
}

/// Writes the bytes of all values as they lie in memory; see the other one.
package func writeAll<Value: BitwiseCopyable>(
  _ values: [Value], to descriptor: Int32, until deadline: Duration? = nil
) throws(SystemError) {
  try values.withUnsafeBytes { bytes in
    Result { () throws(SystemError) in try writeAll(bytes, to: descriptor, until: deadline) }
  }.get()
}
