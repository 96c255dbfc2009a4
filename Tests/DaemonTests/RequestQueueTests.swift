import ControlProtocol
import Testing

@testable import unimoe_audiod

@Suite struct RequestQueueTests {
  @Test func requestsComeByPriorityThenByArrival() {
    var queue = RequestQueue()
    let priorities: [RequestPriority] = [.low, .normal, .interrupt, .normal, .high, .low, .interrupt]
    for (index, priority) in priorities.enumerated() {
      queue.insert(Ticket(request: index, priority: priority, port: 0))
    }
    #expect(queue.tickets.map(\.request) == [2, 6, 4, 1, 3, 0, 5])
  }

  @Test func removedRequestDoesNotCome() {
    var queue = RequestQueue()
    for request in 1...3 { queue.insert(Ticket(request: request, priority: .normal, port: 0)) }
    let removals = [queue.remove(2), queue.remove(2)]
    #expect(removals == [true, false])
    #expect(queue.tickets.map(\.request) == [1, 3])
  }

  @Test func requestThatGoesBackTakesItsPlaceAgain() {
    var queue = RequestQueue()
    for request in 1...3 { queue.insert(Ticket(request: request, priority: .normal, port: 0)) }
    let isOut = queue.remove(1)
    queue.insert(Ticket(request: 1, priority: .normal, port: 0))
    #expect(isOut)
    #expect(queue.tickets.map(\.request) == [1, 2, 3])
  }

  private static func ticket(_ request: Int, _ priority: RequestPriority = .normal, mixes: Bool = false) -> Ticket {
    Ticket(request: request, priority: priority, port: 0, mixes: mixes)
  }

  private func starting(_ ready: [Ticket], sounding: [Ticket] = []) -> [Int] {
    RequestQueue.starting(of: ready, sounding: sounding).map(\.request)
  }

  @Test func portPlaysOneAfterTheOtherUnlessMixed() {
    let plain = [Self.ticket(2), Self.ticket(1)]
    let high = Self.ticket(3, .high)
    let mixed = Self.ticket(4, .low, mixes: true)
    #expect(starting(plain) == [1])
    #expect(starting(plain, sounding: [Self.ticket(0)]).isEmpty)
    #expect(starting(plain + [high]) == [3])
    #expect(starting(plain + [mixed], sounding: [Self.ticket(0)]) == [4])
    #expect(starting([mixed], sounding: [Self.ticket(0, mixes: true)]) == [4])
    #expect(starting([]).isEmpty)
  }

  @Test func mixedRequestsDoNotKeepTheOthersWaitingForEver() {
    let alone = Self.ticket(5)
    let sounding = [Self.ticket(4, mixes: true)]
    // What came before it still begins, what comes after it waits until it had its turn.
    #expect(starting([alone, Self.ticket(6, mixes: true)], sounding: sounding).isEmpty)
    #expect(starting([alone, Self.ticket(3, mixes: true)], sounding: sounding) == [3])
    #expect(starting([alone, Self.ticket(6, .high, mixes: true)], sounding: sounding) == [6])
    #expect(starting([alone, Self.ticket(6, mixes: true)]) == [5])
    #expect(starting([Self.ticket(6, mixes: true)], sounding: [alone]) == [6])

    // A stream of mixed requests, each two turns long: the other one plays all the same.
    var (ready, playing, played) = ([alone], [(ticket: Self.ticket(4, mixes: true), turns: 2)], Set<Int>())
    for request in 6..<30 {
      ready.append(Self.ticket(request, mixes: true))
      for ticket in RequestQueue.starting(of: ready, sounding: playing.map(\.ticket)) {
        ready.removeAll { $0 == ticket }
        playing.append((ticket, 2))
        played.insert(ticket.request)
      }
      playing = playing.map { ($0.ticket, $0.turns - 1) }.filter { $0.turns > 0 }
    }
    #expect(played.contains(5))
    #expect(played.count > 20)
  }
}
