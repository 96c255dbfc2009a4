import Posix
import Synchronization

/// The consumer's end of an `AudioRing`: plain pointers, so that an audio callback touches no reference count.
///
/// The reader is valid as long as its ring lives. Copies share one position: they are the same consumer. `AudioRing`
/// explains the thread tags.
public struct AudioRingReader: @unchecked Sendable {
  @usableFromInline let state: UnsafeMutablePointer<RingState>
  @usableFromInline let samples: UnsafeMutablePointer<Float>
  @usableFromInline let mask: Int

  init(state: UnsafeMutablePointer<RingState>, samples: UnsafeMutablePointer<Float>, mask: Int) {
    self.state = state
    self.samples = samples
    self.mask = mask
  }

  /// The most samples that the ring holds. `[any]`
  @inlinable public var capacity: Int {
    @_noLocks @_noAllocation get { mask &+ 1 }
  }

  /// Samples that can be read now: at least as many stay there until the consumer reads, except that the producer may
  /// flush them or anybody cancel the ring. `[consumer]`
  @inlinable public var readSpace: Int {
    @_noLocks @_noAllocation get {
      if state.pointee.isCancelled.load(ordering: .acquiring) { return 0 }
      let consumed = state.pointee.consumed.load(ordering: .relaxed)
      let flushed = state.pointee.flushedUpTo.load(ordering: .acquiring)
      let written = state.pointee.written.load(ordering: .acquiring)
      return written &- (flushed > consumed ? flushed : consumed)
    }
  }

  /// Whether nothing is left to read and nothing will come. `[consumer]`
  @inlinable public var isAtEnd: Bool {
    @_noLocks @_noAllocation get {
      if state.pointee.isCancelled.load(ordering: .acquiring) { return true }
      // In this order: the end is set after the last sample was written.
      return state.pointee.isFinished.load(ordering: .acquiring) && readSpace == 0
    }
  }

  /// Whether no sample will follow those that can be read: the end was marked, or the ring was cancelled. `[any]`
  @inlinable public var isEndMarked: Bool {
    @_noLocks @_noAllocation get {
      state.pointee.isFinished.load(ordering: .acquiring) || state.pointee.isCancelled.load(ordering: .acquiring)
    }
  }

  /// Whether the ring was cancelled. `[any]`
  @inlinable public var isCancelled: Bool {
    @_noLocks @_noAllocation get { state.pointee.isCancelled.load(ordering: .acquiring) }
  }

  /// Steps over samples that the producer flushed; returns whether there were any, which is where a signal jumps.
  /// `read` does it by itself. `[consumer]`
  @inlinable @discardableResult
  @_noLocks @_noAllocation
  public func skipFlushed() -> Bool {
    let flushed = state.pointee.flushedUpTo.load(ordering: .acquiring)
    guard flushed > state.pointee.consumed.load(ordering: .relaxed) else { return false }
    state.pointee.consumed.store(flushed, ordering: .releasing)
    return true
  }

  /// Fills `destination` with `count` samples without ever waiting: what the ring holds, then zeros. Returns how many
  /// came from the ring. A short read after the first sample and before the end counts as an underrun. `[consumer]`
  /// - Precondition: `destination` holds `count` samples, and `count` is not negative.
  @inlinable @discardableResult
  @_noLocks @_noAllocation
  public func read(into destination: UnsafeMutablePointer<Float>, count: Int) -> Int {
    skipFlushed()
    // Asked before the read space: samples written between the two questions are then read at the next call.
    let isEnding = isEndMarked
    let available = readSpace
    let real = available < count ? available : count
    copy(into: destination, count: real)
    advance(real)
    if real < count {
      (destination + real).update(repeating: 0, count: count &- real)
      if !isEnding && state.pointee.delivered.load(ordering: .relaxed) > 0 { countUnderrun(missing: count &- real) }
    }
    return real
  }

  /// The readable samples in place, at most `count`: two runs, the second one empty unless the ring wraps. Valid until
  /// `advance`. `[consumer]`
  /// - Precondition: `count` is at most `readSpace` and not negative.
  @inlinable
  @_noLocks @_noAllocation
  public func runs(
    count: Int
  ) -> (first: UnsafePointer<Float>, firstCount: Int, second: UnsafePointer<Float>, secondCount: Int) {
    let start = state.pointee.consumed.load(ordering: .relaxed) & mask
    let untilWrap = capacity &- start
    let first = count < untilWrap ? count : untilWrap
    return (UnsafePointer(samples + start), first, UnsafePointer(samples), count &- first)
  }

  /// Ends the ring as `AudioRing.cancel` does, but wakes nobody, because that could take a lock: whoever waits looks
  /// again within 20 ms. `[any]`
  @inlinable
  @_noLocks @_noAllocation
  public func cancel() {
    state.pointee.isCancelled.store(true, ordering: .releasing)
  }

  /// Gives `count` samples' space back to the producer. `[consumer]`
  /// - Precondition: `count` is at most `readSpace` and not negative.
  @inlinable
  @_noLocks @_noAllocation
  public func advance(_ count: Int) {
    let consumed = state.pointee.consumed.load(ordering: .relaxed)
    state.pointee.consumed.store(consumed &+ count, ordering: .releasing)
    let delivered = state.pointee.delivered.load(ordering: .relaxed)
    state.pointee.delivered.store(delivered &+ count, ordering: .releasing)
  }

  /// Counts an underrun that a consumer found by itself. `[consumer]`
  @inlinable
  @_noLocks @_noAllocation
  public func countUnderrun(missing: Int) {
    state.pointee.underruns.wrappingAdd(1, ordering: .relaxed)
    state.pointee.missingSamples.wrappingAdd(missing, ordering: .relaxed)
  }

  @usableFromInline
  @_noLocks @_noAllocation
  func copy(into destination: UnsafeMutablePointer<Float>, count: Int) {
    let (first, firstCount, second, secondCount) = runs(count: count)
    // Plain loops: the optimiser makes them block copies, and the library's own cannot be proven free of locks.
    var index = 0
    while index < firstCount {
      destination[index] = first[index]
      index &+= 1
    }
    index = 0
    while index < secondCount {
      destination[firstCount &+ index] = second[index]
      index &+= 1
    }
  }
}

extension AudioRingReader {
  /// Looks at least this often, though the producer rings.
  private static let dataInterval = Duration.milliseconds(20)

  /// Sleeps until `count` samples can be read, or the end was marked, or `timeout` passed; returns whether `count`
  /// samples are there. `[consumer, waits]`
  public func waitForData(_ count: Int, timeout: Duration) -> Bool {
    _ = state.pointee.dataArrived.wait(
      until: MonotonicClock.now + timeout, lookingEvery: Self.dataInterval
    ) { readSpace >= count || isEndMarked }
    return readSpace >= count
  }

  /// Reads up to `count` samples, sleeping until they are there: fewer only at the end, or if nothing came for the
  /// whole of `timeout`. Neither pads nor counts underruns. `[consumer, waits]`
  public func waitingRead(into destination: UnsafeMutablePointer<Float>, count: Int, timeout: Duration) -> Int {
    var done = 0
    while done < count {
      skipFlushed()
      let real = min(readSpace, count - done)
      if real > 0 {
        copy(into: destination + done, count: real)
        advance(real)
        state.pointee.spaceArrived.ring()
        done += real
      } else if isAtEnd || !waitForData(1, timeout: timeout) && readSpace == 0 {
        break
      }
    }
    return done
  }
}
