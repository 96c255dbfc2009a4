import Glibc
import Posix
import Synchronization

/// A lock-free ring of mono PCM samples between one producer thread and one consumer thread.
///
/// The producer is any thread that may sleep; the consumer is usually an audio thread and uses `reader`, whose
/// functions never wait, allocate or lock. Each function names its thread:
///
/// - `[producer]`: one thread at a time, the one that writes.
/// - `[consumer]`: one thread at a time, the one that reads; safe in an audio callback.
/// - `[consumer, waits]`: the same, but never in an audio callback.
/// - `[any]`: any thread at any time.
///
/// The ring owns its memory: it has to outlive every use of its reader.
public final class AudioRing: @unchecked Sendable {
  /// The largest capacity, in samples: 64 MiB, about six minutes at 48 kHz.
  public static let maximumCapacity = 1 << 24

  /// How often a waiting producer looks for space. The consumer never rings for it, because a wake-up
  /// is a system call; an audio callback frees space every few milliseconds anyway.
  private static let spaceInterval = Duration.milliseconds(2)

  /// The consumer's end. `[any]` to copy; see `AudioRingReader` for its functions.
  public let reader: AudioRingReader

  private let state: UnsafeMutablePointer<RingState>
  private let samples: UnsafeMutablePointer<Float>
  private let mask: Int

  /// Creates an empty ring that holds at least `minimumCapacity` samples: rounded up to a power of two.
  ///
  /// The memory is written once here, so that no audio thread meets a page fault.
  /// - Precondition: `minimumCapacity` is in `1...maximumCapacity`.
  public convenience init(minimumCapacity: Int) {
    let capacity = Self.capacity(of: minimumCapacity)
    guard let memory = Self.memory(capacity) else { preconditionFailure("AudioRing: no memory") }
    self.init(memory, capacity: capacity)
  }

  /// As the other one; `nil` if the system has no memory for it.
  public convenience init?(ifMemoryAllows minimumCapacity: Int) {
    let capacity = Self.capacity(of: minimumCapacity)
    guard let memory = Self.memory(capacity) else { return nil }
    self.init(memory, capacity: capacity)
  }

  private static func capacity(of minimum: Int) -> Int {
    precondition(minimum >= 1 && minimum <= maximumCapacity, "AudioRing: capacity out of range")
    return 1 << (Int.bitWidth - (minimum - 1).leadingZeroBitCount)
  }

  private static func memory(_ capacity: Int) -> UnsafeMutablePointer<Float>? {
    malloc(capacity * MemoryLayout<Float>.stride)?.bindMemory(to: Float.self, capacity: capacity)
  }

  private init(_ memory: UnsafeMutablePointer<Float>, capacity: Int) {
    samples = memory
    samples.initialize(repeating: 0, count: capacity)
    state = .allocate(capacity: 1)
    state.initialize(to: RingState())
    mask = capacity - 1
    reader = AudioRingReader(state: state, samples: samples, mask: mask)
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
    free(samples)
  }

  /// The most samples that the ring holds: a power of two. `[any]`
  public var capacity: Int { mask + 1 }

  /// Samples that `write` takes now: `0...capacity`; at least as many stay free until the producer writes. `[producer]`
  public var writeSpace: Int {
    capacity &- (state.pointee.written.load(ordering: .relaxed) &- state.pointee.consumed.load(ordering: .acquiring))
  }

  /// Whether the ring was cancelled. `[any]`
  public var isCancelled: Bool { state.pointee.isCancelled.load(ordering: .acquiring) }

  /// Samples written so far. `[any]`
  public var writtenSamples: Int { state.pointee.written.load(ordering: .acquiring) }

  /// Samples that the consumer took so far, flushed ones not counted. `[any]`
  public var deliveredSamples: Int { state.pointee.delivered.load(ordering: .acquiring) }

  /// Reads that found fewer samples than they asked for, after the first sample and before the end. `[any]`
  public var underruns: Int { state.pointee.underruns.load(ordering: .relaxed) }

  /// Samples that those reads filled with zeros instead. `[any]`
  public var missingSamples: Int { state.pointee.missingSamples.load(ordering: .relaxed) }

  /// Writes as many of the samples as there is space for and returns how many: 0 after `finish` or `cancel`. Never
  /// waits. `[producer]`
  @discardableResult
  public func write(_ source: UnsafeBufferPointer<Float>) -> Int {
    guard let base = source.baseAddress, !isCancelled, !state.pointee.isFinished.load(ordering: .relaxed) else {
      return 0
    }
    let count = min(source.count, writeSpace)
    let written = state.pointee.written.load(ordering: .relaxed)
    let start = written & mask
    let first = min(count, capacity &- start)
    (samples + start).update(from: base, count: first)
    samples.update(from: base + first, count: count &- first)
    state.pointee.written.store(written &+ count, ordering: .releasing)
    if count > 0 { state.pointee.dataArrived.ring() }
    return count
  }

  /// Writes as many of the samples as there is space for and returns how many. Never waits. `[producer]`
  @discardableResult
  public func write(_ source: some Collection<Float>) -> Int {
    source.withContiguousStorageIfAvailable { write($0) } ?? Array(source).withUnsafeBufferPointer { write($0) }
  }

  /// Writes all samples, sleeping while the ring is full; returns how many were written: fewer only if the ring was
  /// cancelled or finished, or if no space came for the whole of `timeout`. `[producer]`
  @discardableResult
  public func writeAll(_ source: UnsafeBufferPointer<Float>, timeout: Duration) -> Int {
    var count = 0
    while count < source.count {
      let written = write(UnsafeBufferPointer(rebasing: source[count...]))
      count += written
      if written == 0 && !waitForSpace(1, timeout: timeout) { break }
      if isCancelled || state.pointee.isFinished.load(ordering: .relaxed) { break }
    }
    return count
  }

  /// Writes all samples, sleeping while the ring is full; see the other `writeAll`. `[producer]`
  @discardableResult
  public func writeAll(_ source: [Float], timeout: Duration) -> Int {
    source.withUnsafeBufferPointer { writeAll($0, timeout: timeout) }
  }

  /// Sleeps until `write` takes `count` samples; returns false if it does not within `timeout`, or if the ring was
  /// cancelled, which ends the wait at once. A count over the capacity is never there. `[producer]`
  public func waitForSpace(_ count: Int, timeout: Duration) -> Bool {
    _ = state.pointee.spaceArrived.wait(
      until: MonotonicClock.now + timeout, lookingEvery: Self.spaceInterval
    ) { isCancelled || writeSpace >= count }
    return !isCancelled && writeSpace >= count
  }

  /// Marks the end: no sample follows those written. Reads past them are then no underruns. `[producer]`
  public func finish() {
    state.pointee.isFinished.store(true, ordering: .releasing)
    state.pointee.dataArrived.ring()
  }

  /// Drops all samples written so far that were not read yet; those written afterwards are played. The space comes
  /// free at the consumer's next read. `[producer]`
  public func flush() {
    state.pointee.flushedUpTo.store(state.pointee.written.load(ordering: .relaxed), ordering: .releasing)
  }

  /// Ends the ring at once: what is in it is dropped, the consumer sees the end, the producer's writes return 0, and
  /// whoever waits wakes up. Can be repeated. `[any]`
  public func cancel() {
    state.pointee.isCancelled.store(true, ordering: .releasing)
    state.pointee.dataArrived.ring()
    state.pointee.spaceArrived.ring()
  }
}
