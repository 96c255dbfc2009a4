import LiveStream
import UniMoEAudio

/// Makes silence on a virtual machine as the engine makes sound: a prompt, steps of one code frame, bursts of samples
/// that grow to a third of a second.
struct SlowMaker: SoundMaker {
  let machine: VirtualMachine
  let sampleRate = 1000
  let codeRate = 50.0
  /// The most code frames.
  let codeFrames: Int
  /// Seconds of work that the prompt takes.
  var promptSeconds = 0.05
  /// Seconds of sound per second of work, with the machine to itself.
  let speed: Double

  init(_ machine: VirtualMachine, seconds: Double, speed: Double) {
    self.machine = machine
    self.speed = speed
    codeFrames = Int(seconds * codeRate)
  }

  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int { codeFrames }

  func make(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> StopReason {
    func report(_ phase: GenerationProgress.Phase, _ done: Int) {
      observer.request(
        0, progressed: GenerationProgress(phase: phase, codeFramesDone: done, codeFramesExpected: codeFrames))
    }
    report(.prefill, 0)
    if cancellation.isCancelled { return .cancelled }
    machine.work(seconds: promptSeconds)
    var burst = 1
    var pending = 0
    for frame in 1...codeFrames {
      if cancellation.isCancelled { return .cancelled }
      machine.work(seconds: 1 / (codeRate * speed))
      pending += 1
      if pending == burst || frame == codeFrames {
        let samples = [Float](repeating: 0.5, count: pending * sampleRate / Int(codeRate))
        samples.withUnsafeBufferPointer { observer.request(0, produced: $0) }
        pending = 0
        burst = min(2 * burst, 16)
      }
      report(frame == codeFrames ? .decode : .generate, frame)
    }
    return .length
  }
}
