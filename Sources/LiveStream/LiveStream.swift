import AudioRing
import Glibc
import Synchronization
import UniMoEAudio

/// One request that is generated on a thread of its own while its samples are read from a ring or handed to a callback.
///
/// Thread: any, where nothing else is said. The stream keeps itself alive until its end has been reported.
public final class LiveStream: @unchecked Sendable {
  /// How a stream gives its samples.
  public struct Options: Sendable {
    /// Hz of the samples; `nil` takes the model's.
    public var sampleRate: Int?
    /// Seconds that the ring holds before generation waits for a reader; `nil` holds all.
    public var bufferSeconds: Double?
    /// Seconds that must be ready before the stream may be played; `nil` lets the measured speed decide.
    public var startAfterSeconds: Double?
    /// Receives the samples instead of the ring; valid during the call.
    public var onAudio: (@Sendable (UnsafeBufferPointer<Float>) -> Void)?
    /// Receives progress.
    public var onProgress: (@Sendable (GenerationProgress) -> Void)?
    /// Called once when the stream may be played.
    public var onStart: (@Sendable () -> Void)?
    /// Called once, after everything else.
    public var onEnd: (@Sendable (End) -> Void)?

    /// Creates options of their defaults.
    public init() {}
  }

  /// How a stream ended.
  public enum End: Equatable, Sendable {
    /// For the reason of its result.
    case stopped(StopReason)
    /// By an error.
    case failed(UniMoEError)
  }

  /// How a stream is doing.
  public struct State: Sendable {
    /// The last progress.
    public var progress = GenerationProgress(phase: .queued, codeFramesDone: 0, codeFramesExpected: 0)
    /// How it ended; `nil` before.
    public var end: End?
    /// Samples produced, at the stream's rate.
    public var producedSamples = 0
    /// Whether it may be played.
    public var isStarted = false
    /// The speed that was expected at the start; `nil` if there was no earlier request.
    public var predictedSpeed: Double?
    /// The speed so far; `nil` before the first samples.
    public var measuredSpeed: Double?
    /// Seconds that the start gate waited for, or waits for.
    public var gateSeconds = 0.0
    /// Seconds from the start to the first sample; `nil` before it.
    public var firstAudioSeconds: Double?
  }

  /// Where the samples go, unless a callback takes them.
  public let ring: AudioRing
  /// Hz of the samples.
  public let sampleRate: Int
  /// Open when `onEnd` has returned and the stream's thread holds nothing any more.
  public let ended = Latch()

  private let engine: Engine
  private let request: Request
  private let options: Options
  private let gate: StartGate
  private let memory: SpeedMemory
  private let cancellation = Cancellation()
  private let resampler: Resampler
  private let shared: Mutex<State>
  /// The stream's thread while it runs; 0 before and after.
  private let thread = Atomic<UInt>(0)
  private let startTime = monotonicSeconds()
  /// When the first step had been made: set on the stream's thread only.
  private var generationStart: Double?
  /// Seconds spent waiting for the ring's reader: changed on the stream's thread only.
  private var waitedSeconds = 0.0

  /// Checks a request and starts it.
  ///
  /// Throws what is wrong with the request or the options, and kind `system` if no thread can be started.
  public init(
    _ engine: Engine, _ request: Request, options: Options = Options(), speed memory: SpeedMemory
  ) throws(UniMoEError) {
    let rate = options.sampleRate ?? engine.sampleRate
    guard (1000...384_000).contains(rate) else {
      throw UniMoEError(.request, "request", field: "sample rate", expected: "1000 to 384000 Hz", found: "\(rate)")
    }
    let plan = try engine.plan(request)
    let longest = Double(plan.maximumCodeFrames) / engine.codeRate
    let seconds = options.onAudio == nil ? min(max(options.bufferSeconds ?? longest, 0.1), longest + 0.1) : 0.01
    self.engine = engine
    self.request = request
    self.options = options
    self.memory = memory
    sampleRate = rate
    gate = StartGate(fixed: options.startAfterSeconds, predictedSpeed: memory.prediction)
    resampler = try Resampler(from: engine.sampleRate, to: rate)
    // Room for the largest period that a sound server asks for, however short the request.
    ring = AudioRing(minimumCapacity: min(AudioRing.maximumCapacity, Int(seconds * Double(rate)) + 8192))
    var state = State()
    state.predictedSpeed = memory.prediction
    state.progress.codeFramesExpected = plan.maximumCodeFrames
    state.gateSeconds = gate.required(produced: 0, elapsed: 0, expected: longest)
    shared = Mutex(state)
    try startThread({ self.run() }, last: { [ended] in ended.open() })
  }

  /// How the stream is doing.
  public var state: State { shared.withLock { $0 } }

  /// Stops generation and drops what was not read. Never blocks; again and again does no harm.
  public func cancel() {
    cancellation.cancel()
    ring.cancel()
  }

  /// As `cancel`, for an audio thread: sets flags alone. Whoever waits for the ring looks again within 20 ms.
  public func cancelWithoutWaking() {
    cancellation.cancel()
    ring.reader.cancel()
  }

  /// Whether the caller is in one of the stream's callbacks.
  public var isOnOwnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Waits until the stream has ended; returns false if that takes longer than `seconds`, `nil` for ever, and at once in
  /// the stream's own callbacks, which the end itself waits for.
  public func wait(seconds: Double?) -> Bool { ended.wait(seconds: isOnOwnThread ? 0 : seconds) }

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    var end: End
    do throws(UniMoEError) {
      let result = try engine.generate([request], cancellation: cancellation, observer: self)[0]
      if result.stopReason != .cancelled { try deliver([], isLast: true) }
      end = .stopped(cancellation.isCancelled ? .cancelled : result.stopReason)
    } catch {
      end = .failed(error)
    }
    ring.finish()
    start()
    let measured = shared.withLock { state -> Double? in
      state.end = end
      return state.measuredSpeed
    }
    if let measured { memory.record(measured) }
    options.onEnd?(end)
    // The system gives the number to another thread, once this one is gone.
    thread.store(0, ordering: .relaxed)
  }

  /// Resamples samples and hands them on, waiting for the ring's reader where it is full.
  private func deliver(_ samples: [Float], isLast: Bool = false) throws(UniMoEError) {
    let output = try resampler.process(samples, end: isLast)
    output.withUnsafeBufferPointer { output in
      guard output.count > 0 else { return }
      if let onAudio = options.onAudio {
        if cancellation.isCancelled { return }
        onAudio(output)
        produced(output.count)
      } else {
        var position = 0
        while position < output.count, !cancellation.isCancelled {
          let piece = UnsafeBufferPointer(rebasing: output[position...])
          let written = ring.write(piece)
          if written > 0 { produced(written) }
          position += written
          if position < output.count {
            // A full ring opens the gate: nothing more can become ready.
            start()
            let waitStart = monotonicSeconds()
            _ = ring.waitForSpace(min(output.count - position, ring.capacity / 2), timeout: .milliseconds(50))
            waitedSeconds += monotonicSeconds() - waitStart
          }
        }
      }
    }
  }

  private func produced(_ count: Int) {
    let now = monotonicSeconds()
    let isOpen = shared.withLock { state -> Bool in
      state.producedSamples += count
      if state.firstAudioSeconds == nil { state.firstAudioSeconds = now - startTime }
      let seconds = Double(state.producedSamples) / Double(sampleRate)
      // Work alone counts: a reader that takes its time says nothing about the machine.
      let elapsed = now - (generationStart ?? startTime) - waitedSeconds
      let expected = Double(state.progress.codeFramesExpected) / engine.codeRate
      if elapsed > 0 { state.measuredSpeed = seconds / elapsed }
      if !state.isStarted {
        state.gateSeconds = gate.required(produced: seconds, elapsed: elapsed, expected: expected)
      }
      return gate.isOpen(produced: seconds, elapsed: elapsed, expected: expected)
    }
    if isOpen { start() }
  }

  /// Opens the gate; only the first call does anything.
  private func start() {
    let isFirst = shared.withLock { state -> Bool in
      defer { state.isStarted = true }
      return !state.isStarted
    }
    if isFirst { options.onStart?() }
  }
}

extension LiveStream: GenerationObserver {
  /// For the engine. Thread: the stream's.
  public func request(_ index: Int, progressed progress: GenerationProgress) {
    if progress.phase != .prefill && generationStart == nil { generationStart = monotonicSeconds() }
    shared.withLock { $0.progress = progress }
    options.onProgress?(progress)
  }

  /// For the engine. Thread: the stream's.
  public func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {
    // Only libsamplerate can fail here, and then at every call: the end reports it.
    try? deliver(Array(samples))
  }
}
