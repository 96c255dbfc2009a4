import Foundation
import Testing

@testable import UniMoEAudio

/// Generation with plan channels against what the training package's PyTorch generates with the same miniature,
/// `Tests/Fixtures/plan-model`, code for code.
@Suite struct PlanReferenceTests {
  struct Scenario: Decodable, Sendable, CustomTestStringConvertible {
    struct Word: Decodable, Sendable {
      let start, end: Int
      let phonemes: [String]
      let pause: Bool
    }
    struct Walk: Decodable, Sendable {
      let centre, spread: Double
      let renorm: Bool
      let speed, temperature: Double
      let longest, longest_pause: Int
    }
    struct Draws: Decodable, Sendable {
      let cfg_scale, temperature, top_p: Float
      let cfg_filter_top_k: Int?
      let eos_prob_mul_factor: Float
      let do_sample: Bool
      let min_tokens: Int?
      let max_tokens: Int
    }
    let name, domain: String
    let seed: UInt64
    let sampling: Draws
    let length, steps: Int
    let ended: Bool
    // Of speech.
    let text, voice_transcript: String?
    let words: [Word]?
    let walk: Walk?
    // Of music.
    let caption: String?
    let given, drawn: [String]?
    var testDescription: String { name }
  }

  static let directory: String = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appendingPathComponent("Fixtures/plan-model").path
  }()

  static func scenarios() throws -> [Scenario] {
    struct File: Decodable { let scenarios: [Scenario] }
    let url = URL(fileURLWithPath: "\(directory)/generate.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).scenarios
  }

  @Test func theScenariosCoverSpeechAndMusicGreedyAndDrawn() throws {
    let scenarios = try Self.scenarios()
    #expect(Set(scenarios.map(\.domain)) == ["speech", "music"])
    #expect(Set(scenarios.map(\.sampling.do_sample)) == [true, false])
    #expect(scenarios.contains { $0.length > Window.frames })
  }

  @Test(arguments: try scenarios()) func codesAndPlanArePyTorchs(scenario: Scenario) throws {
    let run = try PlanRun(scenario)
    try run.finish()
    let sequence = run.stream.sequence
    let length = try #require(sequence.length)
    #expect(length == scenario.length && sequence.steps == scenario.steps && sequence.endedByModel == scenario.ended)
    #expect(sequence.codes(0..<length).values == (try run.arrays.integers("\(scenario.name).codes")))
    #expect(run.rows == (try run.arrays.integers("\(scenario.name).rows")))
  }

  /// Speech and music, with and without guidance, of different lengths side by side.
  @Test func requestsOfOneBatchGiveWhatTheyGiveAlone() throws {
    let runs = try Self.scenarios().map { try PlanRun($0) }
    let streams = runs.map(\.stream)
    let batch = try StepBatch(runs[0].model, streams)
    for stream in streams { try batch.prefill(stream, cancellation: Cancellation()) }
    while true {
      let running = streams.filter { !$0.sequence.isFinished }
      if running.isEmpty { break }
      try batch.step(running, cancellation: Cancellation())
    }
    for (run, scenario) in zip(runs, try Self.scenarios()) {
      #expect(run.rows == (try run.arrays.integers("\(scenario.name).rows")), "\(scenario.name)")
    }
  }

  @Test(arguments: try scenarios().filter { $0.domain == "speech" && $0.ended })
  func wordsBeginAndEndWhereTheWalkEntersAndLeavesThem(scenario: Scenario) throws {
    let run = try PlanRun(scenario)
    try run.finish()
    let path = try run.arrays.integers("\(scenario.name).path")
    let words = try #require(scenario.words)
    let states = try PhonemeStates(run.words, phonemes: try #require(run.model.configuration.plan).phonemes)
    let wordOf = path.map { states.states[Int($0)].word }
    for (index, word) in words.enumerated() {
      let frames = try #require(wordOf.firstIndex(of: index)).distance(to: try #require(wordOf.lastIndex(of: index)))
      let marks = run.marks.filter { $0.word == index }
      #expect(marks.map(\.kind) == [.wordStart, .wordEnd])
      #expect(marks[0].codeFrame == wordOf.firstIndex(of: index))
      #expect(marks[1].codeFrame - marks[0].codeFrame == frames + 1)
      #expect(marks.allSatisfy { $0.textRange == word.start..<word.end })
    }
  }
}

/// One scenario on the engine.
private final class PlanRun {
  let model: LanguageModel
  let stream: RequestStream
  let arrays: FixtureArrays
  let words: [SpokenWord]
  private(set) var marks: [Mark] = []
  private let batch: StepBatch

  init(_ scenario: PlanReferenceTests.Scenario) throws {
    let checkpoint = try Checkpoint(directory: PlanReferenceTests.directory)
    model = try LanguageModel(checkpoint)
    let configuration = model.configuration
    let plan = try #require(configuration.plan)
    arrays = FixtureArrays(
      store: try TensorStore(safetensors: "\(PlanReferenceTests.directory)/generate.safetensors"))
    words = (scenario.words ?? []).map {
      SpokenWord(phonemes: $0.phonemes, mayPauseBefore: $0.pause, range: $0.start..<$0.end)
    }
    let sampling = Sampling(
      guidanceScale: scenario.sampling.cfg_scale, isRandom: scenario.sampling.do_sample,
      temperature: scenario.sampling.temperature, topK: scenario.sampling.cfg_filter_top_k,
      topP: scenario.sampling.top_p, endFactor: scenario.sampling.eos_prob_mul_factor)
    let prompts = try PromptTemplate(Tokenizer(directory: PlanReferenceTests.directory), configuration)
    let prompt: PromptRows
    let source: any PlanSource
    let domain: PlanChannel.Domain
    if scenario.domain == "speech" {
      domain = .speech
      source = try PhonemeWalk(words, plan, settings: Self.settings(try #require(scenario.walk)))
      let voice = try Self.voice(scenario, arrays, plan)
      prompt = try prompts.speech(text: try #require(scenario.text), voice: voice)
    } else {
      domain = .music
      source = try Self.music(scenario, arrays, plan)
      prompt = try prompts.music(caption: try #require(scenario.caption))
    }
    #expect(prompt.conditional == (try arrays.integers("\(scenario.name).conditional")))
    #expect(prompt.unconditional == (try arrays.integers("\(scenario.name).unconditional")))
    let random = CounterRandom(seed: scenario.seed)
    let delays = configuration.delays
    let track = PlanTrack(source, plan, domain) { random.planUniforms(codeFrame: $0, channel: $1) }
    stream = try RequestStream(
      configuration, prompt: prompt, sampling: sampling, minimumCodeFrames: scenario.sampling.min_tokens,
      maximumTokens: scenario.sampling.max_tokens, plan: track
    ) { random.uniform(codeFrame: $0 - delays[$1], codebook: $1) }
    batch = try StepBatch(model, [stream])
  }

  func finish() throws {
    try batch.prefill(stream, cancellation: Cancellation())
    while !stream.sequence.isFinished {
      try batch.step([stream], cancellation: Cancellation())
      guard let source = stream.plan?.source else { continue }
      marks += source.marks
      source.marks = []
    }
  }

  /// What was fed, the plan's channels first: `[steps + 1, channels + codebooks]`.
  var rows: [Int32] {
    let sequence = stream.sequence
    var rows: [Int32] = []
    for row in 0...sequence.steps {
      for (_, code) in stream.plan?.rows.embedded(row) ?? [] { rows.append(code) }
      rows += sequence.frames[row * sequence.codebooks..<(row + 1) * sequence.codebooks]
    }
    return rows
  }

  private static func settings(_ walk: PlanReferenceTests.Scenario.Walk) -> WalkSettings {
    var settings = WalkSettings()
    (settings.centre, settings.spread) = (walk.centre, walk.spread)
    settings.isRenormalised = walk.renorm
    (settings.speed, settings.temperature) = (walk.speed, walk.temperature)
    (settings.longestPhoneme, settings.longestPause) = (walk.longest, walk.longest_pause)
    return settings
  }

  private static func voice(
    _ scenario: PlanReferenceTests.Scenario, _ arrays: FixtureArrays, _ plan: PlanConfiguration
  ) throws -> Voice {
    let name = "\(scenario.name).voice"
    let codebooks = try arrays.shape("\(name).codes")[1]
    var voice = Voice(
      name: "voice", codes: Codes(codebooks: codebooks, values: try arrays.integers("\(name).codes")),
      transcript: try #require(scenario.voice_transcript))
    if arrays.has("\(name).plan") {
      voice.plan = VoicePlan(phonemes: plan.phonemes, codes: try arrays.integers("\(name).plan"))
    }
    return voice
  }

  private static func music(
    _ scenario: PlanReferenceTests.Scenario, _ arrays: FixtureArrays, _ plan: PlanConfiguration
  ) throws -> MusicPlan {
    let names = scenario.given ?? []
    var given = try names.first.map { GivenPlan(codeFrames: try arrays.shape("\(scenario.name).given.\($0)")[0]) }
    for name in names { given?.give(name, try arrays.integers("\(scenario.name).given.\(name)")) }
    return try MusicPlan(given, draws: !(scenario.drawn ?? []).isEmpty, plan, codeRate: 50)
  }
}
