import DaemonConfiguration
import Glibc

/// Who is at the other end of a connection, as the kernel says.
struct Peer: Equatable {
  var process: Int32
  var user: UInt32
  /// The groups that the peer was in when it connected.
  var groups: Set<UInt32>

  /// Asks the kernel; nil if it does not tell.
  init?(descriptor: Int32) {
    var credentials: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
    var length = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
    (process, user) = (credentials.process, credentials.user)
    groups = [credentials.group]
    var list = [UInt32](repeating: 0, count: 1024)
    length = socklen_t(list.count * MemoryLayout<UInt32>.size)
    if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &list, &length) == 0 {
      groups.formUnion(list[..<(Int(length) / MemoryLayout<UInt32>.size)])
    }
  }
}

/// Who may connect.
struct Admission {
  /// The users' numbers; root and the daemon's own user are always among them.
  var users: Set<UInt32>
  /// The group's number.
  var group: UInt32?

  /// Whom the settings name.
  init(_ configuration: Configuration) throws(DaemonFailure) {
    try self.init(users: configuration.list(.controlUsers), group: configuration.optionalText(.controlGroup))
  }

  /// Looks names up. Throws for one that nobody has.
  init(users names: [String], group: String?, own: UInt32 = geteuid()) throws(DaemonFailure) {
    users = [0, own]
    for name in names {
      guard let number = UInt32(name) ?? getpwnam(name)?.pointee.pw_uid else {
        throw DaemonFailure(.configuration, "control.users: expected a user's name or number, found \"\(name)\"")
      }
      users.insert(number)
    }
    guard let group else { return }
    guard let number = UInt32(group) ?? getgrnam(group)?.pointee.gr_gid else {
      throw DaemonFailure(.configuration, "control.group: expected a group's name or number, found \"\(group)\"")
    }
    self.group = number
  }

  /// Whether a peer may connect.
  func admits(_ peer: Peer) -> Bool { users.contains(peer.user) || group.map(peer.groups.contains) ?? false }
}
