import Csndfile
import Synchronization

/// Reads sound files through libsndfile: WAV, FLAC and OGG (Vorbis, Opus), every sample format and channel count.
public enum AudioFile {
  /// What a file may cost.
  public struct Limits: Equatable, Sendable {
    /// The longest sound in seconds.
    public var seconds: Double
    /// The most samples, all channels together; each takes four bytes of memory.
    public var samples: Int

    /// Creates limits: an hour, and half a gigabyte of samples, unless told otherwise.
    public init(seconds: Double = 3600, samples: Int = 1 << 27) {
      self.seconds = seconds
      self.samples = samples
    }
  }

  /// Sample rates that are taken for real.
  public static let sampleRates = 1000...768_000

  /// Reads a whole file.
  ///
  /// The memory taken follows what the file really holds, not what its header claims. Throws `UniMoEError` of kind
  /// `audio` if the file is missing, of another kind, broken, cut short, empty, over the limits, or has samples that
  /// are not numbers; and `cancelled`. Thread: any.
  public static func read(
    _ path: String, limits: Limits = Limits(), cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) -> AudioClip {
    try read(AudioSource(path: path), name: path, limits: limits, cancellation: cancellation)
  }

  /// Reads a file that lies in memory; `name` is for errors. Throws as `read(_:limits:cancellation:)` does.
  public static func read(
    bytes: UnsafeRawBufferPointer, name: String, limits: Limits = Limits(),
    cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) -> AudioClip {
    try read(AudioSource(bytes: bytes), name: name, limits: limits, cancellation: cancellation)
  }

  private static func read(
    _ source: AudioSource, name: String, limits: Limits, cancellation: Cancellation
  ) throws(UniMoEError) -> AudioClip {
    if case .wav = try AudioContainer(of: source, name: name) {
      try WAVHeader.check(source, name: name)
    }
    let sound = try OpenSound(source, name: name)
    // libsndfile holds the source by a plain pointer.
    defer { withExtendedLifetime(source) { _ = sf_close(sound.handle) } }
    let header = try SoundHeader(sound.info, name: name, limits: limits)
    let samples = try readSamples(of: sound.handle, header, byteCount: source.count, name, cancellation)
    return AudioClip(samples: samples, sampleRate: header.sampleRate, channels: header.channels)
  }

  private static func readSamples(
    of handle: OpaquePointer, _ header: SoundHeader, byteCount: Int, _ name: String, _ cancellation: Cancellation
  ) throws(UniMoEError) -> [Float] {
    var samples: [Float] = []
    // Uncompressed sounds have at most one sample per byte; what is beyond grows as it comes out of the decoder.
    samples.reserveCapacity(min(header.frames ?? 0, byteCount / header.channels) * header.channels)
    let blockFrames = max(1, 16384 / header.channels)
    var block = [Float](repeating: 0, count: blockFrames * header.channels)
    while true {
      try cancellation.check()
      let frames = min(blockFrames, header.frameLimit + 1 - samples.count / header.channels)
      let got = Int(sf_readf_float(handle, &block, sf_count_t(frames)))
      if got <= 0 { break }
      let new = block.prefix(got * header.channels)
      if let bad = new.firstIndex(where: { !$0.isFinite }) {
        let frame = (samples.count + bad) / header.channels
        throw UniMoEError(.audio, name, field: "sample \(frame)", expected: "a finite number", found: "\(block[bad])")
      }
      samples.append(contentsOf: new)
      try header.check(frameCount: samples.count / header.channels, name: name)
    }
    let frames = samples.count / header.channels
    if let expected = header.frames, frames < expected {
      let reason = sf_error(handle) == 0 ? "" : " (libsndfile: \(String(cString: sf_strerror(handle))))"
      throw UniMoEError(
        .audio, name, expected: "\(expected) frames, as its header says", found: "\(frames)\(reason)")
    }
    if frames == 0 { throw UniMoEError(.audio, name, expected: "at least one sample", found: "none") }
    return samples
  }
}

/// A sound file that libsndfile has open. Whoever has it closes it.
private struct OpenSound {
  let handle: OpaquePointer
  let info: SF_INFO

  private struct Outcome: @unchecked Sendable {
    var handle: OpaquePointer?
    var info = SF_INFO()
    var reason = ""
  }

  /// libsndfile keeps the reason of a failed opening in a variable of the process.
  private static let opening = Mutex(())

  init(_ source: AudioSource, name: String) throws(UniMoEError) {
    let outcome = Self.opening.withLock { _ in
      var outcome = Outcome()
      var io = AudioSource.virtualIO
      let user = Unmanaged.passUnretained(source).toOpaque()
      outcome.handle = sf_open_virtual(&io, Int32(SFM_READ), &outcome.info, user)
      if outcome.handle == nil { outcome.reason = String(cString: sf_strerror(nil)) }
      return outcome
    }
    guard let opened = outcome.handle else {
      throw UniMoEError(.audio, name, "cannot be read: libsndfile says: \(outcome.reason)")
    }
    info = outcome.info
    handle = opened
  }
}

/// What a sound file's header says, checked.
private struct SoundHeader {
  let sampleRate: Int
  let channels: Int
  /// Frames that the header promises; `nil` where it does not know.
  let frames: Int?
  /// The most frames that the limits allow.
  let frameLimit: Int
  private let limits: AudioFile.Limits

  init(_ info: SF_INFO, name: String, limits: AudioFile.Limits) throws(UniMoEError) {
    sampleRate = Int(info.samplerate)
    if !AudioFile.sampleRates.contains(sampleRate) {
      let range = AudioFile.sampleRates
      throw UniMoEError(
        .audio, name, field: "sample rate", expected: "\(range.lowerBound) to \(range.upperBound) Hz",
        found: "\(sampleRate)")
    }
    channels = Int(info.channels)
    if channels < 1 { throw UniMoEError(.audio, name, field: "channels", expected: "at least 1", found: "\(channels)") }
    self.limits = limits
    let bySeconds = Int(exactly: (limits.seconds * Double(sampleRate)).rounded(.down)) ?? Int.max - 1
    frameLimit = max(0, min(bySeconds, limits.samples / channels))
    frames = info.frames == sf_count_t.max ? nil : Int(info.frames)
    if let frames { try check(frameCount: frames, name: name) }
  }

  /// Throws if a count of frames is over the limits.
  func check(frameCount: Int, name: String) throws(UniMoEError) {
    if frameCount <= frameLimit { return }
    let seconds = tenths(Double(frameCount) / Double(sampleRate))
    if Double(frameCount) > limits.seconds * Double(sampleRate) {
      throw UniMoEError(
        .audio, name, expected: "at most \(tenths(limits.seconds)) seconds", found: "\(seconds) or more")
    }
    throw UniMoEError(
      .audio, name, expected: "at most \(limits.samples) samples",
      found: "\(seconds) seconds of \(channels) channels at \(sampleRate) Hz, or more")
  }

  private func tenths(_ seconds: Double) -> String {
    let tenths = (seconds * 10).rounded() / 10
    return Int(exactly: tenths).map(String.init) ?? "\(tenths)"
  }
}
