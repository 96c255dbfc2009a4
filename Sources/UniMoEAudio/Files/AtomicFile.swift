import Glibc
import Posix

/// A file that appears under its name only when it is whole: written under a temporary name in the same directory,
/// then renamed. Whoever drops it before `commit` leaves nothing behind.
///
/// Thread: one at a time.
public final class AtomicFile {
  /// The path as the caller gave it, for errors.
  public let path: String
  /// Where the bytes go until `commit`; seekable.
  private(set) var descriptor: Int32
  private let target: String
  private let directory: String
  private let temporary: String

  /// Creates the temporary file.
  ///
  /// Throws `UniMoEError` of kind `system` if the directory is missing or closed to writers, and if the path names
  /// something that is not a regular file, such as a directory or a device.
  public init(path: String) throws(UniMoEError) {
    self.path = path
    let target = try Self.resolve(path)
    let directory = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
    if target.hasSuffix("/") || target.isEmpty {
      throw UniMoEError(.system, path, expected: "a file name", found: target.isEmpty ? "none" : "a directory")
    }
    var (opened, name) = (Int32(-1), "")
    for _ in 0..<16 where opened < 0 {
      name = "\(directory).unimoe-audio-\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
      opened = openFile(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o666)
      if opened < 0 && errno != EEXIST { break }
    }
    if opened < 0 { throw UniMoEError(.system, path, "cannot be created: \(systemReason())") }
    descriptor = opened
    temporary = name
    self.target = target
    self.directory = directory
  }

  deinit { discard() }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(UniMoEError) {
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor)
    } catch {
      throw UniMoEError(.system, path, "cannot be written: \(error)")
    }
  }

  /// Appends text.
  func write(_ text: String) throws(UniMoEError) {
    try text.withUTF8Bytes { (bytes) throws(UniMoEError) in try write(bytes) }
  }

  /// Puts the file under its name, safely on the disk, in place of a file that was there before; unless `replacing`,
  /// it throws if there is one.
  ///
  /// Throws if the disk refuses; then nothing changes under the name, and the temporary file is gone.
  public func commit(replacing: Bool = true) throws(UniMoEError) {
    precondition(descriptor >= 0, "a file is committed once")
    // Some file systems know no synchronisation and say EINVAL; there is nothing more to be done there.
    if fsync(descriptor) != 0 && errno != EINVAL { throw failure("cannot be written") }
    let closed = close(descriptor)
    descriptor = -1
    if closed != 0 { throw failure("cannot be written") }
    if !replacing {
      // A second link fails where a name is taken, even if it was taken this moment.
      if link(temporary, target) == 0 {
        unlink(temporary)
        return flushDirectory()
      }
      // Some file systems have no links; there the name is only looked at.
      if (errno != EPERM && errno != EOPNOTSUPP) || fileExists(target) { throw failure("cannot be put in place") }
    }
    if rename(temporary, target) != 0 { throw failure("cannot be put in place") }
    flushDirectory()
  }

  private func flushDirectory() {
    let folder = openFile(directory, O_RDONLY | O_DIRECTORY)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Removes what was written. After `commit` and the second time it does nothing.
  public func discard() {
    if descriptor < 0 { return }
    close(descriptor)
    descriptor = -1
    unlink(temporary)
  }

  private func failure(_ what: String) -> UniMoEError {
    let error = UniMoEError(.system, path, "\(what): \(systemReason())")
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unlink(temporary)
    return error
  }

  /// The path to rename to: a link's target is replaced, not the link.
  private static func resolve(_ path: String) throws(UniMoEError) -> String {
    var status = stat()
    if stat(path, &status) != 0 { return path }
    if status.st_mode & S_IFMT != S_IFREG {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device"
      throw UniMoEError(.system, path, expected: "a new or regular file", found: found)
    }
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
