import ControlProtocol
import DaemonConfiguration
import Glibc

extension ControlSocket {
  /// The socket that a service manager handed over, else one at the path of the settings, else at the usual one.
  static func open(
    _ configuration: Configuration, _ manager: ServiceManager, _ admission: Admission, _ environment: [String: String]
  ) throws(DaemonFailure) -> ControlSocket {
    if let descriptor = manager.sockets.first {
      guard manager.sockets.count == 1 else {
        throw DaemonFailure(.configuration, "sockets: expected one to be handed over, found \(manager.sockets.count)")
      }
      return try ControlSocket(handedOver: descriptor)
    }
    let usual = SocketPath.forDaemon(environment: environment, user: geteuid())
    guard let path = configuration.optionalText(.controlSocket) ?? usual else {
      throw DaemonFailure(
        .configuration, "control.socket: expected a path, as there is neither XDG_RUNTIME_DIR nor RUNTIME_DIRECTORY")
    }
    return try ControlSocket(path: path, group: admission.group)
  }
}
