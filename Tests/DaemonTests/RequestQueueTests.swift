import ControlProtocol
import Testing

@testable import unimoe_audiod

@Suite struct RequestQueueTests {
  @Test func requestsComeByPriorityThenByArrival() {
    var queue = RequestQueue()
    let priorities: [RequestPriority] = [.low, .normal, .interrupt, .normal, .high, .low, .interrupt]
    for (index, priority) in priorities.enumerated() {
      let isIn = queue.insert(Ticket(request: index, priority: priority, port: 0))
      #expect(isIn)
    }
    var order: [Int] = []
    while let ticket = queue.takeFirst() { order.append(ticket.request) }
    #expect(order == [2, 6, 4, 1, 3, 0, 5])
  }

  @Test func queueRefusesMoreThanItsLimit() {
    var queue = RequestQueue()
    let isFirstIn = queue.insert(Ticket(request: 1, priority: .low, port: 0), limit: 1)
    let isSecondIn = queue.insert(Ticket(request: 2, priority: .interrupt, port: 0), limit: 1)
    #expect(isFirstIn && !isSecondIn)
    #expect(queue.tickets.map(\.request) == [1])
  }

  @Test func removedRequestDoesNotCome() {
    var queue = RequestQueue()
    for request in 1...3 { _ = queue.insert(Ticket(request: request, priority: .normal, port: 0)) }
    let removals = [queue.remove(2), queue.remove(2)]
    #expect(removals == [true, false])
    #expect(queue.tickets.map(\.request) == [1, 3])
  }

  @Test func requestThatGoesBackTakesItsPlaceAgain() {
    var queue = RequestQueue()
    for request in 1...3 { _ = queue.insert(Ticket(request: request, priority: .normal, port: 0)) }
    if let first = queue.takeFirst() {
      let isBack = queue.insert(first)
      #expect(isBack)
    }
    #expect(queue.tickets.map(\.request) == [1, 2, 3])
  }

  @Test func portPlaysOneAfterTheOtherUnlessMixed() {
    let plain = [2, 1].map { Ticket(request: $0, priority: .normal, port: 0) }
    let high = Ticket(request: 3, priority: .high, port: 0)
    let mixed = Ticket(request: 4, priority: .low, port: 0, mixes: true)
    #expect(RequestQueue.starting(of: plain, sounding: 0).map(\.request) == [1])
    #expect(RequestQueue.starting(of: plain, sounding: 1).isEmpty)
    #expect(RequestQueue.starting(of: plain + [high], sounding: 0).map(\.request) == [3])
    #expect(RequestQueue.starting(of: plain + [mixed], sounding: 1).map(\.request) == [4])
    #expect(RequestQueue.starting(of: [], sounding: 0).isEmpty)
  }
}
