import CUniMoEAudio
import Synchronization
import UniMoEAudio

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

extension unimoe_mark {
  /// Bytes of the first header's struct.
  static var firstSize: Int {
    @_noLocks @_noAllocation get { 40 }
  }

  /// A mark as C has it.
  init(_ mark: Mark, sample: Int) {
    self.init(
      struct_size: UInt32(MemoryLayout<unimoe_mark>.stride),
      kind: mark.kind == .wordStart ? UNIMOE_MARK_WORD_START : UNIMOE_MARK_WORD_END,
      word: UInt32(clamping: mark.word), reserved: 0, text_start: UInt64(mark.textRange.lowerBound),
      text_end: UInt64(mark.textRange.upperBound), frame: UInt64(max(0, sample)))
  }
}
