/// How fast a score is played: tempi in force from ticks on. All times are computed in integers, so that they are the
/// same on every machine.
public struct TempoMap: Equatable, Sendable {
  /// A tempo from a tick on.
  public struct Change: Equatable, Sendable {
    /// Where it begins, in ticks.
    public let tick: Int
    /// How long a quarter note lasts, in microseconds: 1 to 16,777,215.
    public let microseconds: Int

    /// Creates a change of tempo.
    public init(tick: Int, microseconds: Int) { (self.tick, self.microseconds) = (tick, microseconds) }

    /// Quarter notes a minute.
    public var bpm: Double { 60_000_000 / Double(microseconds) }
  }

  /// The longest quarter note, in microseconds, that a MIDI file can name.
  static let longestQuarter = 0xFF_FFFF

  /// The tempi in order; the first begins at tick 0.
  public let changes: [Change]
  /// When each begins, in microseconds times the ticks of a quarter note.
  private let starts: [Int]

  /// A steady tempo.
  ///
  /// - Precondition: `bpm` is positive and at most 60,000,000.
  public init(bpm: Int) { self.init([Change(tick: 0, microseconds: Self.quarter(bpm: bpm))]) }

  /// Tempi in any order: of several at one tick the last holds; before the first it is 120 a minute.
  public init(_ given: [Change]) {
    var ordered: [Change] = []
    for (_, change) in given.enumerated().sorted(by: { ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset) }) {
      let clamped = Change(
        tick: max(0, change.tick), microseconds: min(max(change.microseconds, 1), Self.longestQuarter))
      if ordered.last?.tick == clamped.tick { ordered.removeLast() }
      if ordered.last?.microseconds != clamped.microseconds { ordered.append(clamped) }
    }
    if ordered.first?.tick != 0 { ordered.insert(Change(tick: 0, microseconds: 500_000), at: 0) }
    var starts = [0]
    for (before, change) in zip(ordered, ordered.dropFirst()) {
      starts.append(starts[starts.count - 1] + (change.tick - before.tick) * before.microseconds)
    }
    (changes, self.starts) = (ordered, starts)
  }

  /// Microseconds of a quarter note at a number of them a minute, rounded.
  static func quarter(bpm: Int) -> Int { (60_000_000 + bpm / 2) / bpm }

  /// The tempo in force at a tick.
  public func change(at tick: Int) -> Change { changes[index { changes[$0].tick <= tick }] }

  /// Microseconds from the start to a tick, rounded down.
  public func microseconds(at tick: Int) -> Int {
    let place = index { changes[$0].tick <= tick }
    return (starts[place] + (tick - changes[place].tick) * changes[place].microseconds) / Score.ticksPerQuarter
  }

  /// The last tick that does not come after a time in microseconds.
  public func tick(atMicroseconds time: Int) -> Int {
    let target = max(0, time) * Score.ticksPerQuarter
    let place = index { starts[$0] <= target }
    return changes[place].tick + (target - starts[place]) / changes[place].microseconds
  }

  /// The last index for which a condition holds that holds up to some index, 0 if for none.
  private func index(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, changes.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
