// The header documents the exported functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CKernels
import CUniMoEAudio
import Glibc
import LiveStream
import Posix
import Posix
import Synchronization
import UniMoEAudio

/// What `unimoe_engine` points to.
final class EngineHandle: Sendable {
  let engine: Engine
  let voices: VoiceStore
  let log: HostLog
  private let streams = PerProcess { EngineStreams() }

  /// Whose turn it is among the streams of the calling process.
  var schedule: StreamSchedule { streams.value.schedule }

  init(_ engine: Engine, log: HostLog) throws(UniMoEError) {
    self.engine = engine
    self.log = log
    voices = VoiceStore(modelDirectory: engine.model.directory)
  }

  /// The handle behind a C pointer. Throws for null.
  static func from(_ pointer: OpaquePointer?) throws(UniMoEError) -> EngineHandle {
    Unmanaged<EngineHandle>.fromOpaque(UnsafeRawPointer(try required(pointer, "engine"))).takeUnretainedValue()
  }

  /// Remembers a stream, so that closing can cancel it. Throws if the engine is being closed.
  func add(_ stream: LiveStream) throws(UniMoEError) {
    if !streams.value.add(stream) {
      throw argumentError("engine", expected: "an open engine", found: "one that is being closed")
    }
  }

  /// Cancels all streams of the calling process and waits for their ends, except that of a stream whose callback calls
  /// this.
  func close() { streams.value.close() }
}

/// One process's streams of an engine that may still run, kept alive by their threads and handles.
private final class EngineStreams: Sendable {
  private struct State {
    struct Entry {
      weak var stream: LiveStream?
      let ended: Latch
    }
    var entries: [Entry] = []
    var isClosing = false
  }

  let schedule = StreamSchedule()
  private let state = Mutex(State())

  /// Remembers a stream; returns false if the streams are being closed.
  func add(_ stream: LiveStream) -> Bool {
    state.withLock { state in
      state.entries.removeAll { $0.ended.isOpen }
      if !state.isClosing { state.entries.append(State.Entry(stream: stream, ended: stream.ended)) }
      return !state.isClosing
    }
  }

  func close() {
    let entries = state.withLock { state in
      state.isClosing = true
      return state.entries
    }
    for entry in entries { entry.stream?.cancel() }
    for entry in entries where entry.stream?.isOnOwnThread != true { _ = entry.ended.wait(until: nil) }
  }
}

/// Where an engine's log goes.
final class HostLog: @unchecked Sendable {
  private let callback: unimoe_log_callback?
  private let user: UnsafeMutableRawPointer?
  private let limit: unimoe_log_level
  private let turn = PerProcess { Turn() }

  init(_ callback: unimoe_log_callback?, user: UnsafeMutableRawPointer?, limit: unimoe_log_level) {
    self.callback = callback
    self.user = user
    self.limit = limit
  }

  /// Gives a line to the host, if it wants lines of the level.
  func write(_ level: unimoe_log_level, _ message: @autoclosure () -> String) {
    guard let callback, level <= limit else { return }
    let line = message()
    turn.value.mutex.withLock { _ in line.withCString { callback(user, level, $0) } }
  }

  /// Lets one line after the other through.
  private final class Turn: Sendable {
    let mutex = Mutex(())
  }
}

/// Where the library lies, as if in no folder for one architecture: what is installed beside it is found from there.
/// `nil` if the system does not tell.
private func libraryPath() -> String? {
  guard let name = umk_loaded_file(#dsohandle), let resolved = realpath(name, nil) else { return nil }
  defer { free(resolved) }
  let parts = String(cString: resolved).split(separator: "/")
  guard let last = parts.last, let lib = parts.dropLast().lastIndex(of: "lib") else {
    return String(cString: resolved)
  }
  return "/" + (parts[...lib] + [last]).joined(separator: "/")
}

private var defaultEngineOptions: unimoe_engine_options {
  unimoe_engine_options(
    struct_size: UInt32(MemoryLayout<unimoe_engine_options>.stride), threads: 0, model: nil, log: nil, log_user: nil,
    log_level: UNIMOE_LOG_WARNING, reserved: 0, fast_prompt: 0, reserved_2: 0, words: nil)
}

@c @implementation
public func unimoe_engine_open(
  _ options: UnsafePointer<unimoe_engine_options>?, _ engine: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  engine?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let result = try required(engine, "engine")
    var chosen = defaultEngineOptions
    if let options { chosen = try Struct.read(options, defaults: chosen, firstSize: 40, "options") }
    let mostThreads = Engine.Options.threadRange.upperBound
    guard (0...Int32(mostThreads)).contains(chosen.threads) else {
      throw argumentError("options.threads", expected: "0 to \(mostThreads)", found: "\(chosen.threads)")
    }
    guard (0...1).contains(chosen.fast_prompt) else {
      throw argumentError("options.fast_prompt", expected: "0 or 1", found: "\(chosen.fast_prompt)")
    }
    let log = HostLog(chosen.log, user: chosen.log_user, limit: chosen.log_level)
    let model =
      try chosen.model == nil
      ? ModelLocator(executable: libraryPath()).locate() : text(chosen.model, "options.model")
    let engineOptions = try Engine.Options(
      threads: chosen.threads == 0 ? nil : Int(chosen.threads),
      promptArithmetic: chosen.fast_prompt == 1 ? .bfloat16 : .exact,
      words: chosen.words == nil ? UserWords() : UserWords(path: try text(chosen.words, "options.words")))
    let opened = try Engine(modelDirectory: model, options: engineOptions)
    let handle = try EngineHandle(opened, log: log)
    log.write(UNIMOE_LOG_INFO, "opened the model \(model)")
    result.pointee = OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
  }
}

@c @implementation
public func unimoe_engine_close(_ engine: OpaquePointer?) {
  guard let engine else { return }
  let handle = Unmanaged<EngineHandle>.fromOpaque(UnsafeRawPointer(engine))
  withinHost {
    handle.takeUnretainedValue().close()
    handle.release()
  }
}

@c @implementation
public func unimoe_engine_info(
  _ engine: OpaquePointer?, _ info: UnsafeMutablePointer<unimoe_model_info>?
) -> unimoe_status {
  reporting { () throws(UniMoEError) in
    let engine = try EngineHandle.from(engine).engine
    let info = try required(info, "info")
    let model = engine.model
    let facts = unimoe_model_info(
      struct_size: 0, sample_rate: Int32(model.sampleRate), code_rate: model.codeRate,
      codebooks: Int32(model.codebooks), layers: Int32(model.layers), routed_experts: Int32(model.experts.routed),
      null_experts: Int32(model.experts.null), shared_experts: Int32(model.experts.shared), reserved: 0,
      longest_text: Int32(model.limits.textCharacters ?? 0), codebook_size: Int32(model.codebookSize),
      longest_voice: model.limits.voiceSeconds ?? 0, longest_music: model.longestMusicSeconds ?? 0,
      tells_words: model.hasSpeechPlan ? 1 : 0, plays_notes: model.hasMusicPlan ? 1 : 0)
    try Struct.write(facts, to: info, firstSize: 40, "info")
  }
}
