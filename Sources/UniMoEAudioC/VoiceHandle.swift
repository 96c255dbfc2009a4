// The header documents the exported functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CUniMoEAudio
import UniMoEAudio

/// What `unimoe_voice` points to.
final class VoiceHandle: Sendable {
  let voice: Voice
  /// Where the voice is stored to.
  let voices: VoiceStore

  init(_ voice: Voice, _ voices: VoiceStore) {
    self.voice = voice
    self.voices = voices
  }

  /// The handle behind a C pointer. Throws for null.
  static func from(_ pointer: OpaquePointer?) throws(UniMoEError) -> VoiceHandle {
    Unmanaged<VoiceHandle>.fromOpaque(UnsafeRawPointer(try required(pointer, "voice"))).takeUnretainedValue()
  }

  /// A new reference for C.
  static func retained(_ voice: Voice, _ handle: EngineHandle) -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(VoiceHandle(voice, handle.voices)).toOpaque())
  }
}

/// The name of a voice that has not been stored.
private let unnamed = "unnamed"

@c @implementation
public func unimoe_voice_create(
  _ engine: OpaquePointer?, _ samples: UnsafePointer<Float>?, _ frames: UInt64, _ channels: Int32,
  _ sample_rate: Int32, _ transcript: UnsafePointer<CChar>?, _ voice: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  voice?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let handle = try EngineHandle.from(engine)
    let samples = try required(samples, "samples")
    let result = try required(voice, "voice")
    let words = try text(transcript, "transcript")
    guard (1...64).contains(channels) else {
      throw argumentError("channels", expected: "1 to 64", found: "\(channels)")
    }
    guard (1...768_000).contains(sample_rate) else {
      throw argumentError("sample_rate", expected: "1 to 768000 Hz", found: "\(sample_rate)")
    }
    // Longer recordings are refused below; the limit here is what keeps the product from overflowing.
    guard frames <= 1 << 40 else { throw argumentError("frames", expected: "at most 2^40", found: "\(frames)") }
    let seconds = Double(frames) / Double(sample_rate)
    guard Voice.recordingSeconds.contains(seconds) else {
      throw UniMoEError(
        .audio, "recording",
        expected: "\(Voice.recordingSeconds.lowerBound) to \(Voice.recordingSeconds.upperBound) seconds of speech",
        found: "\(seconds) seconds")
    }
    let clip = AudioClip(
      samples: Array(UnsafeBufferPointer(start: samples, count: Int(frames) * Int(channels))),
      sampleRate: Int(sample_rate), channels: Int(channels))
    let made = try Voice(
      name: unnamed, recording: clip, source: "recording", transcript: words, codec: handle.engine.codec)
    result.pointee = VoiceHandle.retained(made, handle)
  }
}

@c @implementation
public func unimoe_voice_create_from_file(
  _ engine: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ transcript: UnsafePointer<CChar>?,
  _ voice: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  voice?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let handle = try EngineHandle.from(engine)
    let path = try text(path, "path")
    let words = try text(transcript, "transcript")
    let result = try required(voice, "voice")
    let clip = try AudioFile.read(path)
    let made = try Voice(
      name: unnamed, recording: clip, source: path, transcript: words, codec: handle.engine.codec)
    result.pointee = VoiceHandle.retained(made, handle)
  }
}

@c @implementation
public func unimoe_voice_open(
  _ engine: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ voice: UnsafeMutablePointer<OpaquePointer?>?
) -> unimoe_status {
  voice?.pointee = nil
  return reporting { () throws(UniMoEError) in
    let handle = try EngineHandle.from(engine)
    let result = try required(voice, "voice")
    let name = try name == nil ? handle.voices.defaultName() : text(name, "name")
    result.pointee = VoiceHandle.retained(try handle.load(name), handle)
  }
}

@c @implementation
public func unimoe_voice_save(
  _ voice: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ replace: Int32
) -> unimoe_status {
  reporting { () throws(UniMoEError) in
    let handle = try VoiceHandle.from(voice)
    var stored = handle.voice
    stored.name = try text(name, "name")
    try handle.voices.add(stored, replacing: replace != 0)
  }
}

@c @implementation
public func unimoe_voice_remove(_ engine: OpaquePointer?, _ name: UnsafePointer<CChar>?) -> unimoe_status {
  reporting { () throws(UniMoEError) in
    try EngineHandle.from(engine).voices.remove(try text(name, "name"))
  }
}

@c @implementation
public func unimoe_voice_name(
  _ engine: OpaquePointer?, _ index: UInt32, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Int {
  if let buffer, size > 0 { buffer[0] = 0 }
  var bytes = 0
  _ = reporting { () throws(UniMoEError) in
    let entries = try EngineHandle.from(engine).voices.locations()
    if Int(index) < entries.count { bytes = copy(entries[Int(index)].name, to: buffer, size: size) }
  }
  return bytes
}

@c @implementation
public func unimoe_voice_release(_ voice: OpaquePointer?) {
  if let voice { Unmanaged<VoiceHandle>.fromOpaque(UnsafeRawPointer(voice)).release() }
}

extension EngineHandle {
  /// Loads a stored voice for this engine's codec.
  func load(_ name: String) throws(UniMoEError) -> Voice {
    try voices.load(name, codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
  }
}
