import Glibc

/// Where the control socket is, and how to reach it.
public enum SocketPath {
  /// The path for a daemon: in the folder that systemd made for it, else in the user's run-time directory, else for
  /// root in `/run`. Nil if there is none of them.
  public static func forDaemon(environment: [String: String], user: UInt32) -> String? {
    if let folder = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first, folder.hasPrefix("/") {
      return "\(folder)/control"
    }
    if let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") { return folder + "/unimoe-audio/control" }
    return user == 0 ? system : nil
  }

  /// The path for a client: the one that is named, else `UNIMOE_AUDIO_SOCKET`, else the user's daemon if its socket is
  /// there, else the machine's.
  public static func forClient(named: String?, environment: [String: String]) -> String {
    if let named { return named }
    if let named = environment["UNIMOE_AUDIO_SOCKET"], !named.isEmpty { return named }
    guard let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") else { return system }
    let user = folder + "/unimoe-audio/control"
    return access(user, F_OK) == 0 || access(system, F_OK) != 0 ? user : system
  }

  /// The socket of the machine's daemon.
  public static let system = "/run/unimoe-audio/control"

  /// Calls `body` with the address of a path; returns nil if the path is too long for one.
  public static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
