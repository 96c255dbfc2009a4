import Foundation
import Synchronization

/// Keeps every core at work with arithmetic and memory traffic, as generation does, until it is stopped.
final class BusyCores: Sendable {
  private let isOver = Atomic<Bool>(false)

  init() {
    for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
      Thread.detachNewThread { [self] in
        var values = [Float](repeating: 1, count: 1 << 20)
        while !isOver.load(ordering: .relaxed) {
          for index in values.indices { values[index] = values[index] * 0.999 + 0.001 }
        }
      }
    }
  }

  func stop() { isOver.store(true, ordering: .relaxed) }
}
