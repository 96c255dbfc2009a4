import Glibc
import Posix

/// A file that appears under its name only when it is whole: written under a temporary name in the same directory,
/// then renamed. Whoever drops it before `commit` leaves nothing behind. A file that it takes the place of passes on its
/// owner and permissions.
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
  /// Throws `UniMoEError` of kind `system` if the directory is missing or closed to writers, if the path names something
  /// that is not a regular file, such as a directory or a device, and if there is such a file that may not be written to.
  public convenience init(path: String) throws(UniMoEError) {
    let target = try Self.resolve(path)
    if target.hasSuffix("/") || target.isEmpty {
      throw UniMoEError(.system, path, expected: "a file name", found: target.isEmpty ? "none" : "a directory")
    }
    var old = stat()
    let isReplacing = stat(target, &old) == 0
    // A rename asks only whether the directory may be changed.
    if isReplacing && access(target, W_OK) != 0 {
      throw UniMoEError(.system, path, "cannot be replaced: \(systemReason())")
    }
    try self.init(path: path, target: target, replacing: isReplacing ? old : nil)
  }

  /// Creates the temporary file of a new file in a directory, to be committed under the first free of some names;
  /// `name` is for errors.
  public convenience init(newIn directory: String, name: String) throws(UniMoEError) {
    try self.init(path: name, target: "\(directory)/\(name)", replacing: nil)
  }

  private init(path: String, target: String, replacing old: stat?) throws(UniMoEError) {
    let directory = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
    var (opened, name) = (Int32(-1), "")
    for _ in 0..<16 where opened < 0 {
      name = "\(directory).unimoe-audio-\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
      opened = openFile(name, O_RDWR | O_CREAT | O_EXCL, mode: old == nil ? 0o666 : 0o600)
      if opened < 0 && errno != EEXIST { break }
    }
    if opened < 0 { throw UniMoEError(.system, path, "cannot be created: \(systemReason())") }
    if let old { Self.passOn(old, to: opened) }
    self.path = path
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

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(UniMoEError) {
    try bytes.withBytes { (bytes) throws(UniMoEError) in try write(bytes) }
  }

  /// Appends text.
  package func write(_ text: String) throws(UniMoEError) {
    try text.withUTF8Bytes { (bytes) throws(UniMoEError) in try write(bytes) }
  }

  /// Puts the file under its name, safely on the disk, in place of a file that was there before; unless `replacing`,
  /// it throws if there is one.
  ///
  /// Throws if the disk refuses; then nothing changes under the name, and the temporary file is gone.
  public func commit(replacing: Bool = true) throws(UniMoEError) {
    try close()
    let isDone = replacing ? rename(temporary, target) == 0 : Self.renameWithoutReplacing(temporary, target)
    guard isDone else { throw failure("cannot be put in place") }
    flushDirectory()
  }

  /// Puts the file under the first of some names in its directory that nothing has, and returns that name. A name that
  /// somebody else takes at the same moment is not taken from them.
  ///
  /// Throws as `commit(replacing:)` does, and if every name is taken.
  public func commit(underFirstFree names: some Sequence<String>) throws(UniMoEError) -> String {
    try close()
    errno = EEXIST
    for name in names {
      if Self.renameWithoutReplacing(temporary, directory + name) {
        flushDirectory()
        return name
      }
      if errno != EEXIST { break }
    }
    throw failure("cannot be put in place")
  }

  /// Writes what the system still holds.
  private func close() throws(UniMoEError) {
    precondition(descriptor >= 0, "a file is committed once")
    // Some file systems know no synchronisation and say EINVAL; there is nothing more to be done there.
    if fsync(descriptor) != 0 && errno != EINVAL { throw failure("cannot be written") }
    let closed = Glibc.close(descriptor)
    descriptor = -1
    if closed != 0 { throw failure("cannot be written") }
  }

  /// Renames a file unless the new name is taken, even if it was taken this moment; false sets `errno`.
  private static func renameWithoutReplacing(_ old: String, _ new: String) -> Bool {
    // A second link fails where a name is taken.
    if link(old, new) == 0 {
      unlink(old)
      return true
    }
    if errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS { return false }
    // Some file systems have no links; there an empty file takes the name first.
    let claim = openFile(new, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
    if claim < 0 { return false }
    Glibc.close(claim)
    if rename(old, new) == 0 { return true }
    let reason = errno
    unlink(new)
    errno = reason
    return false
  }

  /// Gives a file the owner and permissions of another, as far as the system allows it.
  private static func passOn(_ status: stat, to descriptor: Int32) {
    // Another owner may be refused; then the permissions of a group that is not the old one go to nobody.
    let isOwned = fchown(descriptor, status.st_uid, status.st_gid) == 0
    let mode = status.st_mode & 0o777
    fchmod(descriptor, isOwned ? mode : mode & ~0o070)
  }

  private func flushDirectory() {
    let folder = openFile(directory, O_RDONLY | O_DIRECTORY)
    if folder >= 0 {
      fsync(folder)
      Glibc.close(folder)
    }
  }

  /// Removes what was written. After `commit` and the second time it does nothing.
  public func discard() {
    if descriptor < 0 { return }
    Glibc.close(descriptor)
    descriptor = -1
    unlink(temporary)
  }

  private func failure(_ what: String) -> UniMoEError {
    let error = UniMoEError(.system, path, "\(what): \(systemReason())")
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
    unlink(temporary)
    return error
  }

  /// The path to rename to: a link's target is replaced or made, not the link.
  private static func resolve(_ path: String) throws(UniMoEError) -> String {
    var status = stat()
    if stat(path, &status) != 0 {
      do throws(SystemError) {
        return try linkTarget(path)
      } catch {
        throw UniMoEError(.system, path, "cannot be created: \(error)")
      }
    }
    if status.st_mode & S_IFMT != S_IFREG {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device"
      throw UniMoEError(.system, path, expected: "a new or regular file", found: found)
    }
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
