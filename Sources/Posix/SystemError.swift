import Glibc

/// What the operating system said about a call that failed.
package struct SystemError: Error, CustomStringConvertible {
  /// The error's number: `errno`.
  package let number: Int32

  /// Takes an error's number.
  package init(number: Int32) { self.number = number }

  /// The error of the calling thread's last call that failed.
  package static var last: SystemError { SystemError(number: errno) }

  /// The system's words for it.
  package var description: String { String(cString: strerror(number)) }
}
