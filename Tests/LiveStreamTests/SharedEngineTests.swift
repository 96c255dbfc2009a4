import Foundation
import LiveStream
import Testing
import UniMoEAudio

/// A model of random weights on a virtual machine: the engine makes the samples, the machine says how long that takes.
private final class SlowedEngine: SoundMaker {
  private final class Observer: GenerationObserver {
    private let inner: any GenerationObserver
    private let machine: VirtualMachine
    private let stepSeconds: Double

    init(_ inner: any GenerationObserver, _ machine: VirtualMachine, stepSeconds: Double) {
      self.inner = inner
      self.machine = machine
      self.stepSeconds = stepSeconds
    }

    func request(_ index: Int, progressed progress: GenerationProgress) {
      if progress.phase != .prefill { machine.work(seconds: stepSeconds) }
      inner.request(index, progressed: progress)
      if progress.phase == .prefill { machine.work(seconds: 3 * stepSeconds) }
    }

    func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {
      inner.request(index, produced: samples)
    }
  }

  private let engine: Engine
  private let machine: VirtualMachine
  private let speed: Double

  /// - Parameter speed: Code frames per second that the machine computes, as a multiple of those that playing takes.
  init(_ machine: VirtualMachine, speed: Double) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    engine = try Engine(modelDirectory: root.appendingPathComponent("Tests/Fixtures/random-model").path)
    self.machine = machine
    self.speed = speed
  }

  var sampleRate: Int { engine.sampleRate }
  var codeRate: Double { engine.codeRate }

  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int {
    try engine.maximumCodeFrames(of: request)
  }

  func begin(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> any SoundInTheMaking {
    try engine.begin(
      request, cancellation: cancellation,
      observer: Observer(observer, machine, stepSeconds: 1 / (codeRate * speed)))
  }
}

/// Two streams of a real engine that is hardly fast enough for one: the second starts when the first already plays.
@Suite(.timeLimit(.minutes(10))) struct SharedEngineTests {
  private func underruns(shareSchedule: Bool) throws -> [Int] {
    let stage = VirtualStage()
    let maker = try SlowedEngine(stage.machine, speed: 1.3)
    let schedule = StreamSchedule(clock: stage.machine)
    let request = Request(.music(caption: "two at once"), minimumSeconds: 6, maximumSeconds: 6)
    try stage.start(maker, schedule, request)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    #expect(stage.parts[0].stream.state.end == nil)
    try stage.start(maker, shareSchedule ? schedule : StreamSchedule(clock: stage.machine), request)
    stage.play()
    for part in stage.parts {
      // The model may end by itself in the last step.
      #expect([.stopped(.length), .stopped(.end)].contains(part.stream.state.end))
      #expect(part.stream.state.producedSamples > 5 * part.stream.sampleRate)
      #expect(part.stream.ring.deliveredSamples == part.stream.state.producedSamples)
    }
    return stage.parts.map(\.underruns)
  }

  @Test func secondStreamDoesNotRunTheFirstDry() throws {
    #expect(try underruns(shareSchedule: true) == [0, 0])
  }

  /// The test above can fail: streams that know nothing of each other run dry.
  @Test func streamsOfSchedulesApartRunDry() throws {
    #expect(try underruns(shareSchedule: false)[0] > 0)
  }
}
