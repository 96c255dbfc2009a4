import AudioRing

/// A door that opens once and stays open. Thread: any.
public final class Latch: @unchecked Sendable {
  private let room = WaitingRoom()
  /// Read and changed in the room.
  private var isOpen = false

  init() {}

  /// Lets everybody through, now and later.
  func open() {
    room.enter {
      isOpen = true
      room.wakeAll()
    }
  }

  /// Waits until the latch is open; returns false if that takes longer than `seconds`, `nil` for ever.
  public func wait(seconds: Double?) -> Bool {
    let deadline = seconds.map { MonotonicClock.deadline(after: .seconds(max(0, min($0, 1e9)))) }
    return room.enter {
      while !isOpen {
        if let deadline, MonotonicClock.nanoseconds >= deadline { return false }
        room.sleep(until: deadline)
      }
      return true
    }
  }
}
