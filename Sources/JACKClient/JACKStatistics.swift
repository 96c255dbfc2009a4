import Synchronization

/// What the callback counted since the client was made, over all servers that it has seen.
public struct JACKStatistics: Sendable {
  /// Cycles that ran.
  public let cycles: Int
  /// Xruns that the server reported, whoever caused them.
  public let xruns: Int
  /// Cycles in which this client's callback took longer than the period: xruns of its own making.
  public let lateCycles: Int
  /// Times that a playback ran dry after its start.
  public let underruns: Int
  /// Frames of silence played for lack of samples.
  public let missingFrames: Int
  /// Freewheel cycles that waited for audio in vain: the export has a gap.
  public let freewheelTimeouts: Int
  /// The longest cycle, in microseconds; freewheel cycles not counted.
  public let longestCycleMicroseconds: Double
  /// How long cycles took; freewheel cycles not counted.
  public let costs: CycleCosts

  init(_ state: UnsafeMutablePointer<ProcessState>) {
    cycles = state.pointee.cycles.load(ordering: .relaxed)
    xruns = state.pointee.xruns.load(ordering: .relaxed)
    lateCycles = state.pointee.lateCycles.load(ordering: .relaxed)
    underruns = state.pointee.underruns.load(ordering: .relaxed)
    missingFrames = state.pointee.missingFrames.load(ordering: .relaxed)
    freewheelTimeouts = state.pointee.freewheelTimeouts.load(ordering: .relaxed)
    longestCycleMicroseconds = Double(state.pointee.longestCycle.load(ordering: .relaxed)) / 1000
    costs = CycleCosts(state.pointee.costs)
  }
}
