import Glibc

/// Opens a file as `open` does, but never as standard input, output or error: in a process where those are closed, whoever
/// writes to one of them would write into the file.
package func openFile(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
  // The lowest free numbers are given first: what is in their place meanwhile takes no bytes.
  var placeholders: [Int32] = []
  var next = open("/dev/null", O_RDONLY | O_CLOEXEC)
  while (0...2).contains(next) {
    placeholders.append(next)
    next = open("/dev/null", O_RDONLY | O_CLOEXEC)
  }
  if next > 2 { close(next) }
  let descriptor = open(path, flags | O_CLOEXEC, mode)
  let reason = errno
  for placeholder in placeholders { close(placeholder) }
  errno = reason
  return descriptor
}
