import AudioRing
import Cjack
import Posix

/// Remembers what the client's ports are connected to, makes the connections anew after a lost server, and makes the
/// configured ones as their ports appear. Supervisor thread only.
struct ConnectionKeeper {
  /// A server that ends in order takes the connections apart before it says goodbye. So a connection counts as undone
  /// only after the server went on living for this long.
  private static let patience = Duration.milliseconds(500)

  private struct Link: Hashable {
    var ownPort: Int
    var other: String
  }

  private let rules: [JACKConfiguration.ConnectionRule]
  private let portNames: [String]
  /// What has to be there after a return, as of `patience` ago.
  private var kept: Set<Link> = []
  /// What is there now, since `changedAt`.
  private var current: Set<Link> = []
  private var changedAt: Duration = .zero
  /// Kept connections whose other port is not there yet.
  private var pending: Set<Link> = []
  /// Configured connections that were made to a port since it appeared; not made again if somebody undoes them.
  private var ruled: Set<Link> = []
  private var seenChanges = -1
  private var triedAt: Duration = .zero

  init(_ configuration: JACKConfiguration) {
    rules = configuration.connections
    portNames = configuration.ports.map(\.name)
  }

  /// The client is in a new graph: everything kept is due again.
  mutating func begin() {
    current = []
    pending = kept
    ruled = []
    seenChanges = -1
  }

  /// The server is gone: what changed shortly before is not trusted.
  mutating func end() {
    if MonotonicClock.now - changedAt >= Self.patience { kept = current.union(pending) }
  }

  /// When the graph is to be looked at though nothing changes; nil if it need not be.
  var nextLook: Duration? {
    if !pending.isEmpty { return triedAt + Self.patience / 2 }
    return kept == current ? nil : changedAt + Self.patience
  }

  /// Looks at the graph if it changed, and connects what is due.
  mutating func update(_ session: ServerSession, changes: Int) {
    let now = MonotonicClock.now
    let isRetryDue = !pending.isEmpty && now - triedAt >= Self.patience / 2
    if changes != seenChanges || isRetryDue {
      seenChanges = changes
      triedAt = now
      connectPending(session)
      connectRuled(session)
      let found = Self.links(session)
      if found != current {
        current = found
        changedAt = now
        // What is new is kept at once, what is missing later.
        kept.formUnion(found)
      }
    } else if now - changedAt >= Self.patience {
      kept = current.union(pending)
    }
  }

  private mutating func connectPending(_ session: ServerSession) {
    pending = pending.filter { !Self.connect(session, $0) }
  }

  private mutating func connectRuled(_ session: ServerSession) {
    var fitting: Set<Link> = []
    for rule in rules {
      guard let ownPort = portNames.firstIndex(of: rule.port) else { continue }
      let names = jack_get_ports(
        session.client, "^(\(rule.pattern))$", cjack_audio_type(), UInt(JackPortIsInput.rawValue))
      for name in Self.strings(names) { fitting.insert(Link(ownPort: ownPort, other: name)) }
    }
    let made = fitting.filter { ruled.contains($0) || Self.connect(session, $0) }
    ruled = made
  }

  private static func connect(_ session: ServerSession, _ link: Link) -> Bool {
    guard jack_port_by_name(session.client, link.other) != nil else { return false }
    let own = session.ports[link.ownPort]
    if jack_port_connected_to(own, link.other) != 0 { return true }
    guard let name = jack_port_name(own) else { return false }
    let isInput = link.ownPort == session.ports.count - 1
    return
      (isInput ? jack_connect(session.client, link.other, name) : jack_connect(session.client, name, link.other)) == 0
  }

  private static func links(_ session: ServerSession) -> Set<Link> {
    var links: Set<Link> = []
    for (index, port) in session.ports.enumerated() {
      for name in strings(jack_port_get_all_connections(session.client, port)) {
        links.insert(Link(ownPort: index, other: name))
      }
    }
    return links
  }

  /// The strings of a list that JACK allocated, which is freed.
  private static func strings(_ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> [String] {
    guard let list else { return [] }
    defer { jack_free(list) }
    var strings: [String] = []
    while let text = list[strings.count] { strings.append(String(cString: text)) }
    return strings
  }
}
