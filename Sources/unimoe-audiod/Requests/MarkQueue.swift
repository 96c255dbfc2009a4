import Synchronization
import UniMoEAudio

/// The marks of a stream that have not sounded yet: the stream's thread puts them in ahead of their sound, the control
/// thread takes out what has sounded.
final class MarkQueue: Sendable {
  /// A mark, and how many samples of the stream come before it.
  struct Entry: Sendable {
    var mark: Mark
    var sample: Int
  }

  private let entries = Mutex<[Entry]>([])

  /// Puts in a mark that comes after all others. Thread: any.
  func put(_ mark: Mark, sample: Int) { entries.withLock { $0.append(Entry(mark: mark, sample: sample)) } }

  /// Takes out the marks that lie before a sample, in their order. Thread: any.
  func take(before sample: Int) -> [Entry] {
    entries.withLock { entries in
      let count = entries.firstIndex { $0.sample >= sample } ?? entries.count
      defer { entries.removeFirst(count) }
      return Array(entries[..<count])
    }
  }
}
