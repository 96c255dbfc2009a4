import Foundation
import Testing

@testable import unimoe_audio

/// What `speak`, `compose` and `routes` write when all is well, and when they are interrupted.
@Suite struct RenderTests {
  private static let short = ["--min-seconds", "0.2", "--max-seconds", "0.3"]

  private struct Report: Decodable {
    struct Piece: Decodable {
      let text: String
      let stop_reason: String
      let code_frames: Int
    }
    let output: String
    let sample_rate: Int
    let samples: Int
    let seconds: Double
    let seed: UInt64
    let pieces: [Piece]
  }

  /// Runs with the test model in a folder of its own; `shell` as for `Program.run`.
  private func run(
    _ arguments: [String], in folder: URL, input: [UInt8] = [], shell: String? = nil
  ) throws -> Program.Run {
    let model = folder.appendingPathComponent("model").path
    if !FileManager.default.fileExists(atPath: model) { _ = try TestModel.make(in: folder) }
    return try Program.run(
      arguments, input: input, environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path], in: folder,
      shell: shell)
  }

  @Test func composeWritesWaveAndPictureAndReports() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Slow strings.", "--seconds", "0.4", "-o", "a.wav", "--spectrogram", "a.png", "--json"], in: folder)
      #expect(run.errors == "")
      #expect(run.status == 0)
      let report = try JSONDecoder().decode(Report.self, from: Data(run.output))
      #expect(report.output == "a.wav" && report.sample_rate == 16000 && report.seed == 0)
      #expect(report.pieces.map(\.text) == ["Slow strings."] && report.pieces.map(\.code_frames) == [20])
      #expect(report.pieces.first?.stop_reason == "length")
      // The codec's odd strides cost 8 samples (reference semantics, "DAC codec").
      #expect(report.samples == 20 * 320 - 8)
      let wave = try Data(contentsOf: folder.appendingPathComponent("a.wav"))
      #expect(wave.prefix(4) == Data("RIFF".utf8) && wave.count == 44 + 2 * report.samples)
      let picture = try Data(contentsOf: folder.appendingPathComponent("a.png"))
      #expect(picture.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.png", "a.wav", "model"])
    }
  }

  @Test func codesAreWrittenFrameByFrame() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Slow strings.", "--seconds", "0.4", "-o", "a.wav", "--codes", "a.json", "-q"], in: folder)
      #expect(run.errors == "" && run.status == 0)
      let pieces = try JSONDecoder().decode(
        [[[Int]]].self, from: Data(contentsOf: folder.appendingPathComponent("a.json")))
      #expect(pieces.count == 1 && pieces[0].count == 20)
      #expect(
        pieces[0].allSatisfy { frame in frame.count == pieces[0][0].count && frame.allSatisfy((0..<1024).contains) })
    }
  }

  @Test func seedDecidesTheSamplesAndThreadsDoNot() throws {
    try TemporaryFolder.with { folder in
      func sound(_ extra: String...) throws -> [UInt8] {
        try run(["compose", "Slow strings.", "-o", "-"] + Self.short + extra, in: folder).output
      }
      let first = try sound("--seed", "7", "--threads", "1")
      #expect(first.count > 44 + 6000)
      #expect(try sound("--seed", "7", "--threads", "2") == first)
      #expect(try sound("--seed", "8") != first)
    }
  }

  @Test func textComesFromArgumentsFileAndPipe() throws {
    try TemporaryFolder.with { folder in
      let text = "Two strings."
      try Data(("\u{FEFF}" + text).utf8).write(to: folder.appendingPathComponent("text.txt"))
      let arguments = try run(["compose", "Two", "strings.", "-o", "-"] + Self.short, in: folder)
      #expect(arguments.status == 0)
      for (words, input) in [
        ([text], ""), (["--file", "text.txt"], ""), (["-"], text), ([], text), (["--file", "-"], text),
      ] {
        let run = try run(["compose", "-o", "-"] + words + Self.short, in: folder, input: Array(input.utf8))
        #expect(run.output == arguments.output, "\(words)")
        #expect(run.errors == "")
      }
    }
  }

  @Test func pipedOutputIsAWaveOfTheRateAskedFor() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Slow strings.", "--seconds", "0.4", "--rate", "48000", "-o", "-"], in: folder,
        shell: "\"$@\" | cat")
      #expect(run.output.count == 44 + 2 * 3 * (20 * 320 - 8))
      #expect(Array(run.output[24..<28]) == [0x80, 0xBB, 0, 0])
      #expect(run.errors == "")
    }
  }

  @Test func freeNamesAreTakenAndFilesStay() throws {
    try TemporaryFolder.with { folder in
      for name in ["music.wav", "music-2.wav", "music-3.wav"] {
        let run = try run(["compose", "Slow strings."] + Self.short, in: folder)
        #expect(run.text.hasPrefix(name + "  "))
      }
      let before = try Data(contentsOf: folder.appendingPathComponent("music.wav"))
      let failed = try run(
        ["compose", "Slow strings.", "-o", "music.wav"] + Self.short, in: folder, shell: "ulimit -f 2; exec \"$@\"")
      #expect(failed.status == unimoe_audio.ExitStatus.inputOutput.rawValue)
      #expect(try Data(contentsOf: folder.appendingPathComponent("music.wav")) == before)
    }
  }

  @Test func speakUsesTheVoice() throws {
    try TemporaryFolder.with { folder in
      let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path
      let none = try run(["speak", "Hello."] + Self.short, in: folder)
      #expect(
        none.errors
          == "unimoe-audio: voice: there is none yet; add one: "
          + "unimoe-audio voice add NAME --audio FILE --transcript TEXT\n")
      #expect(none.status == unimoe_audio.ExitStatus.noInput.rawValue)
      let added = try run(["voice", "add", "anna", "-a", recording, "-t", "What Anna says."], in: folder)
      #expect(added.status == 0)
      let spoken = try run(["speak", "Hello.", "-v", "anna", "-o", "a.flac"] + Self.short, in: folder)
      #expect(spoken.errors == "")
      #expect(spoken.text.contains("in the voice anna"))
      let sound = try Data(contentsOf: folder.appendingPathComponent("a.flac"))
      #expect(sound.prefix(4) == Data("fLaC".utf8))
      let unknown = try run(["speak", "Hello.", "-v", "bert"], in: folder)
      #expect(unknown.errors == "unimoe-audio: bert: no voice of this name; known are anna\n")
      #expect(unknown.status == unimoe_audio.ExitStatus.noInput.rawValue)
    }
  }

  @Test func longTextIsMadeInPiecesOfWholeSentences() throws {
    try TemporaryFolder.with { folder in
      try limit(folder, "{\"max_tokens\": 31}")
      let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path
      #expect(try run(["voice", "add", "anna", "-a", recording, "-t", "What Anna says."], in: folder).status == 0)
      let sentence = "This sentence has some sixty characters, so that two fit a piece."
      let text = Array(repeating: sentence, count: 11).joined(separator: " ")
      let run = try run(
        ["speak", "-o", "a.wav", "--json", "--seed", "3"], in: folder, input: Array(text.utf8))
      let report = try JSONDecoder().decode(Report.self, from: Data(run.output))
      #expect(report.pieces.map(\.text) == Array(repeating: sentence + " " + sentence, count: 5) + [sentence])
      // A quarter of a second between the six pieces, each of at most 0.24 seconds.
      #expect(report.seconds > 5 * 0.25 && report.seconds <= 5 * 0.25 + 6 * 0.24)
      // The longest length is that of the whole; pieces behind it are not told.
      let short = try self.run(
        ["speak", "-o", "b.wav", "--json", "--seed", "3", "--max-seconds", "0.6"], in: folder,
        input: Array(text.utf8))
      let cut = try JSONDecoder().decode(Report.self, from: Data(short.output))
      #expect(abs(cut.seconds - 0.6) < 0.001 && cut.pieces.count == 2)
    }
  }

  /// Gives the test model limits of its own: short texts and voices, and results of 0.24 s.
  private func limit(
    _ folder: URL,
    _ limits: String = "{\"max_text_characters\": 40, \"max_voice_seconds\": 0.3, \"max_tokens\": 31}"
  ) throws {
    let file = URL(fileURLWithPath: try TestModel.make(in: folder)).appendingPathComponent("generation_config.json")
    try? FileManager.default.removeItem(at: file)
    try Data("{\"unimoe_audio\": {\"speech\": \(limits)}}".utf8).write(to: file)
  }

  @Test func whatAModelCannotTakeIsSplitOrComplainedOf() throws {
    try TemporaryFolder.with { folder in
      try limit(folder)
      let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path
      let complaint =
        "unimoe-audio: voice anna: expected a recording of at most 0.30 s for this model, found 0.38 s: "
        + "words will be lost\n"
      let added = try run(["voice", "add", "anna", "-a", recording, "-t", "What Anna says."], in: folder)
      #expect(added.status == 0 && added.errors == complaint)
      let text = "When it rains all day, all of us stay at home, and then we go out again."
      let spoken = try run(["speak", text, "-o", "a.wav", "--json"], in: folder)
      #expect(spoken.status == 0 && spoken.errors.hasPrefix(complaint))
      let report = try JSONDecoder().decode(Report.self, from: Data(spoken.output))
      let pieces = ["When it rains all day,", "all of us stay at home,", "and then we go out again."]
      #expect(report.pieces.map(\.text) == pieces)
      // Also where nothing else is said.
      let piped = try run(["speak", text, "-o", "-", "-q"], in: folder, shell: "\"$@\" | cat")
      let cut = report.pieces.enumerated().filter { $0.element.stop_reason == "length" }.map { index, piece in
        "unimoe-audio: piece \(index + 1) of 3 cut at 0.24 s, the model's longest: the end of its text may be missing\n"
      }
      #expect(!cut.isEmpty && piped.errors == complaint + cut.joined())
    }
  }

  @Test func musicLongerThanTheModelKeepsInShapeIsComplainedOf() throws {
    try TemporaryFolder.with { folder in
      let file = URL(fileURLWithPath: try TestModel.make(in: folder)).appendingPathComponent("generation_config.json")
      try Data("{\"unimoe_audio\": {\"music\": {\"max_music_seconds\": 0.2, \"min_tokens\": 0}}}".utf8).write(to: file)
      let long = try run(["compose", "Slow strings.", "--seconds", "0.3", "-q"], in: folder)
      #expect(long.status == 0)
      #expect(
        long.errors
          == "unimoe-audio: 0.30 s of music: this model keeps at most 0.20 s in shape; what follows may fall apart\n")
      #expect(try run(["compose", "Slow strings.", "--seconds", "0.2", "-q"], in: folder).errors == "")
      #expect(try run(["info"], in: folder).text.contains("  kept in shape   at most 0.20 s\n"))
    }
  }

  @Test(arguments: [
    (["-5 degrees."], "-5 degrees."), (["-q", "- one, - two."], "- one, - two."),
    (["--seed", "3", "-o x.wav is no option here."], "-o x.wav is no option here."),
  ])
  func textThatBeginsWithADashIsText(arguments: [String], text: String) throws {
    try TemporaryFolder.with { folder in
      let run = try run(["compose"] + arguments + ["--json", "-o", "a.wav"] + Self.short, in: folder)
      #expect(run.errors == "" && run.status == 0)
      #expect(try JSONDecoder().decode(Report.self, from: Data(run.output)).pieces.map(\.text) == [text])
    }
  }

  @Test func optionThatIsMisspeltStaysAFault() throws {
    for words in [["-5"], ["--sed 3", "Strings."], ["Slow", "-5 strings."]] {
      let run = try Program.run(["compose"] + words)
      #expect(run.status == unimoe_audio.ExitStatus.usage.rawValue && run.errors.contains("Unknown option"))
    }
  }

  @Test func charactersAreSpokenByTheirNames() throws {
    try TemporaryFolder.with { folder in
      let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path
      #expect(try run(["voice", "add", "anna", "-a", recording, "-t", "What Anna says."], in: folder).status == 0)
      let run = try run(["speak", "--characters", "a.#", "--json", "-o", "a.wav"] + Self.short, in: folder)
      #expect(run.errors == "" && run.status == 0)
      #expect(try JSONDecoder().decode(Report.self, from: Data(run.output)).pieces.map(\.text) == ["ay, dot, hash."])
      let pieces = try self.run(
        ["speak", "One. * * * Two. …", "--json", "-o", "b.wav"] + Self.short, in: folder)
      #expect(
        try JSONDecoder().decode(Report.self, from: Data(pieces.output)).pieces.map(\.text).joined().contains("Two."))
    }
  }

  @Test func routesAreShownAndDrawn() throws {
    struct Routes: Decodable {
      struct Choice: Decodable {
        let experts: [Int]
        let weights: [Float]
      }
      let layers: Int
      let steps: Int
      let names: [String]
      let routes: [[Choice]]
    }
    try TemporaryFolder.with { folder in
      let run = try run(
        ["routes", "--music", "Slow strings.", "--svg", "r.svg", "--json"] + Self.short, in: folder)
      #expect(run.errors == "")
      let routes = try JSONDecoder().decode(Routes.self, from: Data(run.output))
      #expect(routes.layers == 3 && routes.names.count == 7 && routes.steps == routes.routes.count)
      for choice in routes.routes.joined() {
        // Weights of a step sum to one up to the mixer's 1e-6 (reference semantics, section a).
        #expect(abs(choice.weights.reduce(0, +) - 1) < 1e-4)
        #expect(choice.experts.suffix(2) == [5, 6])
      }
      let picture = try String(contentsOf: folder.appendingPathComponent("r.svg"), encoding: .utf8)
      #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    }
  }

  /// Without standard descriptors, messages to them must not land in the files that are made.
  @Test func closedStandardDescriptorsChangeNoFile() throws {
    try TemporaryFolder.with { folder in
      let arguments = ["compose", "Slow strings.", "--seconds", "0.4", "--codes"]
      #expect(try run(arguments + ["a.codes", "-o", "a.wav"], in: folder).status == 0)
      let closed = try run(arguments + ["b.codes", "-o", "b.wav"], in: folder, shell: "exec \"$@\" <&- >&- 2>&-")
      #expect(closed.status == unimoe_audio.ExitStatus.inputOutput.rawValue)
      for suffix in ["wav", "codes"] {
        let files = try ["a", "b"].map { try Data(contentsOf: folder.appendingPathComponent("\($0).\(suffix)")) }
        #expect(files[0] == files[1])
      }
    }
  }

  @Test(arguments: [("INT", unimoe_audio.ExitStatus.interrupted), ("TERM", unimoe_audio.ExitStatus.terminated)])
  func signalLeavesNoFile(name: String, status: unimoe_audio.ExitStatus) throws {
    try TemporaryFolder.with { folder in
      // A shell starts background commands with SIGINT ignored; `timeout` sends it to a command in the foreground.
      let run = try run(
        ["compose", "Slow strings.", "--seconds", "19", "-o", "a.wav", "--spectrogram", "a.png"], in: folder,
        shell: "timeout --foreground --preserve-status -s \(name) 0.5 \"$@\"")
      #expect(run.status == status.rawValue)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model"])
    }
  }
}
