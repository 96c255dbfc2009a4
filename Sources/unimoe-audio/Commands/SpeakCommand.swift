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
        unimoe-audio speak --play "Good morning."
        echo "Good morning." | unimoe-audio speak -o - | sox - morning.mp3
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
    try spelling.check(whole, isVerbatim: reading.verbatim)
    let (voice, voiceFile) = try Voices(modelDirectory: model.directory).load(voice, for: model)
    var inputs = text.inputs(and: model, voiceFile: voiceFile)
    inputs.add(reading.words, as: "the file of --words")
    try sound.checkDistinct(and: marksFile?.file, from: inputs)
    VoiceFacts.warn(voice, model)
    let performance = try Performance(
      model: model, common: common, arithmetic: prompt.arithmetic, words: reading.ownWords(for: model))
    let pieces = try performance.pieces(of: request(whole, voice, model))
    var work = try performance.make(
      pieces, verb: "Speaking", longest: generation.maxSeconds, to: sound, title: whole)
    if let marksFile {
      let times = WordTimes(
        work.outcome.results, at: work.joined.places, sampleRate: model.sampleRate, hopLength: model.hopLength)
      do { try marksFile.write(times.words, of: whole) } catch { work.written.failure = work.written.failure ?? error }
    }
    try SoundReport(
      outcome: work.outcome, texts: pieces.map(\.text), written: work.written, output: sound, model: model,
      seed: generation.seed, hasChosenLength: generation.maxSeconds != nil, voice: voice.name
    ).print(common: common)
    if let failure = work.written.failure { throw failure }
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

  /// What is asked for, of the whole text.
  private func request(_ text: String, _ voice: Voice, _ model: ModelSummary) -> Request {
    var request = generation.request(.speech(text: text, voice: voice), over: model.sampling.speech)
    request.reading = reading.verbatim ? .verbatim : .english
    request.speaksCharacters = spelling.characters
    if let speed {
      var walk = model.walk
      walk.speed = speed
      request.walk = walk
    }
    return request
  }
}
