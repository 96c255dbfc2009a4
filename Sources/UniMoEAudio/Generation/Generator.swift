import CKernels
import Posix

/// Makes a batch of requests: steps of the language model on one side, the codec on the other. The only place that
/// knows both.
///
/// Thread: one at a time; everything happens on the thread that calls `advance`.
package final class Generator {
  /// One request, ready to be made.
  struct Plan {
    var stream: RequestStream
    var maximumCodeFrames: Int
    /// Whether what reaches the limit is faded out there: music that is cut off.
    var fadesAtLimit: Bool
  }

  /// One request on its way.
  private final class Job {
    let stream: RequestStream
    let decoder: StreamingDecoder
    let maximumCodeFrames: Int
    /// `nil` where the plan says when the result ends: there it ends, however long a rest is.
    var watchdog: Watchdog?
    var codes: Codes
    var samples: [Float] = []
    var fade: EdgeFade
    /// Code frames that the next push to the codec waits for: few at first, so that sound begins early.
    var chunk = 1
    var stopReason: StopReason?
    var statistics = GenerationResult.Statistics()
    var marks: [Mark] = []

    init(_ plan: Plan, _ codec: Codec) {
      stream = plan.stream
      maximumCodeFrames = plan.maximumCodeFrames
      fade = EdgeFade(
        sampleRate: codec.sampleRate,
        musicLimit: plan.fadesAtLimit ? codec.decodedLength(codeFrames: plan.maximumCodeFrames) : nil)
      decoder = codec.makeStreamingDecoder()
      watchdog =
        plan.stream.plan?.source.decidesEnd == true
        ? nil : Watchdog(sampleRate: codec.sampleRate, hopLength: codec.hopLength)
      codes = Codes(codebooks: codec.codebooks)
    }
  }

  /// The most code frames per push to the codec: a third of a second at 50 Hz.
  private static let largestChunk = 16

  private let batch: StepBatch
  private let samplesPerFrame: Int
  private let jobs: [Job]
  private let observer: GenerationObserver?
  private let cancellation: Cancellation
  private let recorder: RouteRecorder?
  /// Requests whose prompts are in their caches: the first ones.
  private var prefilled = 0

  /// Prepares a batch.
  init(
    _ model: LanguageModel, _ codec: Codec, plans: [Plan], cancellation: Cancellation, observer: GenerationObserver?,
    recordsRoutes: Bool
  ) throws(UniMoEError) {
    batch = try StepBatch(model, plans.map(\.stream))
    jobs = plans.map { Job($0, codec) }
    samplesPerFrame = codec.hopLength
    self.observer = observer
    self.cancellation = cancellation
    recorder = recordsRoutes ? RouteRecorder(model.configuration, requests: plans.count) : nil
    batch.observer = recorder
  }

  /// Does the next piece of work: one request's prompt, or one step of all that are not made yet; returns false once
  /// nothing is left to do.
  ///
  /// Cancelled requests keep what was made. Throws what is neither an end nor a cancellation: out of memory.
  package func advance() throws(UniMoEError) -> Bool {
    // Denormal numbers cost ten times as much; the caller's floating-point mode is its own again afterwards.
    let control = umk_flush_denormals()
    defer { umk_restore_denormals(control) }
    do {
      if prefilled < jobs.count {
        try prefill(prefilled)
        prefilled += 1
      } else {
        try step(running)
      }
    } catch {
      guard error.kind == .cancelled else { throw error }
      for job in jobs where job.stopReason == nil { job.stopReason = .cancelled }
    }
    return !running.isEmpty
  }

  /// The results in the order of the requests. Only after the last piece of work.
  package var results: [GenerationResult] { jobs.indices.map(result) }

  /// The requests that are not made yet.
  private var running: [Int] { jobs.indices.filter { jobs[$0].stopReason == nil } }

  private func prefill(_ index: Int) throws(UniMoEError) {
    let job = jobs[index]
    report(index, .prefill)
    let start = MonotonicClock.now
    try batch.prefill(job.stream, cancellation: cancellation)
    job.statistics.promptTokens = job.stream.prompt.conditional.count
    job.statistics.prefillSeconds = (MonotonicClock.now - start).seconds
  }

  private func step(_ running: [Int]) throws(UniMoEError) {
    let start = MonotonicClock.now
    let streams = running.map { jobs[$0].stream }
    recorder?.beginStep(of: running, streams)
    try batch.step(streams, cancellation: cancellation)
    recorder?.endStep()
    let seconds = (MonotonicClock.now - start).seconds
    for index in running {
      jobs[index].statistics.steps += 1
      jobs[index].statistics.stepSeconds += seconds
      tellMarks(index)
      try turnIntoSound(index)
    }
  }

  /// Hands on what the plan's source has marked in a step.
  private func tellMarks(_ index: Int) {
    guard let source = jobs[index].stream.plan?.source, !source.marks.isEmpty else { return }
    for mark in source.marks {
      observer?.request(index, reached: mark, atSample: mark.codeFrame * samplesPerFrame)
    }
    jobs[index].marks += source.marks
    source.marks.removeAll(keepingCapacity: true)
  }

  /// Hands complete code frames to the codec, and ends the request where the sequence or the watchdog says so.
  private func turnIntoSound(_ index: Int) throws(UniMoEError) {
    let job = jobs[index]
    let sequence = job.stream.sequence
    let ready = job.codes.frameCount..<sequence.completeCodeFrames
    let start = MonotonicClock.now
    if !ready.isEmpty, ready.count >= job.chunk || sequence.isFinished {
      job.chunk = min(2 * job.chunk, Self.largestChunk)
      let codes = sequence.codes(ready)
      for frame in 0..<codes.frameCount { job.codes.append(codes[frame]) }
      job.watchdog?.see(codes)
      try job.decoder.push(codes, cancellation: cancellation) { hear($0, index) }
    }
    report(index, sequence.isFinished ? .decode : .generate)
    if sequence.isFinished || job.watchdog?.isTriggered == true {
      try job.decoder.finish(cancellation: cancellation) { hear($0, index) }
      emit(job.fade.finish(), index)
      job.stopReason = sequence.isFinished ? (sequence.endedByModel ? .end : .length) : .watchdog
    }
    job.statistics.codecSeconds += (MonotonicClock.now - start).seconds
  }

  /// Takes samples from the codec.
  private func hear(_ samples: UnsafeBufferPointer<Float>, _ index: Int) {
    jobs[index].watchdog?.hear(samples)
    emit(jobs[index].fade.push(samples), index)
  }

  /// Hands samples to whoever waits for them.
  private func emit(_ samples: [Float], _ index: Int) {
    if samples.isEmpty { return }
    jobs[index].samples += samples
    samples.withUnsafeBufferPointer { observer?.request(index, produced: $0) }
  }

  private func report(_ index: Int, _ phase: GenerationProgress.Phase) {
    let job = jobs[index]
    observer?.request(
      index,
      progressed: GenerationProgress(
        phase: phase, codeFramesDone: job.stream.sequence.completeCodeFrames,
        codeFramesExpected: job.stream.sequence.length ?? job.maximumCodeFrames))
  }

  private func result(_ index: Int) -> GenerationResult {
    let job = jobs[index]
    return GenerationResult(
      codes: job.codes, samples: job.samples, stopReason: job.stopReason ?? .cancelled, statistics: job.statistics,
      routes: recorder?.traces[index], marks: job.marks, plan: job.stream.plan?.codes(job.codes.frameCount))
  }
}
