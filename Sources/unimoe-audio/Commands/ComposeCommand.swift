import ArgumentParser
import UniMoEAudio

/// Music from a caption.
struct ComposeCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "compose",
    abstract: "Make music from a caption.",
    discussion: """
      The caption says what the music is like: genre, instruments, mood, tempo. A
      model with plan channels plays notes: those that score composes for the
      caption and the seed, those of a MIDI file, or, with --free, its own. Other
      models make what they hear in the caption.

      EXAMPLES
        unimoe-audio compose "A dark cello piece with a tense mood." -o cello.wav
        unimoe-audio compose "Upbeat funk with a slap bass." --seconds 8 --seed 7
        unimoe-audio compose "A waltz for strings." --midi waltz.mid -o waltz.wav
        unimoe-audio compose --file caption.txt -o piece.flac --rate 48000
        unimoe-audio compose "Slow strings." -o - | aplay
      """)

  @OptionGroup var text: TextInput
  @OptionGroup var output: OutputOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Length in seconds: sets --min-seconds and --max-seconds.", valueName: "seconds"))
  var seconds: Double?

  @Option(
    help: ArgumentHelp(
      "Play the notes of this MIDI file, or of a score as JSON, in the caption's sound.", valueName: "file"),
    completion: .file(extensions: ["mid", "midi", "json"]))
  var midi: String?

  @Flag(help: "Let the model draw its own notes.")
  var free = false

  @OptionGroup var prompt: PromptOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    var generation = generation
    if let seconds {
      guard generation.minSeconds == nil, generation.maxSeconds == nil else {
        throw CommandFailure(.usage, "--seconds: cannot be combined with --min-seconds or --max-seconds")
      }
      guard seconds > 0, seconds <= 3600 else {
        throw CommandFailure(.usage, "--seconds: expected more than 0 and at most 3600 seconds, found \(seconds)")
      }
      (generation.minSeconds, generation.maxSeconds) = (seconds, seconds)
    }
    try generation.check()
    try checkNotes(generation)
    let sound = try output.prepare(name: "music", printsJSON: common.json)
    let caption = try text.read()
    let model = try ModelSummary(directory: try common.locateModel())
    var inputs = text.inputs(and: model)
    inputs.add(midi, as: "the file of --midi")
    try sound.checkDistinct(from: inputs)
    let plan = try plan(for: model)
    if free || !model.hasMusicPlan {
      model.limits.warn(ofMusic: max(generation.maxSeconds ?? 0, generation.minSeconds ?? 0))
    }
    let performance = try Performance(model: model, common: common, arithmetic: prompt.arithmetic)
    var request = generation.request(.music(caption: caption), over: model.sampling.music)
    request.plan = plan
    let composition = performance.composition(of: request)
    let work = try performance.make(
      try performance.pieces(of: request), verb: "Composing", longest: nil, to: sound, title: caption)
    try SoundReport(
      outcome: work.outcome, texts: [caption], written: work.written, output: sound, model: model,
      seed: generation.seed, hasChosenLength: generation.maxSeconds != nil, voice: nil, composition: composition
    ).print(common: common)
    if let failure = work.written.failure { throw failure }
  }

  /// Checks what options of the notes cannot stand beside.
  private func checkNotes(_ generation: GenerationOptions) throws {
    guard midi != nil else { return }
    if free { throw CommandFailure(.usage, "--midi: cannot be combined with --free") }
    if seconds != nil || generation.minSeconds != nil {
      throw CommandFailure(
        .usage, "--midi: expected neither --seconds nor --min-seconds beside it: the notes say how long they last")
    }
  }

  /// The notes that were asked for; `nil` leaves them to the engine.
  private func plan(for model: ModelSummary) throws -> Request.Plan? {
    guard midi != nil || free else { return nil }
    guard model.hasMusicPlan else {
      throw CommandFailure(
        .badData,
        "\(midi == nil ? "--free" : "--midi"): expected a model with plan channels for music, found none in "
          + "\(model.directory): it composes from captions alone")
    }
    return try midi.map { .score(try ScoreFile.read($0)) } ?? .free
  }
}
