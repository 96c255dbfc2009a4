import ArgumentParser
import UniMoEAudio

/// Speech from text.
struct SpeakCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "speak",
    abstract: "Speak a text in a voice.",
    discussion: """
      A long text is split at the ends of its sentences; the pieces are joined at
      silences. A model with plan channels also tells when words are said, and
      speaks slower or faster.

      EXAMPLES
        unimoe-audio speak "Good morning."
        unimoe-audio speak "Good morning." --voice anna --spectrogram morning.png
        unimoe-audio speak --file chapter.txt -o chapter.flac --rate 48000
        unimoe-audio speak --file chapter.txt --marks chapter.vtt --speed 0.9
        echo "Good morning." | unimoe-audio speak -o - | aplay
      """)

  @OptionGroup var text: TextInput

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Speak in this voice instead of the default one.", valueName: "name"))
  var voice: String?

  @OptionGroup var spelling: SpellingOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Write when the words are said to this file, .json, .srt or .vtt; needs a model with plan channels.",
      valueName: "file"), completion: .file(extensions: ["json", "srt", "vtt"]))
  var marks: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Speaking rate, 0.7 to 1.5: above 1 is faster, pitch stays; needs a model with plan channels.",
      valueName: "factor"))
  var speed: Double?

  @OptionGroup var prompt: PromptOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try generation.check()
    let speeds = WalkSettings.speedRange
    if let speed, !speeds.contains(speed) {
      throw CommandFailure(.usage, "--speed: expected \(speeds.lowerBound) to \(speeds.upperBound), found \(speed)")
    }
    let marksFile = try marks.map { try MarksFile($0) }
    let sound = try output.prepare(name: "speech", printsJSON: common.json)
    let whole = try text.read()
    let model = try ModelSummary(directory: try common.locateModel())
    try checkPlan(of: model)
    try reading.check(whole) { try Tokenizer(directory: model.directory) }
    var said = try spelling.read(
      whole, longest: model.limits.textCharacters, isVerbatim: reading.verbatim)
    let (voice, voiceFile) = try Voices(modelDirectory: model.directory).load(voice, for: model)
    var inputs = text.inputs(and: model, voiceFile: voiceFile)
    inputs.add(reading.words, as: "the file of --words")
    try sound.checkDistinct(and: marksFile?.file, from: inputs)
    VoiceFacts.warn(voice, model)
    let performance = try Performance(
      model: model, common: common, arithmetic: prompt.arithmetic, words: reading.ownWords(for: model))
    let words = try model.hasSpeechPlan ? performance.words(of: said.normalized) : nil
    if let words {
      // What has no sound, as words of another script, is silence between the pieces.
      said.pieces = said.pieces.filter { piece in words[said.words(of: piece)].contains { !$0.phonemes.isEmpty } }
      guard !said.pieces.isEmpty else {
        throw CommandFailure(.badData, "text: expected at least one word that can be said, found none")
      }
    }
    let outcome = try performance.make(requests(said, voice, model, words), verb: "Speaking")
    let (samples, places) = try join(outcome.results, after: said.pieces, sampleRate: model.sampleRate)
    var written = try performance.write(samples, of: outcome, to: sound, title: whole)
    if let marksFile {
      let times = WordTimes(outcome.results, at: places, sampleRate: model.sampleRate, hopLength: model.hopLength)
      do { try marksFile.write(times.words, of: whole) } catch { written.failure = written.failure ?? error }
    }
    try SoundReport(
      outcome: outcome, texts: said.pieces.map(\.text), written: written, output: sound, model: model,
      seed: generation.seed, hasChosenLength: generation.maxSeconds != nil, voice: voice.name
    ).print(common: common)
    if let failure = written.failure { throw failure }
  }

  /// Refuses what only a model with a plan can do.
  private func checkPlan(of model: ModelSummary) throws {
    guard !model.hasSpeechPlan, marks != nil || speed != nil else { return }
    throw CommandFailure(
      .badData,
      marks != nil
        ? "--marks: expected a model with plan channels for speech, found none in \(model.directory): it does not know "
          + "when it says which word"
        : "--speed: expected a model with plan channels for speech, found none in \(model.directory): it speaks at its "
          + "own pace")
  }

  /// A request for each piece, with its words where the model speaks by them.
  private func requests(
    _ said: TextFrontEnd.Result, _ voice: Voice, _ model: ModelSummary, _ words: [SpokenWord]?
  ) -> [Request] {
    zip(said.pieces, SentenceSplitter.spoken(said.pieces)).enumerated().map { index, piece in
      var request = generation.request(
        .speech(text: piece.1, voice: voice), over: model.sampling.speech, index: index)
      request.plan = words.map { .words(Array($0[said.words(of: piece.0)])) }
      if let speed {
        var walk = model.walk
        walk.speed = speed
        request.walk = walk
      }
      return request
    }
  }

  /// The sound of all pieces, and where each of them lies in it.
  private func join(
    _ results: [GenerationResult], after pieces: [SentenceSplitter.Piece], sampleRate: Int
  ) throws -> (samples: [Float], places: [WordTimes.Place]) {
    // A single piece needs no joint: it is what the engine made, sample for sample.
    if results.count == 1 { return (results[0].samples, [.init(kept: results[0].samples.indices, start: 0)]) }
    var joiner = try SilenceJoiner(sampleRate: sampleRate)
    var joined: [Float] = []
    var places: [WordTimes.Place] = []
    for (result, piece) in zip(results, pieces) {
      joined += joiner.append(result.samples, endingWith: piece.endsParagraph ? .paragraph : .sentence)
      places.append(.init(kept: joiner.kept, start: joined.count - joiner.kept.count))
    }
    if !joined.isEmpty { return (joined, places) }
    // What is nothing but near-silence stays as it is: better heard than missing.
    places = []
    for result in results {
      places.append(.init(kept: result.samples.indices, start: joined.count))
      joined += result.samples
    }
    return (joined, places)
  }
}
