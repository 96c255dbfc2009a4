import Glibc

/// The address space that a limit leaves to the process (`ulimit -v`, RLIMIT_AS).
///
/// Most of the language's own memory cannot be refused: where there is none left the process ends. So a limit that leaves
/// too little is told before it is met.
enum AddressSpace {
  /// What an engine takes beside its weights, in bytes: caches, rows, stacks of threads and what they allocate.
  private static let margin = 64 << 20

  /// Throws `UniMoEError` of kind `system` if the limit leaves too little for an engine that copies weights of so many
  /// bytes in the files: widened, and laid out anew for the kernels.
  static func check(copied bytes: Int) throws(UniMoEError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max,
      let used
    else { return }
    let needed = used + margin + 4 * bytes
    guard Int(clamping: limit.rlim_cur) < needed else { return }
    func mebibytes(_ bytes: Int) -> Int { (bytes + 1 << 20 - 1) >> 20 }
    throw UniMoEError(
      .system, "memory", expected: "at least \(mebibytes(needed)) MiB of address space",
      found: "a limit of \(Int(clamping: limit.rlim_cur) >> 20) MiB (ulimit -v)")
  }

  /// Bytes of address space in use; `nil` where `/proc` does not tell.
  private static var used: Int? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &bytes, bytes.count)
    let pages = String(decoding: bytes[..<max(0, count)], as: UTF8.self).prefix { $0 != " " }
    return Int(pages).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
  }
}
