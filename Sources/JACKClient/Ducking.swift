import Synchronization

/// How the other ports give way while one that ducks them sounds.
public struct Ducking: Equatable, Sendable {
  /// Linear gain of the others meanwhile, 0 to 1; 1 leaves them as they are.
  public var gain: Float
  /// Seconds until they have it, and until they are back.
  public var attack, release: Double

  /// Creates a way of ducking.
  public init(gain: Float = 1, attack: Double = 0.05, release: Double = 0.5) {
    self.gain = gain
    self.attack = attack
    self.release = release
  }
}

/// What the process callback keeps about ducking.
struct DuckingState: ~Copyable {
  // Written by the control side.

  /// Bit patterns of Floats.
  let gain = Atomic<UInt32>(Float(1).bitPattern)
  let attack = Atomic<UInt32>(Float(0.05).bitPattern)
  let release = Atomic<UInt32>(Float(0.5).bitPattern)

  // The callback's own.

  /// The gain that the ducked ports have now.
  var level: Float = 1

  func set(_ ducking: Ducking) {
    gain.store(min(max(ducking.gain, 0), 1).bitPattern, ordering: .relaxed)
    attack.store(Float(max(ducking.attack, 0)).bitPattern, ordering: .relaxed)
    release.store(Float(max(ducking.release, 0)).bitPattern, ordering: .relaxed)
  }
}

/// Gives the ports that duck no others the gain that ducking has them have, on its way in a straight line. Audio thread.
@_noLocks @_noAllocation
func duck(_ state: UnsafeMutablePointer<ProcessState>, isOn: Bool, frames: Int) {
  let gain = Float(bitPattern: state.pointee.ducking.gain.load(ordering: .relaxed))
  let target = isOn ? gain : 1
  let start = state.pointee.ducking.level
  if start == 1 && target == 1 { return }
  let seconds = Float(
    bitPattern: target < start
      ? state.pointee.ducking.attack.load(ordering: .relaxed) : state.pointee.ducking.release.load(ordering: .relaxed))
  let length = seconds * Float(state.pointee.sampleRate.load(ordering: .relaxed))
  // The way between 1 and the gain takes the time. Below a gain that was raised meanwhile, the way from 0 to 1 does.
  let span = start < gain ? 1 : 1 - gain
  let step = length >= 1 ? span / length : 1
  var level = start
  var port = 0
  while port < state.pointee.portCount {
    if !state.pointee.isDucker[port], let output = state.pointee.outputs[port] {
      level = ramp(output, from: start, to: target, step: step, frames: frames)
    }
    port &+= 1
  }
  state.pointee.ducking.level = level
}

/// Multiplies a buffer by a gain that moves to a target; returns where it is at the end.
@_noLocks @_noAllocation
private func ramp(_ output: UnsafeMutablePointer<Float>, from start: Float, to target: Float, step: Float, frames: Int)
  -> Float
{
  var level = start
  var index = 0
  while index < frames {
    if level > target {
      level = level - step > target ? level - step : target
    } else if level < target {
      level = level + step < target ? level + step : target
    }
    output[index] *= level
    index &+= 1
  }
  return level
}
