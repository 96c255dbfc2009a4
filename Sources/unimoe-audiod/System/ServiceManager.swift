import ControlProtocol
import Glibc

/// The protocols of a service manager, which are datagrams and variables: notifications, watchdog, sockets handed over.
struct ServiceManager {
  /// The first descriptor that a manager hands over.
  private static let firstDescriptor: Int32 = 3

  private let notifySocket: String?
  /// How often the watchdog wants to hear from the daemon; nil if it does not.
  let watchdogInterval: Duration?
  /// Listening sockets that were handed over.
  let sockets: [Int32]

  init(environment: [String: String]) {
    let path = environment["NOTIFY_SOCKET"] ?? ""
    notifySocket = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
    watchdogInterval = Self.watchdogInterval(environment, process: getpid())
    sockets = Self.descriptors(environment, process: getpid())
    for descriptor in sockets { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// Half of the time that the manager allows; nil if it watches no one, or somebody else.
  static func watchdogInterval(_ environment: [String: String], process: Int32) -> Duration? {
    guard let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init), (1...1 << 50).contains(microseconds)
    else { return nil }
    if let watched = environment["WATCHDOG_PID"], Int32(watched) != process { return nil }
    return .microseconds(microseconds) / 2
  }

  /// The descriptors that were handed over to this process.
  static func descriptors(_ environment: [String: String], process: Int32) -> [Int32] {
    guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process,
      let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...64).contains(count)
    else { return [] }
    return (0..<count).map { firstDescriptor + $0 }
  }

  /// Tells the manager something: lines of `NAME=VALUE`. Does nothing without a manager; never waits.
  func notify(_ lines: String...) {
    guard let notifySocket else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Self.closeOnExec, 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let text = Array(lines.joined(separator: "\n").utf8)
    _ = Self.withAddress(notifySocket) { address, length in
      sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), address, length)
    }
  }

  private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

  /// A path, or with `@` in front a name in the abstract name space.
  private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int) -> Int? {
    guard path.hasPrefix("@") else { return SocketPath.withAddress(path, body) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8.dropFirst())
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard name.count < room else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) {
      UnsafeMutableRawBufferPointer(rebasing: $0[1...]).copyBytes(from: name)
    }
    let length = MemoryLayout<sockaddr_un>.size - room + 1 + name.count
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }
}
