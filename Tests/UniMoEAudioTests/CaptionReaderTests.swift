import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct CaptionReaderTests {
  /// A line of a table of captions and what they ask for.
  struct Row: Sendable {
    let caption: String
    let fields: [String]

    /// What the reader gets wrong.
    var faults: [String] {
      let read = CaptionReader.attributes(of: caption)
      var faults: [String] = []
      func compare(_ name: String, _ found: String?, _ expected: String) {
        if (found ?? "-") != expected { faults.append("\(name): expected \(expected), found \(found ?? "-")") }
      }
      let tempi = fields[0].split(separator: "-").compactMap { Int($0) }
      if let low = tempi.first, let high = tempi.last {
        if !(read.bpm.map { (low...high).contains($0) } ?? false) {
          faults.append("bpm: \(String(describing: read.bpm))")
        }
      } else {
        compare("bpm", read.bpm.map(String.init), "-")
      }
      compare("tonic", read.tonic.map { MusicalKey.tonics[$0] }, fields[1])
      compare("mode", read.mode?.rawValue, fields[2])
      compare("meter", read.meter.map { String($0.beats) }, fields[3])
      if !fields[4].split(separator: ",").contains(Substring(read.genre ?? "-")) {
        compare("genre", read.genre, fields[4])
      }
      compare("seconds", read.seconds.map { String(Int($0)) }, fields[5])
      compare("instruments", Self.list(read.instruments), Self.list(fields[6].split(separator: ",").map(String.init)))
      compare("without", Self.list(read.without), Self.list(fields[7].split(separator: ",").map(String.init)))
      return faults
    }

    private static func list(_ names: [String]) -> String {
      names.isEmpty ? "-" : names.sorted().joined(separator: ",")
    }
  }

  private static func table(_ name: String) throws -> [Row] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name).tsv")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(columns.count == 9, "\(line)")
      return Row(caption: columns[0], fields: Array(columns[1...]))
    }
  }

  @Test func captionsInPeoplesWordsAreUnderstood() throws {
    let rows = try Self.table("captions").enumerated()
    let tuned = rows.filter { $0.offset % 5 != 4 }.map(\.element)
    let held = rows.filter { $0.offset % 5 == 4 }.map(\.element)
    #expect(tuned.count >= 130 && held.count >= 30)
    for row in tuned { #expect(row.faults.isEmpty, "\(row.caption): \(row.faults)") }
    let right = held.count { $0.faults.isEmpty }
    #expect(right * 10 >= held.count * 9, "\(right) of \(held.count) captions that were kept out of the tuning")
  }

  @Test func captionsOfTheTrainingsTemplatesAreUnderstood() throws {
    let rows = try Self.table("training_captions")
    #expect(rows.count == 400)
    for row in rows { #expect(row.faults.isEmpty, "\(row.caption): \(row.faults)") }
  }

  /// Whatever the composer's captions say is read as what the piece is.
  @Test func writtenCaptionsAreReadAsTheirPieces() {
    for seed in 0..<400 as Range<UInt64> {
      let brief = Brief(MusicAttributes(), seed: seed, seconds: 20)
      for caption in CaptionWriter.captions(of: brief, count: 4) {
        let read = CaptionReader.attributes(of: caption)
        #expect(read.tempi?.contains(brief.bpm) ?? (read.bpm ?? brief.bpm == brief.bpm), "\(caption): \(brief.bpm)")
        #expect(read.tonic ?? brief.key.tonic == brief.key.tonic, "\(caption): \(brief.key.name)")
        #expect(read.mode ?? brief.key.mode == brief.key.mode, "\(caption): \(brief.key.name)")
        #expect(read.genre ?? brief.genreName == brief.genreName, "\(caption): \(brief.styleName)")
        #expect(read.meter ?? brief.meter == brief.meter, "\(caption)")
        for name in read.instruments where name != "bass" {
          #expect(brief.instruments.contains(name), "\(caption): \(name)")
        }
        for name in read.without where name != "bass" {
          #expect(!brief.instruments.contains(name), "\(caption): \(name)")
        }
        if read.without.contains("bass") { #expect(brief.bass == nil, "\(caption)") }
      }
    }
  }

  @Test func whatIsNotUnderstoodIsKept() {
    #expect(CaptionReader.attributes(of: "slow piano with a purple elephant").rest == "purple elephant")
    #expect(CaptionReader.attributes(of: "").rest.isEmpty)
  }

  @Test func lengthsAndChanges() {
    func read(_ caption: String) -> MusicAttributes { CaptionReader.attributes(of: caption) }
    #expect(read("1:30 of jazz").seconds == 90)
    #expect(read("a minute and a half of techno").seconds == 90)
    #expect(read("half a minute of harp").seconds == 30)
    #expect(read("8 bars of funk").bars == 8)
    #expect(read("folk dance that speeds up").tempoChange == .faster)
    #expect(read("theme and variations for piano").form == "variations")
  }

  @Test func anyTextIsRead() {
    for text in [
      "♩ = 96", "🎹🎹🎹", String(repeating: "no ", count: 5000), "in", "in a", "'", "3/", "/4", "a#b#c#", "12:99",
    ] {
      _ = CaptionReader.read(text)
    }
    #expect(CaptionReader.attributes(of: "♩ = 96").bpm == 96)
  }
}
