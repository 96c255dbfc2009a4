import Foundation
import Testing

@testable import unimoe_audio

@Suite struct ScoreCommandTests {
  @Test func explanationIsOneObject() throws {
    let run = try Program.run(["score", "--explain", "--json", "slow strings in E minor, no drums, 30 seconds"])
    let value = try JSONSerialization.jsonObject(with: Data(run.output))
    let object = try #require(value as? [String: Any])
    #expect(object["bpm"] as? Int == 70)
    #expect(object["tonic"] as? Int == 4)
    #expect(object["mode"] as? String == "minor")
    #expect(object["genre"] is NSNull)
    #expect(object["meter"] is NSNull)
    #expect(object["seconds"] as? Double == 30)
    #expect(object["instruments"] as? [String] == ["strings"])
    #expect(object["without"] as? [String] == ["drums"])
  }

  @Test func pieceIsAMIDIFileThatIsReadAgain() throws {
    try TemporaryFolder.with { folder in
      let file = folder.appendingPathComponent("piece.mid").path
      let run = try Program.run(["score", "march", "--seconds", "6", "-o", file])
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      #expect(run.status == 0 && data.starts(with: Array("MThd".utf8)))
      let again = try Program.run(["score", "--midi", file, "--json", "--plan"])
      #expect(again.status == 0 && again.text.hasPrefix("{\"format\":\"unimoe-audio-score\",\"version\":1,"))
      #expect(again.text.contains("\"lead_in\":0.0200,\"plan\":{\"code_rate\":50,\"code_frames\":301,\"beat\":[0,"))
    }
  }

  @Test func batchHasALineForEachPiece() throws {
    let input = "slow strings\n\n{\"caption\":\"rock\",\"seed\":3,\"seconds\":4}\n"
    let run = try Program.run(["score", "--batch", "-", "--seconds", "3"], input: Array(input.utf8))
    let lines = run.text.split(separator: "\n")
    #expect(run.status == 0 && lines.count == 2)
    #expect(lines.first?.contains("\"seconds\":3.0000,\"ends\":true},\"caption\":\"slow strings\"") ?? false)
    #expect(lines.last?.contains("\"seed\":3,\"seconds\":4.0000") ?? false)
  }

  @Test func wrongRequestsAreOneLine() throws {
    for (arguments, errors) in [
      (["score", "x", "-o", "x.wav"], "--output: expected a name that ends in .mid, .json or .jsonl, found x.wav"),
      (["score", "x", "--seconds", "0.5"], "--seconds: expected 1.0 to 3600.0 seconds, found 0.5"),
      (["score", "x", "--captions", "2"], "--longest, --captions: expected --random beside them"),
    ] {
      let run = try Program.run(arguments)
      #expect(run.status == 64 && run.output.isEmpty && run.errors == "unimoe-audio: \(errors)\n")
    }
  }
}
