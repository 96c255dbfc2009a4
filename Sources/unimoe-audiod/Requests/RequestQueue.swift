import ControlProtocol

/// A request's place in the order of requests.
struct Ticket: Equatable, Sendable {
  /// The request's number; later requests have greater ones.
  var request: Int
  /// Its priority.
  var priority: RequestPriority
  /// Index of its port.
  var port: Int
  /// Whether it may sound together with others on its port.
  var mixes = false

  /// Whether it comes before another one.
  func comes(before other: Ticket) -> Bool { (priority, request) < (other.priority, other.request) }
}

/// The requests that wait to be generated, in the order in which they will be as far as there is room.
struct RequestQueue {
  private(set) var tickets: [Ticket] = []

  var count: Int { tickets.count }

  /// Takes a request in.
  mutating func insert(_ ticket: Ticket) {
    let index = tickets.firstIndex { ticket.comes(before: $0) } ?? tickets.count
    tickets.insert(ticket, at: index)
  }

  /// Takes a request out; returns false if it does not wait.
  mutating func remove(_ request: Int) -> Bool {
    guard let index = tickets.firstIndex(where: { $0.request == request }) else { return false }
    tickets.remove(at: index)
    return true
  }

  /// Which of the requests that could sound on a port begin now, given those that sound there.
  ///
  /// Those that do not mix come one after the other, once nothing sounds. Those that mix come at once; but where one
  /// that does not mix only waits for such, those that come after it wait too, so that its turn comes.
  static func starting(of ready: [Ticket], sounding: [Ticket]) -> [Ticket] {
    let line = ready.sorted { $0.comes(before: $1) }
    let mixing = line.filter(\.mixes)
    guard let alone = line.first(where: { !$0.mixes }), sounding.allSatisfy(\.mixes) else { return mixing }
    let before = mixing.filter { $0.comes(before: alone) }
    return before.isEmpty && sounding.isEmpty ? [alone] : before
  }
}
