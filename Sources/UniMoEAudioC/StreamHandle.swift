// The header documents the exported functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import AudioRing
import CUniMoEAudio
import Glibc
import LiveStream
import Posix
import Synchronization
import UniMoEAudio

/// What `unimoe_stream` points to: plain memory, so that an audio thread's read touches no reference count.
struct StreamCore: ~Copyable {
  /// The consumer's end of the stream's ring.
  let reader: AudioRingReader
  /// Whether the start gate has opened; in the owner's memory.
  let isStarted: UnsafeMutablePointer<Atomic<Bool>>
  /// The stream and its engine, held until the release.
  let owner: Unmanaged<StreamOwner>
  /// The last mark that was given; moved by whoever asks for marks alone.
  var mark: UnsafeMutablePointer<MarkLog.Node>
  /// The process that the stream's thread is in: a child that was forked from it has none, and its locks may be closed.
  let process = getpid()
}

/// What a stream's core keeps alive.
final class StreamOwner: Sendable {
  let stream: LiveStream
  let engine: EngineHandle
  let started: StartFlag
  let marks: MarkLog

  init(_ stream: LiveStream, _ engine: EngineHandle, _ started: StartFlag, _ marks: MarkLog) {
    self.stream = stream
    self.engine = engine
    self.started = started
    self.marks = marks
  }
}

/// Whether a start gate has opened. The stream's thread and its handle both hold it: either may be gone first.
final class StartFlag: @unchecked Sendable {
  let pointer = UnsafeMutablePointer<Atomic<Bool>>.allocate(capacity: 1)

  init() { pointer.initialize(to: Atomic(false)) }

  deinit {
    pointer.deinitialize(count: 1)
    pointer.deallocate()
  }
}

/// The host's functions of one stream.
final class StreamCallbacks: @unchecked Sendable {
  private let audio: unimoe_audio_callback?
  private let progress: unimoe_progress_callback?
  private let end: unimoe_end_callback?
  private let user: UnsafeMutableRawPointer?

  init(_ request: unimoe_request) {
    audio = request.audio
    progress = request.progress
    end = request.end
    user = request.user
  }

  /// Lets a stream call the host.
  func install(in options: inout LiveStream.Options) {
    if let audio {
      options.onAudio = { [self] samples in
        if let first = samples.baseAddress { audio(user, first, UInt32(samples.count)) }
      }
    }
    if let progress {
      options.onProgress = { [self] report in
        progress(
          user, report.phase.code, UInt32(clamping: report.codeFramesDone), UInt32(clamping: report.codeFramesExpected))
      }
    }
  }

  /// Tells the host the end.
  func report(_ end: LiveStream.End) { self.end?(user, end.code, end.status) }
}

extension StreamCore {
  /// The core behind a C pointer. Throws for null, and for a stream of the process that this one was forked from.
  static func from(_ pointer: OpaquePointer?) throws(UniMoEError) -> UnsafeMutablePointer<StreamCore> {
    let core = UnsafeMutablePointer<StreamCore>(try required(pointer, "stream"))
    if core.pointee.process != getpid() {
      throw argumentError(
        "stream", expected: "one of this process", found: "one of the process that it was forked from")
    }
    return core
  }
}

private var defaultRequest: unimoe_request {
  unimoe_request(
    struct_size: UInt32(MemoryLayout<unimoe_request>.stride), task: UNIMOE_TASK_SPEECH, text: nil, voice: nil, seed: 0,
    sample_rate: 0, sampling: -1, guidance: -1, temperature: -1, top_k: -1, top_p: -1, shortest: -1, longest: -1,
    buffer: 0, start_after: -1, audio: nil, progress: nil, end: nil, user: nil, characters: 0,
    verbatim: 0, speed: -1, spread: -1)
}

@c @implementation
public func unimoe_stream_start(
  _ engine: OpaquePointer?, _ request: UnsafePointer<unimoe_request>?,
  _ stream: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  stream?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let handle = try EngineHandle.from(engine)
    let given = try Struct.read(
      try required(request, "request"), defaults: defaultRequest, firstSize: 120, "request")
    let result = try required(stream, "stream")
    let made = try makeRequest(given, handle)
    let started = StartFlag()
    let marks = MarkLog()
    let live = try start(made, given, handle, started, marks)
    let core = UnsafeMutablePointer<StreamCore>.allocate(capacity: 1)
    core.initialize(
      to: StreamCore(
        reader: live.ring.reader, isStarted: started.pointer,
        owner: Unmanaged.passRetained(StreamOwner(live, handle, started, marks)), mark: marks.head))
    result.pointee = OpaquePointer(core)
  }
}

/// Starts the stream of a request that was read and checked.
private func start(
  _ request: Request, _ given: unimoe_request, _ handle: EngineHandle, _ started: StartFlag, _ marks: MarkLog
) throws(UniMoEError) -> LiveStream {
  var options = LiveStream.Options()
  options.sampleRate = given.sample_rate == 0 ? nil : Int(given.sample_rate)
  options.bufferSeconds = given.buffer > 0 ? given.buffer : nil
  options.startAfterSeconds = given.start_after >= 0 ? given.start_after : nil
  let callbacks = StreamCallbacks(given)
  callbacks.install(in: &options)
  options.onStart = { started.pointer.pointee.store(true, ordering: .releasing) }
  options.onMark = { mark, sample in marks.append(unimoe_mark(mark, sample: sample)) }
  let log = handle.log
  options.onEnd = { end in
    log.write(end.level, "stream ended: \(end.text)")
    // The callback may come before the host has the stream to ask.
    if case .failed(let error) = end { ErrorMessage.set(error.description) }
    callbacks.report(end)
  }
  let live = try LiveStream(handle.engine, request, options: options, schedule: handle.schedule)
  do throws(UniMoEError) {
    try handle.add(live)
  } catch {
    live.cancel()
    _ = live.wait(for: nil)
    throw error
  }
  return live
}

/// The engine's request for what the host asked.
private func makeRequest(_ given: unimoe_request, _ handle: EngineHandle) throws(UniMoEError) -> Request {
  let words = try text(given.text, "request.text")
  let content: Request.Content
  switch given.task {
  case UNIMOE_TASK_SPEECH:
    let voice =
      try given.voice == nil
      ? handle.load(handle.voices.defaultName()) : VoiceHandle.from(given.voice).voice
    for (name, value) in [("verbatim", given.verbatim), ("characters", given.characters)] where !(0...1).contains(value)
    {
      throw argumentError("request.\(name)", expected: "0 or 1", found: "\(value)")
    }
    content = .speech(text: words, voice: voice)
  case UNIMOE_TASK_MUSIC: content = .music(caption: words)
  default:
    throw argumentError("request.task", expected: "UNIMOE_TASK_SPEECH or UNIMOE_TASK_MUSIC", found: "\(given.task)")
  }
  // Negative numbers, and numbers that are none, leave what the model has.
  let changes = SamplingChanges(
    guidanceScale: given.guidance >= 0 ? given.guidance : nil,
    isRandom: given.sampling >= 0 ? given.sampling != 0 : nil,
    temperature: given.temperature >= 0 ? given.temperature : nil, topK: given.top_k >= 0 ? Int(given.top_k) : nil,
    topP: given.top_p >= 0 ? given.top_p : nil)
  var request = Request(
    content, seed: given.seed, sampling: changes.applied(to: handle.engine.defaultSampling(for: content)),
    minimumSeconds: given.shortest >= 0 ? given.shortest : nil,
    maximumSeconds: given.longest >= 0 ? given.longest : nil)
  request.speaksCharacters = given.characters == 1
  request.reading = given.verbatim == 1 ? .verbatim : .english
  if given.speed >= 0 || given.spread >= 0 {
    var walk = handle.engine.model.walk
    if given.speed >= 0 { walk.speed = given.speed }
    if given.spread >= 0 { walk.spread = given.spread }
    request.walk = walk
  }
  return request
}

// The compiler proves that the real-time read neither locks nor allocates.
@c @implementation
@_noLocks @_noAllocation
public func unimoe_stream_read(
  _ stream: OpaquePointer?, _ samples: UnsafeMutablePointer<Float>?, _ frames: UInt32
) -> UInt32 {
  guard let samples else { return 0 }
  guard let stream else { return silence(samples, frames) }
  let core = UnsafeMutablePointer<StreamCore>(stream)
  if !core.pointee.isStarted.pointee.load(ordering: .acquiring) { return silence(samples, frames) }
  return UInt32(truncatingIfNeeded: core.pointee.reader.read(into: samples, count: Int(frames)))
}

/// Writes silence; what a read gives when there is no sound to give.
@_noLocks @_noAllocation
private func silence(_ samples: UnsafeMutablePointer<Float>, _ frames: UInt32) -> UInt32 {
  var index = 0
  while index < Int(frames) {
    samples[index] = 0
    index &+= 1
  }
  return 0
}

@c @implementation
@_noLocks @_noAllocation
public func unimoe_stream_next_mark(_ stream: OpaquePointer?, _ mark: UnsafeMutablePointer<unimoe_mark>?) -> Int32 {
  guard let stream, let mark else { return 0 }
  let core = UnsafeMutablePointer<StreamCore>(stream)
  let field = MemoryLayout<UInt32>.size
  let known = Int(UnsafeRawPointer(mark).loadUnaligned(as: UInt32.self))
  guard known >= unimoe_mark.firstSize, let next = core.pointee.mark.pointee.next.load(ordering: .acquiring) else {
    return 0
  }
  core.pointee.mark = next.assumingMemoryBound(to: MarkLog.Node.self)
  let size = MemoryLayout<unimoe_mark>.stride
  // The mark lies at the beginning of its node; struct_size stays the caller's.
  (UnsafeMutableRawPointer(mark) + field).copyMemory(
    from: UnsafeRawPointer(next) + field, byteCount: (known < size ? known : size) &- field)
  return 1
}

@c @implementation
public func unimoe_stream_wait_read(
  _ stream: OpaquePointer?, _ samples: UnsafeMutablePointer<Float>?, _ frames: UInt32, _ milliseconds: Int32,
  _ count: UnsafeMutablePointer<UInt32>?
) -> unimoe_status {
  count?.pointee = 0
  return reportingStatus { () throws(UniMoEError) in
    let core = try StreamCore.from(stream)
    try refuseOwnThread(core)
    let reader = core.pointee.reader
    let samples = try required(samples, "samples")
    let count = try required(count, "count")
    core.pointee.owner.takeUnretainedValue().stream.readsPatiently()
    let limit: Duration = milliseconds < 0 ? .seconds(1 << 30) : .milliseconds(Int(milliseconds))
    let deadline = MonotonicClock.now + limit
    var done = 0
    while done < Int(frames) && !reader.isAtEnd {
      // Sample by sample arrival must not draw the limit out: each wait is for what is left of it.
      let left = max(deadline - MonotonicClock.now, .zero)
      _ = reader.waitForData(1, timeout: left)
      done += reader.waitingRead(into: samples + done, count: Int(frames) - done, timeout: .zero)
      if left == .zero { break }
    }
    count.pointee = UInt32(done)
    return done == Int(frames) || reader.isAtEnd ? UNIMOE_OK : timedOut("stream")
  }
}

/// The status of a time limit that passed; the message says of what.
private func timedOut(_ subject: String) -> unimoe_status {
  ErrorMessage.set("\(subject): the time limit passed")
  return UNIMOE_ERROR_TIMEOUT
}

/// Throws in a callback of the stream, which would wait for itself.
private func refuseOwnThread(_ core: UnsafeMutablePointer<StreamCore>) throws(UniMoEError) {
  if core.pointee.owner.takeUnretainedValue().stream.isOnOwnThread {
    throw argumentError("stream", expected: "a wait outside its callbacks", found: "one inside")
  }
}

@c @implementation
public func unimoe_stream_cancel(_ stream: OpaquePointer?) {
  guard let stream else { return }
  let core = UnsafeMutablePointer<StreamCore>(stream)
  // Also an audio thread's call: wakes nobody, since that could take a lock.
  core.pointee.owner.takeUnretainedValue().stream.cancelWithoutWaking()
}

@c @implementation
public func unimoe_stream_wait(_ stream: OpaquePointer?, _ milliseconds: Int32) -> unimoe_status {
  reportingStatus { () throws(UniMoEError) in
    let core = try StreamCore.from(stream)
    try refuseOwnThread(core)
    let live = core.pointee.owner.takeUnretainedValue().stream
    let hasEnded = live.wait(for: milliseconds < 0 ? nil : .milliseconds(Int(milliseconds)))
    return hasEnded ? UNIMOE_OK : timedOut("stream")
  }
}

@c @implementation
public func unimoe_stream_get_state(
  _ stream: OpaquePointer?, _ state: UnsafeMutablePointer<unimoe_stream_state>?
) -> unimoe_status {
  reporting { () throws(UniMoEError) in
    let core = try StreamCore.from(stream)
    let owner = core.pointee.owner.takeUnretainedValue()
    let live = owner.stream.state
    let ring = owner.stream.ring
    let report = unimoe_stream_state(
      struct_size: 0, phase: live.end == nil ? live.progress.phase.code : UNIMOE_PHASE_ENDED,
      end: live.end?.code ?? UNIMOE_END_NONE, error: live.end?.status ?? UNIMOE_OK,
      code_frames_done: UInt32(clamping: live.progress.codeFramesDone),
      code_frames_expected: UInt32(clamping: live.progress.codeFramesExpected),
      sample_rate: Int32(owner.stream.sampleRate), is_started: live.isStarted ? 1 : 0,
      frames_produced: UInt64(live.producedSamples), frames_read: UInt64(ring.deliveredSamples),
      frames_ready: UInt64(clamping: core.pointee.reader.readSpace), underruns: UInt64(ring.underruns),
      frames_missing: UInt64(ring.missingSamples), predicted_speed: live.predictedSpeed ?? 0,
      measured_speed: live.measuredSpeed ?? 0, start_gate: live.gateSeconds, first_audio: live.firstAudioSeconds ?? 0)
    try Struct.write(report, to: try required(state, "state"), firstSize: 104, "state")
  }
}

@c @implementation
public func unimoe_stream_error_message(
  _ stream: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Int {
  var message = ""
  if let core = try? StreamCore.from(stream) {
    let live = core.pointee.owner.takeUnretainedValue().stream
    if case .failed(let error) = live.state.end { message = error.description }
  }
  return copy(message, to: buffer, size: size)
}

@c @implementation
public func unimoe_stream_release(_ stream: OpaquePointer?) {
  guard let stream else { return }
  let core = UnsafeMutablePointer<StreamCore>(stream)
  // In a forked child there is nobody to wait for, and what the thread held stays held.
  if core.pointee.process != getpid() { return }
  let owner = core.pointee.owner
  let live = owner.takeUnretainedValue().stream
  withinHost {
    live.cancel()
    // In the stream's own callbacks this returns at once; the thread keeps what it needs.
    _ = live.wait(for: nil)
    core.deinitialize(count: 1)
    core.deallocate()
    owner.release()
  }
}

extension GenerationProgress.Phase {
  /// The C constant.
  var code: unimoe_phase {
    switch self {
    case .queued: UNIMOE_PHASE_QUEUED
    case .prefill: UNIMOE_PHASE_PREFILL
    case .generate: UNIMOE_PHASE_GENERATE
    case .decode: UNIMOE_PHASE_DECODE
    }
  }
}

extension LiveStream.End {
  /// The C constant.
  var code: unimoe_end {
    switch self {
    case .stopped(.end): UNIMOE_END_COMPLETE
    case .stopped(.length): UNIMOE_END_LENGTH
    case .stopped(.watchdog): UNIMOE_END_WATCHDOG
    case .stopped(.cancelled): UNIMOE_END_CANCELLED
    case .failed: UNIMOE_END_FAILED
    }
  }

  /// The status of the error, if it was one.
  var status: unimoe_status {
    if case .failed(let error) = self { UniMoEAudioC.status(of: error) } else { UNIMOE_OK }
  }

  /// How loudly it is logged.
  var level: unimoe_log_level {
    if case .failed = self { UNIMOE_LOG_ERROR } else { UNIMOE_LOG_INFO }
  }

  /// The end in a few words.
  var text: String {
    switch self {
    case .stopped(let reason): reason.rawValue
    case .failed(let error): error.description
    }
  }
}

extension unimoe_mark {
  /// Bytes of the first header's struct.
  static var firstSize: Int {
    @_noLocks @_noAllocation get { 40 }
  }

  /// A mark as C has it.
  init(_ mark: Mark, sample: Int) {
    self.init(
      struct_size: UInt32(MemoryLayout<unimoe_mark>.stride),
      kind: mark.kind == .wordStart ? UNIMOE_MARK_WORD_START : UNIMOE_MARK_WORD_END,
      word: UInt32(clamping: mark.word), reserved: 0, text_start: UInt64(mark.textRange.lowerBound),
      text_end: UInt64(mark.textRange.upperBound), frame: UInt64(max(0, sample)))
  }
}
