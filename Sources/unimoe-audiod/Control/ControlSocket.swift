import ControlProtocol
import Glibc

/// The listening socket: made here, private from its first moment, or handed over by a service manager.
final class ControlSocket {
  /// To be polled for reading.
  let descriptor: Int32
  /// The path, for the log; nil if it was handed over.
  let path: String?
  private let lock: Int32
  private var identity: (device: dev_t, file: ino_t)?

  /// Takes over a listening socket. Throws if it is none of ours.
  init(handedOver descriptor: Int32) throws(DaemonFailure) {
    self.descriptor = descriptor
    path = nil
    lock = -1
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard status == 0, Self.option(SO_TYPE, descriptor) == Int32(SOCK_STREAM.rawValue),
      Self.option(SO_ACCEPTCONN, descriptor) == 1, address.sun_family == sa_family_t(AF_UNIX)
    else {
      throw DaemonFailure(.system, "socket: expected a listening Unix stream socket as descriptor \(descriptor)")
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  /// Makes the socket at a path, for its owner alone or for a group too. A dead daemon's is replaced, a living one's is
  /// an error. Leaves no file behind if it throws.
  init(path: String, group: UInt32?) throws(DaemonFailure) {
    try Self.createFolder(of: path, group: group)
    lock = try Self.lock(Self.lockPath(path))
    self.path = path
    do throws(DaemonFailure) {
      try Self.removeStale(path)
      descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
      guard descriptor >= 0 else { throw .system("socket") }
    } catch {
      Self.unlock(path, lock)
      throw error
    }
    // The socket listens before it has its name, so that whoever sees it can connect; unless the folder's own name is too
    // long for another one in it.
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    let short = "\(folder).\(getpid())"
    let unnamed = SocketPath.withAddress(short) { _, _ in short } ?? path
    do throws(DaemonFailure) {
      identity = try Self.bind(descriptor, to: unnamed, named: path)
      if let group, chown(unnamed, .max, group) != 0 || chmod(unnamed, 0o660) != 0 {
        throw .system("\(path): group")
      }
      guard listen(descriptor, SOMAXCONN) == 0 else { throw .system("\(path): listen") }
      guard unnamed == path || rename(unnamed, path) == 0 else { throw .system(path) }
    } catch {
      unlink(unnamed)
      shut()
      throw error
    }
  }

  /// Takes the clients that wait at a listening socket, tells each why it is not served, and lets it go.
  static func refuseWaiting(at descriptor: Int32, _ failure: ControlFailure) {
    guard let message = try? ServerMessage.error(id: nil, command: nil, failure).message() else { return }
    let bytes = ControlFrame.bytes(message)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    // As many as can wait; others that come meanwhile are for the next start.
    for _ in 0..<Int(SOMAXCONN) {
      let client = Glibc.accept(descriptor, nil, nil)
      guard client >= 0 else { return }
      _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      // What it said is read, since a client whose words are thrown away may lose the answer too.
      shutdown(client, Int32(SHUT_WR))
      var said = [UInt8](repeating: 0, count: 65536)
      while recv(client, &said, said.count, Int32(MSG_DONTWAIT)) > 0 {}
      close(client)
    }
  }

  /// Closes the socket and removes it, if the one at the path is still this one. One that was handed over stays as it is:
  /// who waits there is for the next start, or is told by the program's end why there is none.
  func shut() {
    if path == nil { return }
    if let path, let identity {
      var status = stat()
      if lstat(path, &status) == 0, (status.st_dev, status.st_ino) == identity { unlink(path) }
    }
    identity = nil
    close(descriptor)
    if let path { Self.unlock(path, lock) }
  }

  /// The next connection's descriptor, not blocking; nil if none waits, an error number if one cannot be taken.
  func accept() -> Result<Int32, AcceptFailure>? {
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else {
      switch errno {
      case EAGAIN, EINTR, ECONNABORTED: return nil
      default: return .failure(AcceptFailure(text: String(cString: strerror(errno))))
      }
    }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    _ = fcntl(connection, F_SETFL, O_NONBLOCK)
    return .success(connection)
  }

  /// Why a connection cannot be taken: too many descriptors, no memory.
  struct AcceptFailure: Error { var text: String }

  private static func option(_ name: Int32, _ descriptor: Int32) -> Int32 {
    var (value, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : -1
  }

  /// Creates the last folder of the path if it is missing; nobody else's folder is used.
  private static func createFolder(of path: String, group: UInt32?) throws(DaemonFailure) {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else {
      throw DaemonFailure(.configuration, "control.socket: expected an absolute path, found \"\(path)\"")
    }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    if mkdir(folder, 0o700) == 0 {
      if let group, chown(folder, .max, group) != 0 || chmod(folder, 0o750) != 0 { throw .system("\(folder): group") }
    } else if errno != EEXIST {
      throw .system(folder)
    }
    var status = stat()
    guard stat(folder, &status) == 0 else { throw .system(folder) }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw DaemonFailure(
        .system, "\(folder): expected a folder of user \(geteuid()) or root, found user \(status.st_uid)'s")
    }
  }

  private static func lockPath(_ path: String) -> String { path + ".lock" }

  /// Takes the lock that one daemon at a time has.
  private static func lock(_ path: String) throws(DaemonFailure) -> Int32 {
    while true {
      let lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard lock >= 0 else { throw .system(path) }
      guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
        close(lock)
        throw DaemonFailure(.unavailable, "\(path.dropLast(5)): another daemon serves this socket")
      }
      // The one before may have removed the file after it was opened here: then it locks nobody out.
      var (own, present) = (stat(), stat())
      if fstat(lock, &own) == 0, stat(path, &present) == 0, own.st_ino == present.st_ino, own.st_dev == present.st_dev {
        return lock
      }
      close(lock)
    }
  }

  /// Removes the lock's file and gives it up.
  private static func unlock(_ path: String, _ lock: Int32) {
    unlink(lockPath(path))
    close(lock)
  }

  /// Binds a socket to a path, private from its first moment; returns what tells its file from others.
  private static func bind(
    _ descriptor: Int32, to unnamed: String, named path: String
  ) throws(DaemonFailure) -> (device: dev_t, file: ino_t)? {
    guard SocketPath.withAddress(path, { _, _ in true }) != nil else { throw tooLong(path) }
    unlink(unnamed)
    // Nobody else can connect between bind and the change of group. On Linux a bound file takes over its socket's mode;
    // the umask is the whole process's, whose other threads may be making files.
    guard fchmod(descriptor, 0o600) == 0 else { throw .system(path) }
    guard let bound = SocketPath.withAddress(unnamed, { Glibc.bind(descriptor, $0, $1) }) else { throw tooLong(path) }
    guard bound == 0 else { throw .system(path) }
    var status = stat()
    return stat(unnamed, &status) == 0 ? (status.st_dev, status.st_ino) : nil
  }

  private static func tooLong(_ path: String) -> DaemonFailure {
    DaemonFailure(.configuration, "control.socket: expected a path of at most 107 bytes, found \(path)")
  }

  /// Removes the socket of a daemon that is gone.
  private static func removeStale(_ path: String) throws(DaemonFailure) {
    var status = stat()
    if lstat(path, &status) != 0 { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw DaemonFailure(.system, "\(path): expected nothing or a socket, found something else")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw .system("socket") }
    defer { close(probe) }
    let connected = SocketPath.withAddress(path) { connect(probe, $0, $1) }
    guard connected == nil || connected != 0 && errno == ECONNREFUSED else {
      throw DaemonFailure(.unavailable, "\(path): another program serves this socket")
    }
    guard unlink(path) == 0 else { throw .system(path) }
  }
}
