import Foundation
import TestSupport
import Testing

@testable import unimoe_audio

/// What commands do with a model that has plan channels, and say of one that has none.
@Suite struct PlanCommandTests {
  private static let midi = Program.sourceTree.appendingPathComponent("Tests/Fixtures/midi/joy.mid").path

  private struct Word: Decodable {
    let kind, text: String
    let start, end: Double
  }
  private struct Report: Decodable {
    struct Piece: Decodable { let text, stop_reason: String }
    let seconds: Double
    let pieces: [Piece]
  }

  private func run(_ arguments: [String], in folder: ScratchFolder, input: String = "") throws -> Program.Run {
    let model = folder("plan")
    if !FileManager.default.fileExists(atPath: model) { _ = try PlanModel.make(in: folder.path) }
    return try Program.run(
      arguments, input: Array(input.utf8), environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path],
      in: URL(fileURLWithPath: folder.path))
  }

  private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test func marksNameEveryWordAsItWasWrittenAndItsTime() throws {
    let folder = try ScratchFolder()
    let text = "Dr. Smith paid $5 at “the station”.\n\nIt was 9 o'clock, & we met you."
    let run = try run(["speak", "-", "-o", "a.wav", "--marks", "a.json", "--json"], in: folder, input: text)
    #expect(run.status == 0 && run.errors == "")
    let report = try JSONDecoder().decode(Report.self, from: Data(run.output))
    #expect(report.pieces.count == 2 && report.pieces.allSatisfy { $0.stop_reason == "end" })
    let words = try JSONDecoder().decode([Word].self, from: data(folder("a.json")))
    #expect(words.allSatisfy { $0.kind == "word" && $0.start < $0.end })
    #expect(
      words.map(\.text) == [
        "Dr.", "Smith", "paid", "$5", "at", "the", "station", "It", "was", "9", "o'clock", "&", "we", "met", "you",
      ])
    #expect(zip(words, words.dropFirst()).allSatisfy { $0.end <= $1.start })
    #expect(words[0].start >= 0 && words[14].end <= report.seconds + 0.001)
    // Half a second lies between two paragraphs.
    #expect(words[7].start - words[6].end >= 0.5)
  }

  @Test func whatHasNoSoundIsSilenceBetweenThePieces() throws {
    let folder = try ScratchFolder()
    let text = "Good morning.\n\nПривет.\n\nGood evening."
    let run = try run(["speak", text, "-o", "a.wav", "--marks", "a.json", "--json"], in: folder)
    #expect(run.status == 0 && run.errors.contains("found \"П\""))
    let report = try JSONDecoder().decode(Report.self, from: Data(run.output))
    #expect(report.pieces.map(\.text) == ["Good morning.", "Good evening."])
    let words = try JSONDecoder().decode([Word].self, from: data(folder("a.json")))
    #expect(words.map(\.text) == ["Good", "morning", "Good", "evening"])
    let silent = try self.run(["speak", "Привет.", "-o", "b.wav"], in: folder)
    #expect(silent.status == unimoe_audio.ExitStatus.badData.rawValue)
    #expect(silent.errors.hasSuffix("unimoe-audio: text: expected at least one word that can be said, found none\n"))
  }

  @Test func notesThatAreNotThereAreAMissingInput() throws {
    let folder = try ScratchFolder()
    for arguments in [["compose", "x", "--midi", "no.mid"], ["score", "--midi", "no.mid"]] {
      let run = try run(arguments, in: folder)
      #expect(run.status == unimoe_audio.ExitStatus.noInput.rawValue)
      #expect(run.errors == "unimoe-audio: no.mid: cannot read: No such file or directory\n")
    }
  }

  @Test func subtitlesHaveALineForEachSentence() throws {
    let folder = try ScratchFolder()
    let text = "Good morning, Dr. Smith! It was \"five o'clock\", & we were at home."
    for name in ["a.srt", "a.vtt"] {
      let run = try run(["speak", text, "-o", "a.wav", "-q", "--marks", name], in: folder)
      #expect(run.status == 0 && run.errors == "")
    }
    let srt = String(decoding: try data(folder("a.srt")), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(srt.count == 8 && srt[0] == "1" && srt[2] == "Good morning, Dr. Smith!" && srt[4] == "2")
    #expect(srt[6] == "It was \"five o'clock\", & we were at home.")
    #expect(srt[1].wholeMatch(of: /00:00:0\d,\d{3} --> 00:00:0\d,\d{3}/) != nil)
    let vtt = String(decoding: try data(folder("a.vtt")), as: UTF8.self)
    #expect(vtt.hasPrefix("WEBVTT\n\n00:00:0"))
    let plain = vtt.replacing(/<[0-9:.]+>/, with: "")
    #expect(plain.contains("\nGood morning, Dr. Smith!\n\n"))
    #expect(plain.hasSuffix("\nIt was \"five o'clock\", &amp; we were at home.\n"))
    #expect(vtt.matches(of: /<00:00:0\d\.\d{3}>/).count >= 8)
  }

  @Test func aFasterSpeedIsTakenAndTheSoundIsAnother() throws {
    let folder = try ScratchFolder()
    func sound(_ extra: String...) throws -> [UInt8] {
      try run(["speak", "The cat sat on the mat.", "--greedy", "-q", "-o", "-"] + extra, in: folder).output
    }
    let usual = try sound()
    #expect(try sound("--speed", "1") == usual)
    #expect(try sound("--speed", "0.7") != usual)
  }

  @Test func whatNeedsAPlanIsRefusedWithoutOne() throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path
      func run(_ arguments: [String]) throws -> Program.Run {
        try Program.run(
          arguments, environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path], in: folder)
      }
      #expect(try run(["voice", "add", "anna", "-a", recording, "-t", "What Anna says."]).status == 0)
      for (arguments, kind, reason) in [
        (["speak", "x", "--marks", "a.json"], "speech", "it does not know when it says which word"),
        (["speak", "x", "--speed", "1.2"], "speech", "it speaks at its own pace"),
        (["compose", "x", "--midi", Self.midi], "music", "it composes from captions alone"),
        (["compose", "x", "--free"], "music", "it composes from captions alone"),
      ] {
        let refused = try run(arguments)
        let option = arguments[2]
        #expect(refused.status == unimoe_audio.ExitStatus.badData.rawValue)
        #expect(
          refused.errors
            == "unimoe-audio: \(option): expected a model with plan channels for \(kind), found none in \(model): \(reason)\n"
        )
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["model", "unimoe-audio"])
    }
  }

  @Test func optionsThatCannotStandTogetherAreWrongUse() throws {
    for (arguments, message) in [
      (["speak", "x", "--speed", "2"], "--speed: expected 0.7 to 1.5, found 2.0"),
      (["speak", "x", "--marks", "a.txt"], "--marks: expected a name that ends in .json, .srt or .vtt, found a.txt"),
      (["compose", "x", "--midi", "a.mid", "--free"], "--midi: cannot be combined with --free"),
      (
        ["compose", "x", "--midi", "a.mid", "--seconds", "3"],
        "--midi: expected neither --seconds nor --min-seconds beside it: the notes say how long they last"
      ),
    ] {
      let run = try Program.run(arguments)
      #expect(run.status == unimoe_audio.ExitStatus.usage.rawValue && run.errors == "unimoe-audio: \(message)\n")
    }
  }

  @Test func marksAndNotesAreNotWrittenOver() throws {
    let folder = try ScratchFolder()
    let score = folder("a.json")
    let composed = try run(["score", "march", "--seconds", "2", "-o", "a.json"], in: folder)
    #expect(composed.status == 0)
    let before = try data(score)
    let notes = try run(["compose", "x", "--midi", "a.json", "-o", "a.wav", "--codes", "./a.json"], in: folder)
    #expect(notes.errors == "unimoe-audio: --codes: ./a.json is also the file of --midi: name another file\n")
    let marks = try run(["speak", "x", "--marks", "b.json", "--codes", "b.json"], in: folder)
    #expect(marks.status == unimoe_audio.ExitStatus.usage.rawValue)
    #expect(try data(score) == before && folder.names == ["a.json", "plan"])
  }

  @Test func notesOfAMIDIFileAreThePlanOfWhatIsPlayed() throws {
    struct Codes: Decodable {
      struct Piece: Decodable {
        let codes: [[Int]]
        let plan: [String: [Int]]
      }
      let version: Int
      let pieces: [Piece]
    }
    struct Score: Decodable {
      struct Plan: Decodable {
        let code_frames: Int
        let melody, bass, chord, drums, beat, tempo: [Int]
      }
      let plan: Plan
    }
    let folder = try ScratchFolder()
    let played = try run(
      ["compose", "a cello and a piano", "--midi", Self.midi, "-o", "a.wav", "--codes", "a.json", "-q"], in: folder)
    #expect(played.status == 0 && played.errors == "")
    let codes = try JSONDecoder().decode(Codes.self, from: data(folder("a.json")))
    let score = try run(["score", "--midi", Self.midi, "--plan", "--json"], in: folder)
    let plan = try JSONDecoder().decode(Score.self, from: Data(score.output)).plan
    #expect(codes.version == 2 && codes.pieces.count == 1)
    let piece = codes.pieces[0]
    #expect(piece.codes.count == plan.code_frames && piece.codes.allSatisfy { $0.count == 3 })
    for (name, expected) in [
      ("melody", plan.melody), ("bass", plan.bass), ("chord", plan.chord), ("drums", plan.drums), ("beat", plan.beat),
      ("tempo", plan.tempo),
    ] {
      #expect(piece.plan[name] == expected, "\(name)")
    }
    #expect(Set(piece.plan["lead"] ?? []) == [17])
  }

  @Test func composeTellsWhatItPlaysAsScoreDoes() throws {
    struct Facts: Decodable { let composition: String? }
    let folder = try ScratchFolder()
    let title = String(try run(["score", "a waltz for strings", "--seed", "3"], in: folder).text.prefix { $0 != "\n" })
    let arguments = ["compose", "a waltz for strings", "--seed", "3", "-o"]
    let played = try run(arguments + ["a.wav"], in: folder)
    #expect(played.status == 0 && played.text.split(separator: "\n").dropFirst().first.map(String.init) == title)
    let facts = try run(arguments + ["b.wav", "--json"], in: folder).output
    #expect(try JSONDecoder().decode(Facts.self, from: Data(facts)).composition == title)
    let free = try run(arguments + ["c.wav", "--json", "--free", "--max-seconds", "0.3"], in: folder).output
    #expect(try JSONDecoder().decode(Facts.self, from: Data(free)).composition == nil)
  }

  @Test func infoAndRoutesKnowThePlan() throws {
    struct Facts: Decodable {
      struct Channel: Decodable {
        let name, domain: String
        let codes, delay: Int
        let written: Bool
      }
      let plan: [Channel]
    }
    struct Routes: Decodable {
      let steps: Int
      let plan: [String: [Int]]?
    }
    let folder = try ScratchFolder()
    let table = try run(["info"], in: folder).text
    #expect(table.contains("speech plan       phoneme 140, ahead1 211 given, ahead2 211 given\n"))
    #expect(table.contains("music plan        beat 192 given, tempo 56, lead 31, chord 25 delay 1, melody 257 delay 1"))
    let facts = try JSONDecoder().decode(Facts.self, from: Data(try run(["info", "--json"], in: folder).output))
    #expect(facts.plan.count == 10 && facts.plan[0].name == "phoneme" && facts.plan[9].domain == "music")
    #expect(facts.plan[7].codes == 257 && facts.plan[7].delay == 1 && !facts.plan[3].written)
    let run = try run(["routes", "It cost $5.", "--json"], in: folder)
    let routes = try JSONDecoder().decode(Routes.self, from: Data(run.output))
    let plan = try #require(routes.plan)
    let phonemes = try #require(plan["phoneme"])
    // The longest delay of the codebooks is 6.
    #expect(phonemes.count == routes.steps - 6)
  }
}
