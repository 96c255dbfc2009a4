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

@c @implementation
public func unimoe_stream_start(
  _ engine: OpaquePointer?, _ request: UnsafePointer<unimoe_request>?,
  _ stream: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  stream?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let handle = try EngineHandle.from(engine)
    let given = try Struct.read(
      try required(request, "request"), defaults: .initial, firstSize: 120, "request")
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
  guard (0...1).contains(given.long_text) else {
    throw argumentError("request.long_text", expected: "0 or 1", found: "\(given.long_text)")
  }
  options.isLongText = given.long_text == 1
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
