import Synchronization

/// The counters that producer and consumer of a ring share. Positions count samples since the ring was made and never
/// wrap: 2^63 samples at 192 kHz last a million years. What the producer writes and what the consumer writes lie 128
/// bytes apart (two cache lines, which the hardware prefetches as a pair), so that neither slows the other.
@usableFromInline
struct RingState: ~Copyable {
  @usableFromInline typealias Gap = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

  // Written by the producer.

  /// Samples written so far.
  @usableFromInline let written = Atomic<Int>(0)
  /// Samples before this position are not to be played any more.
  @usableFromInline let flushedUpTo = Atomic<Int>(0)
  /// No sample will follow the written ones.
  @usableFromInline let isFinished = Atomic<Bool>(false)
  /// Nothing in the ring is wanted any more; set by any thread, never cleared.
  @usableFromInline let isCancelled = Atomic<Bool>(false)

  @usableFromInline let gapAfterProducer: (Gap, Gap) = (
    (0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0)
  )

  // Written by the consumer.

  /// Samples read or flushed so far; never more than `written`.
  @usableFromInline let consumed = Atomic<Int>(0)
  /// Samples that were read, flushed ones not counted.
  @usableFromInline let delivered = Atomic<Int>(0)
  /// Reads that found fewer samples than asked for, after the first sample and before the end.
  @usableFromInline let underruns = Atomic<Int>(0)
  /// Samples that those reads lacked.
  @usableFromInline let missingSamples = Atomic<Int>(0)

  @usableFromInline let gapAfterConsumer: (Gap, Gap) = (
    (0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0)
  )

  /// Rung when samples were written, for a consumer that waits.
  let dataArrived = Doorbell()
  /// Rung when the ring is cancelled or a waiting consumer read, for a producer that waits.
  let spaceArrived = Doorbell()

  @usableFromInline init() {}
}
