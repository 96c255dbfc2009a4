import ArgumentParser
import UniMoEAudio

/// Speech from text.
struct SpeakCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "speak",
    abstract: "Speak a text in a voice.",
    discussion: """
      A long text is split at the ends of its sentences; the pieces are joined at silences.

      EXAMPLES
        unimoe-audio speak "Good morning."
        unimoe-audio speak "Good morning." --voice anna -o morning.wav --spectrogram morning.png
        unimoe-audio speak --file chapter.txt -o chapter.flac --rate 48000
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
  @OptionGroup var prompt: PromptOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try generation.check()
    let sound = try output.prepare(name: "speech", printsJSON: common.json)
    let whole = try text.read()
    let model = try ModelSummary(directory: try common.locateModel())
    try reading.check(whole) { try Tokenizer(directory: model.directory) }
    let pieces = try spelling.pieces(
      of: whole, longest: model.limits.textCharacters, isVerbatim: reading.verbatim)
    let (voice, voiceFile) = try Voices(modelDirectory: model.directory).load(voice, for: model)
    try sound.checkDistinct(from: text.inputs(and: model, voiceFile: voiceFile))
    VoiceFacts.warn(voice, model)
    let performance = try Performance(model: model, common: common, arithmetic: prompt.arithmetic)
    let requests = SentenceSplitter.spoken(pieces).enumerated().map { index, text in
      generation.request(.speech(text: text, voice: voice), over: model.sampling.speech, index: index)
    }
    let outcome = try performance.make(requests, verb: "Speaking")
    let samples = try join(outcome.results, after: pieces, sampleRate: model.sampleRate)
    let written = try performance.write(samples, of: outcome, to: sound, title: whole)
    try SoundReport(
      outcome: outcome, texts: pieces.map(\.text), written: written, output: sound, model: model,
      seed: generation.seed, hasChosenLength: generation.maxSeconds != nil, voice: voice.name
    ).print(common: common)
    if let failure = written.failure { throw failure }
  }

  private func join(
    _ results: [GenerationResult], after pieces: [SentenceSplitter.Piece], sampleRate: Int
  ) throws -> [Float] {
    // A single piece needs no joint: it is what the engine made, sample for sample.
    if results.count == 1 { return results[0].samples }
    var joiner = try SilenceJoiner(sampleRate: sampleRate)
    let joined = zip(results, pieces).flatMap { result, piece in
      joiner.append(result.samples, endingWith: piece.endsParagraph ? .paragraph : .sentence)
    }
    // What is nothing but near-silence stays as it is: better heard than missing.
    return joined.isEmpty ? results.flatMap(\.samples) : joined
  }
}
