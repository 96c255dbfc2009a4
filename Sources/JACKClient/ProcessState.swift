import AudioRing
import Synchronization

/// Everything the process callback touches, in one place of constant address. Set-up code is elsewhere.
///
/// Atomics are written by the thread that each group names; the rest is set while no callback runs.
package struct ProcessState: ~Copyable {
  package typealias Slot = Atomic<UnsafeMutablePointer<PlaybackState>?>

  // Constant, except that the ports change while no callback runs.

  /// Number of output ports.
  package let portCount: Int
  /// The output ports of the running client.
  let ports: UnsafeMutablePointer<OpaquePointer?>
  /// The running client.
  var client: OpaquePointer?
  /// The cues' input port.
  var cuePort: OpaquePointer?
  /// Each output port's buffer of the running cycle.
  package let outputs: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// Number of requests that can play at once.
  let slotCount: Int
  /// What plays: filled by the control side, emptied by the callback.
  package let slots: UnsafeMutablePointer<Slot>
  /// Nanoseconds of the thread's processor time are counted instead of time that passed; for tests.
  var measuresProcessorTime = false

  /// Whether each port ducks those that do not.
  package let isDucker: UnsafeMutablePointer<Bool>

  // Written by the control side.

  /// How ports are ducked.
  var ducking = DuckingState()

  /// Whether something will play soon, which a freewheeling server waits for.
  package let isPlaybackExpected = Atomic<Bool>(false)

  // Written by JACK's notification callbacks and by the supervisor.

  let sampleRate = Atomic<Int>(0)
  let bufferSize = Atomic<Int>(0)
  /// Frames of a ramp: 5 ms.
  let rampFrames = Atomic<Int>(240)
  package let isFreewheeling = Atomic<Bool>(false)
  let isServerLost = Atomic<Bool>(false)
  /// Ends a wait for audio while freewheeling.
  let isStopping = Atomic<Bool>(false)
  let xruns = Atomic<Int>(0)
  /// Counts changes of ports and connections.
  let graphChanges = Atomic<Int>(0)

  // Written by the process callback.

  let cycles = Atomic<Int>(0)
  let underruns = Atomic<Int>(0)
  let missingFrames = Atomic<Int>(0)
  /// Cycles whose callback took longer than the period that they filled.
  let lateCycles = Atomic<Int>(0)
  /// Freewheel cycles that waited for audio in vain.
  let freewheelTimeouts = Atomic<Int>(0)
  let longestCycle = Atomic<Int>(0)
  /// How often a cycle took how long; see `CycleCosts`.
  let costs: UnsafeMutablePointer<Atomic<Int>>

  package init(portCount: Int, slotCount: Int) {
    self.portCount = portCount
    self.slotCount = slotCount
    ports = .allocate(capacity: portCount)
    ports.initialize(repeating: nil, count: portCount)
    outputs = .allocate(capacity: portCount)
    outputs.initialize(repeating: nil, count: portCount)
    isDucker = .allocate(capacity: portCount)
    isDucker.initialize(repeating: false, count: portCount)
    slots = .allocate(capacity: slotCount)
    for index in 0..<slotCount { (slots + index).initialize(to: Slot(nil)) }
    costs = .allocate(capacity: CycleCosts.bucketCount)
    for index in 0..<CycleCosts.bucketCount { (costs + index).initialize(to: Atomic(0)) }
  }

  deinit {
    costs.deallocate()
    slots.deallocate()
    isDucker.deallocate()
    outputs.deallocate()
    ports.deallocate()
  }
}
