/// A door that opens once and stays open. Thread: any.
package final class Latch: @unchecked Sendable {
  private let room = WaitingRoom()
  /// Read and changed in the room.
  private var isUnlocked = false

  /// Creates a closed latch.
  package init() {}

  /// Whether it is open. Waits for nobody.
  package var isOpen: Bool { room.enter { isUnlocked } }

  /// Lets everybody through, now and later.
  package func open() {
    room.enter {
      isUnlocked = true
      room.wakeAll()
    }
  }

  /// Waits until the latch is open; returns false if it is not at the deadline, `nil` waits for ever.
  package func wait(until deadline: Duration?) -> Bool { room.enter { room.wait(until: deadline) { isUnlocked } } }
}
