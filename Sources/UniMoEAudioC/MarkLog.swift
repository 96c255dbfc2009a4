import CUniMoEAudio
import Synchronization

/// The marks of a stream in their order: its thread appends them, one other thread walks through them without ever
/// waiting. Each lies in memory of its own that stays until the log goes, so that neither side moves or frees what the
/// other one looks at.
///
/// The stream's thread and its handle both hold it: either may be gone first.
final class MarkLog: @unchecked Sendable {
  /// One mark, and the one after it once there is one.
  struct Node: ~Copyable {
    let mark: unimoe_mark
    let next = Atomic<UnsafeMutableRawPointer?>(nil)
  }

  /// In front of the first mark.
  let head: UnsafeMutablePointer<Node>
  /// Where the next mark is appended; the stream's thread's own.
  private var last: UnsafeMutablePointer<Node>

  init() {
    head = UnsafeMutablePointer<Node>.allocate(capacity: 1)
    head.initialize(to: Node(mark: unimoe_mark()))
    last = head
  }

  deinit {
    var node: UnsafeMutablePointer<Node>? = head
    while let current = node {
      node = current.pointee.next.load(ordering: .acquiring)?.assumingMemoryBound(to: Node.self)
      current.deinitialize(count: 1)
      current.deallocate()
    }
  }

  /// Appends a mark. Thread: the stream's.
  func append(_ mark: unimoe_mark) {
    let node = UnsafeMutablePointer<Node>.allocate(capacity: 1)
    node.initialize(to: Node(mark: mark))
    last.pointee.next.store(UnsafeMutableRawPointer(node), ordering: .releasing)
    last = node
  }
}
