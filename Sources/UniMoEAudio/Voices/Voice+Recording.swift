extension Voice {
  /// How long a recording of a voice may be, in seconds: long enough to hold a sound, and short enough to leave room for
  /// what is to be said.
  public static let recordingSeconds = 0.2...30.0

  /// Makes a voice from a recording of somebody speaking and what is said in it.
  ///
  /// All channels become one and the rate the codec's, as the reference does it; silence before and after the words is
  /// left out (`SpeechRange`). Throws `UniMoEError` of kind `audio` if the recording is too short, too long or silent, of
  /// kind `voice` for a transcript without words, or of more than can be said in that time, and `cancelled`. `source`
  /// names the recording in errors. Thread: any.
  public init(
    name: String, recording: AudioClip, source: String, transcript: String, codec: Codec,
    cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    let limits = Self.recordingSeconds
    func checkLength(_ seconds: Double) throws(UniMoEError) {
      if limits.contains(seconds) { return }
      throw UniMoEError(
        .audio, source, expected: "\(limits.lowerBound) to \(limits.upperBound) seconds of speech",
        found: "\((seconds * 100).rounded() / 100) seconds")
    }
    if recording.seconds < limits.lowerBound { try checkLength(recording.seconds) }
    guard !transcript.allSatisfy(\.isWhitespace) else {
      throw UniMoEError(.voice, name, field: "transcript", expected: "what is said in the recording", found: "nothing")
    }
    guard SentenceSplitter.isSayable(transcript) else {
      throw UniMoEError(
        .voice, name, field: "transcript", expected: "what is said in the recording", found: "no letters or digits")
    }
    let whole = recording.mono()
    let speech = SpeechRange(of: whole, sampleRate: recording.sampleRate)
    let mono = Array(whole[speech.samples])
    let seconds = Double(mono.count) / Double(recording.sampleRate)
    try checkLength(seconds)
    try Self.check(transcript: transcript, seconds: seconds, name: name)
    var statistics = SoundStatistics(sampleRate: recording.sampleRate)
    statistics.add(mono)
    guard statistics.peak >= SoundStatistics.silence else {
      throw UniMoEError(.audio, source, expected: "speech", found: "silence")
    }
    let samples = try PromptResampler.resample(
      mono, from: recording.sampleRate, to: codec.sampleRate, cancellation: cancellation)
    self.init(name: name, codes: try codec.encode(samples, cancellation: cancellation), transcript: transcript)
  }

  /// Throws if a transcript holds more than the fastest of speakers can say in a time: three times the usual pace.
  private static func check(transcript: String, seconds: Double, name: String) throws(UniMoEError) {
    // A digit is a word, and a character of a script without letters a syllable at the least.
    let count = transcript.reduce(0) { sum, character in
      guard character.isLetter || character.isNumber else { return sum }
      return sum + (character.isNumber || SentenceSplitter.isWide(character) ? 4 : 1)
    }
    let most = Int(10 + lettersPerSecond * seconds)
    guard count > most else { return }
    throw UniMoEError(
      .voice, name, field: "transcript",
      expected: "what is said in the \((seconds * 100).rounded() / 100) seconds of speech, at most \(most) letters",
      found: "\(count)")
  }

  /// Letters that can be said in a second at the most.
  private static let lettersPerSecond = 40.0
}
