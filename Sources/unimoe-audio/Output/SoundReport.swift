import UniMoEAudio

/// What a command that made sound tells its user.
struct SoundReport {
  /// What was made, one per request.
  let outcome: Performance.Outcome
  /// The text of each request.
  let texts: [String]
  /// What was written.
  let written: SoundOutput.Written
  /// Where it was written.
  let output: SoundOutput
  let model: ModelSummary
  let seed: UInt64
  /// Whether the user said how long the sound may be, so that a cut there is no news.
  let hasChosenLength: Bool
  /// The voice; `nil` for music.
  let voice: String?
  /// What was played, in a few words; `nil` for speech, and where nobody wrote notes.
  var composition: String?

  /// Prints the report: JSON if asked for, else a summary unless sound went to standard output or quiet is wanted. What
  /// was lost goes to standard error in any case.
  func print(common: CommonOptions) throws {
    if common.json {
      try JSONLine.print(Facts(self))
    } else if !common.quiet {
      if output.takesStandardOutput {
        if StandardStreams.errorIsTerminal { StandardStreams.complain(summary(TextStyle(isTerminal: true))) }
      } else {
        try StandardStreams.write(summary(TextStyle(isTerminal: StandardStreams.outputIsTerminal)))
      }
    }
    StandardStreams.complain(remarks(TextStyle(isTerminal: StandardStreams.errorIsTerminal)))
  }

  private func summary(_ style: TextStyle) -> String {
    let speed = written.seconds / max(outcome.seconds, 1e-9)
    var text =
      "\(style.green(written.name))  \(Figure.seconds(written.seconds)) of \(voice.map { "speech in the voice \($0)" } ?? "music")"
    text += ", \(Figure.grouped(written.sampleRate)) Hz\n"
    if let composition { text += "\(composition)\n" }
    if let picture = output.spectrogram { text += "\(style.green(picture.path))  spectrogram\n" }
    let statistics = total
    text +=
      style.dim(
        "made in \(Figure.seconds(outcome.seconds)), \(Figure.factor(speed)) real time: "
          + "prompt \(Figure.seconds(statistics.prefillSeconds)), "
          + "\(statistics.steps) steps \(Figure.seconds(statistics.stepSeconds)), "
          + "codec \(Figure.seconds(statistics.codecSeconds)); seed \(seed)") + "\n"
    return text
  }

  /// A line for each result that was not whole.
  private func remarks(_ style: TextStyle) -> String {
    outcome.results.enumerated().compactMap { index, result in
      guard let remark = remark(on: result) else { return nil }
      let part = outcome.results.count == 1 ? "" : "piece \(index + 1) of \(outcome.results.count) "
      return "unimoe-audio: " + style.yellow("\(part)\(remark)") + "\n"
    }.joined()
  }

  private func remark(on result: GenerationResult) -> String? {
    switch result.stopReason {
    case .end, .cancelled: return nil
    case .length where hasChosenLength: return nil
    case .length:
      let length = Figure.seconds(Double(result.codes.frameCount) / model.codeRate)
      return voice == nil
        ? "faded out at \(length), the model's longest"
        : "cut at \(length), the model's longest: the end of its text may be missing"
    case .watchdog: return "stopped: the sound had become endless silence or repetition"
    }
  }

  /// Sums over the batches; a batch's times are those of each of its requests.
  private var total: GenerationResult.Statistics {
    var sum = GenerationResult.Statistics()
    for start in stride(from: 0, to: outcome.results.count, by: outcome.batchLimit) {
      let batch = outcome.results[start...].prefix(outcome.batchLimit).map(\.statistics)
      sum.promptTokens += batch.map(\.promptTokens).reduce(0, +)
      sum.steps += batch.map(\.steps).max() ?? 0
      sum.prefillSeconds += batch.map(\.prefillSeconds).max() ?? 0
      sum.stepSeconds += batch.map(\.stepSeconds).max() ?? 0
      sum.codecSeconds += batch.map(\.codecSeconds).max() ?? 0
    }
    return sum
  }

  /// The report for machines.
  private struct Facts: Encodable {
    struct Piece: Encodable {
      let text, stopReason: String
      let seconds: Double
      let codeFrames, promptTokens, steps: Int
    }

    let output, model: String
    let spectrogram, voice, composition: String?
    let seed: UInt64
    let sampleRate, samples: Int
    let seconds, wallSeconds, realTimeFactor, prefillSeconds, stepSeconds, codecSeconds: Double
    let pieces: [Piece]

    init(_ report: SoundReport) {
      let total = report.total
      output = report.written.name
      model = report.model.directory
      spectrogram = report.output.spectrogram?.path
      voice = report.voice
      composition = report.composition
      seed = report.seed
      sampleRate = report.written.sampleRate
      samples = report.written.samples
      seconds = report.written.seconds
      wallSeconds = report.outcome.seconds
      realTimeFactor = report.written.seconds / max(report.outcome.seconds, 1e-9)
      prefillSeconds = total.prefillSeconds
      stepSeconds = total.stepSeconds
      codecSeconds = total.codecSeconds
      pieces = zip(report.texts, report.outcome.results).map { text, result in
        Piece(
          text: text, stopReason: result.stopReason.rawValue,
          seconds: Double(result.samples.count) / Double(report.model.sampleRate),
          codeFrames: result.codes.frameCount, promptTokens: result.statistics.promptTokens,
          steps: result.statistics.steps)
      }
    }
  }
}
