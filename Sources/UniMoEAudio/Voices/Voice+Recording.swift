extension Voice {
  /// How long a recording of a voice may be, in seconds: long enough to hold a sound, and short enough to leave room for
  /// what is to be said.
  public static let recordingSeconds = 0.2...30.0

  /// Makes a voice from a recording of somebody speaking and what is said in it.
  ///
  /// All channels become one and the rate the codec's, as the reference does it. Throws `UniMoEError` of kind `audio`
  /// if the recording is too short, too long or silent, of kind `voice` for an empty transcript, and `cancelled`.
  /// `source` names the recording in errors. Thread: any.
  public init(
    name: String, recording: AudioClip, source: String, transcript: String, codec: Codec,
    cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    let limits = Self.recordingSeconds
    guard limits.contains(recording.seconds) else {
      throw UniMoEError(
        .audio, source, expected: "\(limits.lowerBound) to \(limits.upperBound) seconds of speech",
        found: "\((recording.seconds * 100).rounded() / 100) seconds")
    }
    guard !transcript.allSatisfy(\.isWhitespace) else {
      throw UniMoEError(.voice, name, field: "transcript", expected: "what is said in the recording", found: "nothing")
    }
    let mono = recording.mono()
    var statistics = SoundStatistics(sampleRate: recording.sampleRate)
    statistics.add(mono)
    guard statistics.peak >= SoundStatistics.silence else {
      throw UniMoEError(.audio, source, expected: "speech", found: "silence")
    }
    let samples = try PromptResampler.resample(
      mono, from: recording.sampleRate, to: codec.sampleRate, cancellation: cancellation)
    self.init(name: name, codes: try codec.encode(samples, cancellation: cancellation), transcript: transcript)
  }
}
