import ArgumentParser
import UniMoEAudio

/// Notes of a caption's music, without a model.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Compose what a caption asks for, as notes.",
    discussion: """
      Writes a MIDI file or a score as JSON; no model is needed. The same caption,
      seed and length give the same notes on every machine.

      EXAMPLES
        unimoe-audio score "lofi hip hop beat 90 bpm" -o beat.mid
        unimoe-audio score "slow waltz in E minor" --seconds 30 --seed 7 -o waltz.json
        unimoe-audio score --explain "something sad on the cello, no drums"
        unimoe-audio score --random --count 100 --seconds 8 --plan -o set.jsonl
      """)

  @OptionGroup var text: TextInput

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this file: .mid a MIDI file, .json a score, .jsonl one line for each piece; - writes JSON to standard output.",
      valueName: "file"), completion: .file())
  var output: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Choose another piece for the same caption.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Length in seconds instead of the caption's.", valueName: "seconds"))
  var seconds: Double?

  @Flag(help: "Show what was understood of the caption, and compose nothing.")
  var explain = false

  @Flag(help: "Print the result as one line of JSON on standard output.")
  var json = false

  @Flag(help: "Add what each code frame plays, as codes of plan channels.")
  var plan = false

  @Flag(help: "Cut a part out of a longer piece: it begins anywhere in a bar and does not end.")
  var excerpt = false

  @Flag(help: "Draw what the caption leaves open, or everything, and write captions for it.")
  var random = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Compose so many pieces, each with the next seed.", valueName: "count"))
  var count: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --random: draw lengths from --seconds to this one.", valueName: "seconds"))
  var longest: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --random: write so many captions for each piece.", valueName: "count"))
  var captions: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --plan: seconds of silence before the first beat.", valueName: "seconds"))
  var leadIn = Double(ScorePlan.leadIn) / 1_000_000

  @Flag(
    help: "List the instruments by the names that captions use, in the order of the plan's codes, and compose nothing.")
  var instruments = false

  @Option(
    help: ArgumentHelp(
      "Compose a piece for each line of this file: a caption, or a JSON object with caption, seed, seconds and ends.",
      valueName: "file"), completion: .file())
  var batch: String?

  @Option(
    help: ArgumentHelp(
      "Take the music of this MIDI file, or of a score as JSON, instead of composing.", valueName: "file"),
    completion: .file())
  var midi: String?

  func run() throws {
    try check()
    if instruments { return try listInstruments() }
    if let midi { return try convert(midi) }
    let requests = try ScoreRequests(self)
    if explain {
      for request in requests.all { try show(request) }
      return
    }
    let file = try output.map { try OutputFile($0) }
    if let output, ["mid", "midi"].contains(Self.suffix(output)) {
      try file?.write(requests.all[0].score.midi)
    } else if let file {
      try file.write(Array(requests.lines(withPlan: plan, leadIn: leadInMicroseconds).utf8))
    } else if json || requests.all.count > 1 {
      try StandardStreams.write(requests.lines(withPlan: plan, leadIn: leadInMicroseconds))
    } else {
      try StandardStreams.write(ScoreSheet(requests.all[0].score).text)
    }
  }

  private var leadInMicroseconds: Int { Int((leadIn * 1_000_000).rounded()) }

  static func suffix(_ path: String) -> String {
    path.split(separator: "/").last?.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
  }

  private func check() throws {
    for (name, value) in [("--seconds", seconds), ("--longest", longest)] {
      guard let value, !Brief.lengths.contains(value) else { continue }
      throw CommandFailure(
        .usage, "\(name): expected \(Brief.lengths.lowerBound) to \(Brief.lengths.upperBound) seconds, found \(value)")
    }
    guard (0...10).contains(leadIn) else {
      throw CommandFailure(.usage, "--lead-in: expected 0 to 10 seconds, found \(leadIn)")
    }
    if let count, !(1...1_000_000).contains(count) {
      throw CommandFailure(.usage, "--count: expected 1 to 1000000, found \(count)")
    }
    if let captions, !(0...100).contains(captions) {
      throw CommandFailure(.usage, "--captions: expected 0 to 100, found \(captions)")
    }
    guard random || longest == nil && captions == nil else {
      throw CommandFailure(.usage, "--longest, --captions: expected --random beside them")
    }
    guard longest == nil || seconds.map({ $0 <= longest ?? 0 }) ?? false else {
      throw CommandFailure(.usage, "--longest: expected --seconds beside it, and not more of them")
    }
    guard batch == nil || !random && count == nil else {
      throw CommandFailure(.usage, "--batch: expected neither --random nor --count beside it")
    }
    guard let output else { return }
    let isMIDI = ["mid", "midi"].contains(Self.suffix(output))
    guard isMIDI || output == "-" || ["json", "jsonl"].contains(Self.suffix(output)) else {
      throw CommandFailure(.usage, "--output: expected a name that ends in .mid, .json or .jsonl, found \(output)")
    }
    guard !isMIDI || batch == nil && count ?? 1 == 1 && !plan else {
      throw CommandFailure(
        .usage, "--output: a MIDI file holds one piece and no plan: expected .jsonl, found \(output)")
    }
  }

  /// A given piece as a MIDI file, a score or a plan.
  private func convert(_ path: String) throws {
    guard text.words.isEmpty, text.file == nil, batch == nil, !random, count == nil, !explain, !excerpt, seconds == nil
    else {
      throw CommandFailure(.usage, "--midi: expected neither a caption nor options of composing beside it")
    }
    let file = try output.map { try OutputFile($0) }
    let score = try ScoreFile.read(path)
    let record = ScoreRecord(
      score: score, plan: plan ? (ScorePlan(score, leadIn: leadInMicroseconds), leadInMicroseconds) : nil)
    if let output, ["mid", "midi"].contains(Self.suffix(output)) {
      try file?.write(score.midi)
    } else if let file {
      try file.write(Array((record.json + "\n").utf8))
    } else {
      try StandardStreams.write(json ? record.json + "\n" : ScoreSheet(score).text)
    }
  }

  private func listInstruments() throws {
    let facts = Instrument.all.map(InstrumentFacts.init)
    if json { return try JSONLine.print(["instruments": facts]) }
    let width = facts.map(\.name.count).max() ?? 0
    for fact in facts {
      let blanks = String(repeating: " ", count: width - fact.name.count)
      let program = fact.program.map { "program \($0)" } ?? "drum kit"
      try StandardStreams.write(
        "\(fact.name)\(blanks)  \(program), \(fact.family), \(fact.lowest) to \(fact.highest)"
          + "\(fact.roles.isEmpty ? "" : ": ")\(fact.roles.joined(separator: ", "))\n")
    }
  }

  /// What was understood.
  private func show(_ request: ScoreRequest) throws {
    if json { return try StandardStreams.write(request.attributes.json(request.understood) + "\n") }
    let width = request.understood.map(\.words.count).max() ?? 0
    for phrase in request.understood {
      let blanks = String(repeating: " ", count: width - phrase.words.count)
      try StandardStreams.write("\(phrase.words)\(blanks)  \(phrase.meaning)\n")
    }
    if !request.attributes.rest.isEmpty { try StandardStreams.write("not understood: \(request.attributes.rest)\n") }
  }
}

/// An instrument for machines.
private struct InstrumentFacts: Encodable {
  let name: String
  let program: Int?
  let family: String
  let lowest: Int
  let highest: Int
  let roles: [String]

  init(_ instrument: Instrument) {
    (name, program, family) = (instrument.name, instrument.program, instrument.family)
    (lowest, highest) = (instrument.range.lowerBound, instrument.range.upperBound)
    let all: [(Instrument.Roles, String)] = [(.melody, "melody"), (.chords, "chords"), (.bass, "bass")]
    roles = all.filter { instrument.roles.contains($0.0) }.map(\.1)
  }
}
