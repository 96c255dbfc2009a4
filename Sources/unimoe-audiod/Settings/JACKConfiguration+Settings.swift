import DaemonConfiguration
import JACKClient

extension JACKConfiguration {
  /// How the daemon appears in JACK's graph. Throws for settings that cannot be.
  init(_ configuration: Configuration, _ ports: PortNames) throws(DaemonFailure) {
    var rules: [ConnectionRule] = []
    for text in configuration.list(.jackConnections) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DaemonFailure(
          .configuration,
          "\(configuration[.jackConnections].origin): jack.connections: expected PORT=PATTERN, found \"\(text)\"")
      }
      rules.append(ConnectionRule(port: String(parts[0]), pattern: String(parts[1])))
    }
    self.init(
      clientName: configuration.text(.jackClientName), serverName: configuration.optionalText(.jackServerName),
      ports: ports.names.indices.map { index in
        Port(name: ports.names[index], prettyName: ports.prettyNames[index], ducks: ports.isSpeech(index))
      },
      connections: rules, playbackLimit: 256)
    do throws(JACKClientError) {
      try JACKClient.check(self)
    } catch {
      throw DaemonFailure(.configuration, error.description)
    }
  }
}
