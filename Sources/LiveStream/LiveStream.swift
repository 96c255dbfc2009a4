import AudioRing
import Glibc
import Posix
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
    /// Seconds that the ring holds before generation waits for a reader; `nil` holds all, of a long text a minute.
    public var bufferSeconds: Double?
    /// Whether the text of speech may be of any length: it is spoken in pieces (`Engine.pieces(of:)`), whose shortest length
    /// is the request's; its longest is that of the whole.
    public var isLongText = false
    /// Seconds that must be ready before the stream may be played; `nil` lets the measured speed decide.
    public var startAfterSeconds: Double?
    /// Whether it goes before all other streams of its schedule: see `StreamSchedule`.
    public var isUrgent = false
    /// Receives the samples instead of the ring; valid during the call.
    public var onAudio: (@Sendable (UnsafeBufferPointer<Float>) -> Void)?
    /// Receives progress.
    public var onProgress: (@Sendable (GenerationProgress) -> Void)?
    /// Receives marks as they become known, with the sample of the stream at which they happen.
    public var onMark: (@Sendable (Mark, Int) -> Void)?
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
    /// Whether it waits for other streams of the same engine: see `StreamSchedule`.
    public var makesWay = false
  }

  /// Seconds of a long text that are held where nobody says.
  private static let longBuffer = 60.0
  /// Seconds that the host's progress callback takes from the stream's own time.
  private static let callbackGrace = 0.02

  /// Where the samples go, unless a callback takes them.
  public let ring: AudioRing
  /// Hz of the samples.
  public let sampleRate: Int
  /// Open when `onEnd` has returned and the stream's thread holds nothing any more.
  package let ended = Latch()

  private let maker: any SoundMaker
  private let request: Request
  private let options: Options
  private let schedule: StreamSchedule
  private let place: StreamSchedule.Place
  private let cancellation = Cancellation()
  private let resampler: Resampler
  private let shared: Mutex<State>
  /// The stream's thread while it runs; 0 before and after.
  private let thread = Atomic<UInt>(0)
  /// Whether the schedule knows that the reader waits for samples.
  private let isPatient = Atomic<Bool>(false)
  private let startTime: Double
  /// When the first step had been made: set on the stream's thread only.
  private var generationStart: Double?
  /// Seconds spent waiting for the ring's reader and for other streams: changed on the stream's thread only.
  private var waitedSeconds = 0.0

  /// Checks a request and starts it.
  ///
  /// Throws what is wrong with the request or the options, and kind `system` if no thread can be started.
  public convenience init(
    _ engine: Engine, _ request: Request, options: Options = Options(), schedule: StreamSchedule
  ) throws(UniMoEError) {
    let pieces = options.isLongText ? try engine.pieces(of: request) : []
    if pieces.count > 1 {
      var options = options
      options.bufferSeconds = options.bufferSeconds ?? Self.longBuffer
      try self.init(maker: LongSpeechMaker(engine, pieces), request, options: options, schedule: schedule)
    } else {
      try self.init(maker: engine, pieces.first?.request ?? request, options: options, schedule: schedule)
    }
  }

  /// As the other one, with anything that makes sound.
  package init(
    maker: any SoundMaker, _ request: Request, options: Options, schedule: StreamSchedule
  ) throws(UniMoEError) {
    let rate = options.sampleRate ?? maker.sampleRate
    guard (1000...384_000).contains(rate) else {
      throw UniMoEError(.request, "request", field: "sample rate", expected: "1000 to 384000 Hz", found: "\(rate)")
    }
    let codeFrames = try maker.maximumCodeFrames(of: request)
    let longest = Double(codeFrames) / maker.codeRate
    let seconds = options.onAudio == nil ? min(max(options.bufferSeconds ?? longest, 0.1), longest + 0.1) : 0.01
    self.maker = maker
    self.request = request
    self.options = options
    self.schedule = schedule
    startTime = schedule.clock.seconds
    sampleRate = rate
    resampler = try Resampler(from: maker.sampleRate, to: rate)
    // Room for the largest period that a sound server asks for, however short the request.
    let capacity = min(AudioRing.maximumCapacity, Int(seconds * Double(rate)) + 8192)
    guard let ring = AudioRing(ifMemoryAllows: capacity) else {
      throw UniMoEError(.system, "memory", "cannot allocate a buffer of \(capacity) samples")
    }
    self.ring = ring
    let gate = StartGate(fixed: options.startAfterSeconds)
    let entry = schedule.enter(
      StreamShare(
        task: request.task, gate: gate, ring: options.onAudio == nil ? ring : nil, sampleRate: rate,
        isUrgent: options.isUrgent, expected: longest))
    place = entry.place
    var state = State()
    state.predictedSpeed = entry.speed
    state.progress.codeFramesExpected = codeFrames
    state.gateSeconds = gate.required(produced: 0, expected: longest, speed: entry.speed)
    shared = Mutex(state)
    do throws(SystemError) {
      try startThread("unimoe-stream", { self.run() }, last: { [ended] in ended.open() })
    } catch {
      schedule.leave(place)
      throw UniMoEError(.system, "thread", "cannot be started: \(error)")
    }
  }

  /// How the stream is doing.
  public var state: State { shared.withLock { $0 } }

  /// Stops generation and drops what was not read. Never blocks; again and again does no harm.
  public func cancel() {
    cancellation.cancel()
    ring.cancel()
    schedule.wake()
  }

  /// As `cancel`, for an audio thread: sets flags alone. Whoever waits for the ring looks again within 20 ms, and the
  /// stream itself within 50 ms.
  public func cancelWithoutWaking() {
    cancellation.cancel()
    ring.reader.cancel()
  }

  /// Says that the reader waits for samples instead of playing them as they come: other streams need not wait for it.
  public func readsPatiently() {
    if !isPatient.exchange(true, ordering: .relaxed) { schedule.relax(place) }
  }

  /// Whether the caller is in one of the stream's callbacks.
  public var isOnOwnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Waits until the stream has ended; returns false if that takes longer than `limit`, `nil` for ever, and at once in
  /// the stream's own callbacks, which the end itself waits for.
  public func wait(for limit: Duration?) -> Bool {
    isOnOwnThread ? ended.isOpen : ended.wait(until: limit.map { MonotonicClock.now + $0 })
  }

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    var end: End
    do throws(UniMoEError) {
      let work = try maker.begin(request, cancellation: cancellation, observer: self)
      repeat { waitForTurn() } while try work.advance()
      let reason = work.stopReason
      if reason != .cancelled { try deliver([], isLast: true) }
      end = .stopped(cancellation.isCancelled ? .cancelled : reason)
    } catch {
      end = .failed(error)
    }
    ring.finish()
    start()
    schedule.leave(place)
    shared.withLock { $0.end = end }
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
            schedule.open(place)
            start()
            let waitStart = schedule.clock.seconds
            schedule.hold(place)
            _ = ring.waitForSpace(min(output.count - position, ring.capacity / 2), timeout: .milliseconds(50))
            schedule.resume(place)
            waitedSeconds += schedule.clock.seconds - waitStart
          }
        }
      }
    }
  }

  private func produced(_ count: Int) {
    let now = schedule.clock.seconds
    let isOpen = shared.withLock { state -> Bool in
      state.producedSamples += count
      if state.firstAudioSeconds == nil { state.firstAudioSeconds = now - startTime }
      let seconds = Double(state.producedSamples) / Double(sampleRate)
      // Work alone counts: a reader that takes its time says nothing about the machine.
      let elapsed = now - (generationStart ?? startTime) - waitedSeconds
      let expected = Double(state.progress.codeFramesExpected) / maker.codeRate
      if elapsed > 0 { state.measuredSpeed = seconds / elapsed }
      let opening = schedule.update(place, produced: seconds, elapsed: elapsed, expected: expected)
      if !state.isStarted { state.gateSeconds = opening.required }
      return opening.isOpen
    }
    if isOpen { start() }
  }

  /// Waits, before the next piece of work, while other streams go first.
  private func waitForTurn() {
    guard !schedule.hasTurn(place), !cancellation.isCancelled else { return }
    let start = schedule.clock.seconds
    shared.withLock { $0.makesWay = true }
    schedule.waitForTurn(place) { cancellation.isCancelled }
    shared.withLock { $0.makesWay = false }
    if generationStart != nil { waitedSeconds += schedule.clock.seconds - start }
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
    if progress.phase != .prefill && generationStart == nil { generationStart = schedule.clock.seconds }
    shared.withLock { $0.progress = progress }
    if let onProgress = options.onProgress {
      // What the host does at length is neither work nor a reason for other streams to wait, unless this one is urgent.
      let start = schedule.clock.seconds
      if !options.isUrgent { schedule.hold(place, grace: Self.callbackGrace) }
      onProgress(progress)
      schedule.resume(place)
      let seconds = schedule.clock.seconds - start
      if seconds > Self.callbackGrace && generationStart != nil { waitedSeconds += seconds }
    }
  }

  /// For the engine. Thread: the stream's.
  public func request(_ index: Int, reached mark: Mark, atSample sample: Int) {
    options.onMark?(mark, Int((Double(sample) / Double(maker.sampleRate) * Double(sampleRate)).rounded()))
  }

  /// For the engine. Thread: the stream's.
  public func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {
    // Only libsamplerate can fail here, and then at every call: the end reports it.
    try? deliver(Array(samples))
  }
}

extension Request {
  /// What its speed is measured as.
  fileprivate var task: SpeedMemory.Task {
    switch content {
    case .speech: .speech
    case .music: .music
    }
  }
}
