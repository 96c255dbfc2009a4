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

  func begin(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> any SoundInTheMaking {
    Work(maker: self, cancellation: cancellation, observer: observer)
  }

  private final class Work: SoundInTheMaking {
    private let maker: SlowMaker
    private let cancellation: Cancellation
    private let observer: any GenerationObserver
    private var hasPrompt = false
    private var frame = 0
    private var burst = 1
    private var pending = 0
    private(set) var stopReason = StopReason.length

    init(maker: SlowMaker, cancellation: Cancellation, observer: any GenerationObserver) {
      self.maker = maker
      self.cancellation = cancellation
      self.observer = observer
    }

    func advance() throws(UniMoEError) -> Bool {
      if !hasPrompt { report(.prefill) }
      if cancellation.isCancelled {
        stopReason = .cancelled
        return false
      }
      if hasPrompt { return step() }
      hasPrompt = true
      maker.machine.work(seconds: maker.promptSeconds)
      return true
    }

    private func step() -> Bool {
      maker.machine.work(seconds: 1 / (maker.codeRate * maker.speed))
      frame += 1
      pending += 1
      if pending == burst || frame == maker.codeFrames {
        let samples = [Float](repeating: 0.5, count: pending * maker.sampleRate / Int(maker.codeRate))
        samples.withUnsafeBufferPointer { observer.request(0, produced: $0) }
        pending = 0
        burst = min(2 * burst, 16)
      }
      report(frame == maker.codeFrames ? .decode : .generate)
      return frame < maker.codeFrames
    }

    private func report(_ phase: GenerationProgress.Phase) {
      observer.request(
        0, progressed: GenerationProgress(phase: phase, codeFramesDone: frame, codeFramesExpected: maker.codeFrames))
    }
  }
}
