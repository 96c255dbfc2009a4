import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct MIDIFileTests {
  private struct Expected: Decodable {
    let melody: [[Int]]
    let seconds: Double
    let sharps: Int
    let meter: String
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/midi")

  /// mido and music21 say what is in the files; `Tests/tools/midi_fixtures.py` asked them.
  @Test(arguments: ["joy", "joy-format-0", "joy-piano"])
  func melodyTempoKeyAndMetreAreThoseOfPublicReaders(name: String) throws {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("expected.json"))
    let expected = try #require(try JSONDecoder().decode([String: Expected].self, from: data)[name])
    let score = try Score(contentsOf: Self.folder.appendingPathComponent("\(name).mid").path)
    let melody = try #require(score.part(.melody)).notes
    #expect(melody.map { [$0.start, $0.duration, $0.pitch] } == expected.melody)
    #expect(abs(Double(score.microseconds) / 1_000_000 - expected.seconds) < 0.001)
    #expect(score.key?.sharps == expected.sharps)
    #expect(score.meters.map { "\($0.meter.beats)/\($0.meter.unit)" } == [expected.meter])
    #expect(score.tempo.changes.map(\.microseconds) == [600_000, 750_000])
  }

  @Test(arguments: ["joy", "joy-format-0"])
  func voicesBecomeParts(name: String) throws {
    let score = try Score(contentsOf: Self.folder.appendingPathComponent("\(name).mid").path)
    #expect(score.parts.map(\.role) == [.melody, .chords, .bass, .drums])
    #expect(score.parts.map(\.instrument.name) == ["flute", "piano", "acoustic bass", "drums"])
    #expect(score.parts.map(\.notes.count) == [30, 24, 8, 32])
    // A bar of the tonic, a bar of the dominant.
    let chords = (0..<8).map { bar in score.chords.last { $0.start <= 1920 * bar }?.chord?.symbol }
    #expect(chords == ["D", "A", "D", "A", "D", "A", "D", "D"])
  }

  @Test func composedPiecesComeBackFromTheirFiles() throws {
    for seed in 0..<40 as Range<UInt64> {
      let brief = Brief(MusicAttributes(), seed: seed, seconds: 15)
      let score = Composer.compose(brief)
      let again = try score.midi.withBytes { (bytes) throws(UniMoEError) in
        try MIDIFile(bytes, path: "m").score(path: "m")
      }
      #expect(again.tempo == score.tempo && again.length == score.length && again.meters == score.meters)
      #expect(again.part(.drums)?.notes ?? [] == score.part(.drums)?.notes ?? [])
      #expect(again.part(.bass)?.notes ?? [] == score.part(.bass)?.notes ?? [], "\(score.title)")
      if let key = score.key { #expect(again.key?.mode == key.mode && again.key?.tonic == key.tonic) }
      guard brief.leadStyle == .melody else { continue }
      let (before, after) = (ScorePlan(score), ScorePlan(again))
      #expect(before.codes(of: .beat) == after.codes(of: .beat))
      let same = zip(before.codes(of: .melody), after.codes(of: .melody)).count { $0 / 2 == $1 / 2 }
      #expect(same * 100 >= before.codeFrames * 97, "\(score.title): \(same) of \(before.codeFrames)")
    }
  }

  @Test func scoresComeBackFromTheirJSON() throws {
    for seed in 0..<40 as Range<UInt64> {
      let brief = Brief(MusicAttributes(), seed: seed, seconds: 12)
      for score in [Composer.compose(brief), Composer.excerpt(brief)] {
        let again = try score.json.withUTF8Bytes { (bytes) throws(UniMoEError) in try Score(json: bytes, path: "s") }
        #expect(again == score)
      }
    }
  }

  private func problem(_ bytes: [UInt8]) -> String? {
    do throws(UniMoEError) {
      _ = try bytes.withBytes { (bytes) throws(UniMoEError) in try MIDIFile(bytes, path: "f.mid").score(path: "f.mid") }
      return nil
    } catch { return error.description }
  }

  private func file(format: UInt8 = 0, division: [UInt8] = [0, 96], _ events: [UInt8]) -> [UInt8] {
    let header: [UInt8] = [0x4D, 0x54, 0x68, 0x64, 0, 0, 0, 6, 0, format, 0, 1] + division
    return header + [0x4D, 0x54, 0x72, 0x6B, 0, 0, 0, UInt8(events.count)] + events
  }

  @Test func runningStatusAndSystemMessagesAreRead() throws {
    let events: [UInt8] = [
      0, 0xF0, 2, 1, 0xF7, 0, 0x90, 60, 80, 96, 60, 0, 0, 64, 80, 48, 64, 0, 0, 0xFF, 0x2F, 0,
    ]
    let score = try file(events).withBytes { (bytes) throws(UniMoEError) in
      try MIDIFile(bytes, path: "f").score(path: "f")
    }
    #expect(score.part(.melody)?.notes.map(\.pitch) == [60, 64])
    #expect(score.part(.melody)?.notes.map(\.duration) == [480, 240])
  }

  @Test func wrongFilesSayWhatIsWrong() {
    #expect(problem([]) == "f.mid: expected a Standard MIDI File, which begins with MThd, found other bytes")
    #expect(problem(file(format: 2, [])) == "f.mid: format: expected 0 or 1, found 2")
    #expect(
      problem(file(division: [0xE8, 40], []))
        == "f.mid: division: expected ticks in a quarter note, found SMPTE frames, which are not read")
    #expect(problem(file([0, 0xFF, 0x2F, 0])) == "f.mid: expected at least one note, found none")
    #expect(problem(file([0, 60, 80])) == "f.mid: byte 23: a running status without a status before it")
    #expect(problem(file([0, 0x90, 60])) == "f.mid: byte 24: a message that ends too early")
    #expect(
      problem(Array(file([0, 0x90, 60, 80]).dropLast())) == "f.mid: byte 22: expected a chunk of 4 bytes, found 3")
    #expect(problem(file([0, 0xFF, 0x51, 3, 0, 0, 0])) == "f.mid: byte 26: expected a tempo above 0, found 0")
  }

  @Test func wrongScoresSayWhatIsWrong() {
    func problem(_ change: (String) -> String) -> String? {
      let json = change(Composer.compose(Brief(CaptionReader.attributes(of: "piano waltz"), seed: 1, seconds: 5)).json)
      do throws(UniMoEError) {
        _ = try json.withUTF8Bytes { (bytes) throws(UniMoEError) in try Score(json: bytes, path: "s.json") }
        return nil
      } catch { return error.description }
    }
    #expect(problem { $0 } == nil)
    #expect(
      problem { $0.replacing("\"version\":1", with: "\"version\":2") }
        == "s.json: version: expected an integer from 1 to 1, found 2")
    #expect(
      problem { $0.replacing("\"role\":\"melody\"", with: "\"role\":\"hero\"") }?.contains("parts[0].role") ?? false)
    #expect(
      problem { $0.replacing("\"meters\":[[0,3,4]]", with: "\"meters\":[[0,3,5]]") }?.contains("meters[0][2]") ?? false)
  }
}
