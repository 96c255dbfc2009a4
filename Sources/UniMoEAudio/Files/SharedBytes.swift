import Glibc
import Posix

/// Bytes that are only read, together with what keeps them in memory: a mapped file, or memory of their own.
///
/// Whoever has the value or a slice of it has the bytes; their address is known only inside `withBytes`. Thread: any.
package struct SharedBytes: @unchecked Sendable {
  private let memory: UnsafeRawBufferPointer
  private let owner: any AnyObject & Sendable

  /// Wraps memory that stays as it is for as long as `owner` lives.
  init(memory: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
    self.memory = memory
    self.owner = owner
  }

  /// Maps a regular file. Pages are read when they are first touched; the mapping ends with the last slice.
  ///
  /// A file that somebody shortens while it is mapped ends the process (SIGBUS) on the next touch, so model files are to
  /// be replaced by renaming, never rewritten in place. Throws `UniMoEError` of kind `model` if the file is missing,
  /// unreadable, not a regular file, or a Git LFS pointer.
  package init(mapping path: String) throws(UniMoEError) {
    let mapping = try FileMapping(path: path)
    self.init(memory: mapping.memory, owner: mapping)
  }

  /// Copies bytes into memory of their own.
  init(copying bytes: some Collection<UInt8>) {
    let copy = OwnMemory(bytes)
    self.init(memory: UnsafeRawBufferPointer(copy.memory), owner: copy)
  }

  /// How many bytes there are.
  var count: Int { memory.count }
  /// Whether the bytes are a file's, not copied.
  var isMapped: Bool { owner is FileMapping }

  /// Some of the bytes, not copied.
  ///
  /// - Precondition: the range lies in `0..<count`.
  func slice(_ range: Range<Int>) -> SharedBytes {
    SharedBytes(memory: UnsafeRawBufferPointer(rebasing: memory[range]), owner: owner)
  }

  /// Calls `body` with the bytes; their address means nothing afterwards.
  package func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    // Typed errors do not pass through withExtendedLifetime's rethrows.
    defer { withExtendedLifetime(owner) {} }
    return try body(memory)
  }
}

/// A file in memory, read-only and private.
private final class FileMapping: @unchecked Sendable {
  let memory: UnsafeRawBufferPointer

  init(path: String) throws(UniMoEError) {
    // Non-blocking, so that a FIFO or device in place of a file is refused instead of waited for.
    let descriptor = openFile(path, O_RDONLY | O_NONBLOCK)
    if descriptor < 0 { throw UniMoEError(.model, path, "cannot be opened: \(systemReason())") }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw UniMoEError(.model, path, "cannot be examined: \(systemReason())") }
    if status.st_mode & S_IFMT != S_IFREG {
      throw UniMoEError(.model, path, expected: "a regular file", found: "something else")
    }
    let count = Int(status.st_size)
    if count == 0 {
      memory = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    if address == MAP_FAILED { throw UniMoEError(.system, path, "cannot be mapped: \(systemReason())") }
    memory = UnsafeRawBufferPointer(start: address, count: count)
    if isLFSPointer {
      throw UniMoEError(
        .model, path, "this is a Git LFS pointer, not the file itself: fetch it with git lfs pull, or download it")
    }
  }

  /// Whether this is what Git has in the place of a file that Git LFS keeps elsewhere.
  private var isLFSPointer: Bool {
    memory.count <= 1024 && memory.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }

  deinit {
    if let address = memory.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), memory.count) }
  }
}

/// Bytes that are no part of a file, aligned for vectors.
private final class OwnMemory: @unchecked Sendable {
  /// Written before the object is shared, only read afterwards.
  let memory: UnsafeMutableRawBufferPointer

  init(_ bytes: some Collection<UInt8>) {
    memory = .allocate(byteCount: bytes.count, alignment: 64)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }
}
