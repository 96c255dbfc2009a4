import Testing

@testable import UniMoEAudio

@Suite struct ComposerTests {
  private func score(_ caption: String, seed: UInt64 = 1, seconds: Double = 20) -> Score {
    Composer.compose(Brief(CaptionReader.attributes(of: caption), seed: seed, seconds: seconds))
  }

  @Test func askedTempoKeyMetreAndInstrumentsAreInTheScore() throws {
    let score = score("slow waltz in E minor for violin and accordion, 84 bpm, no drums")
    #expect(score.tempo.changes[0].microseconds == 714_286)
    #expect(score.key == MusicalKey(tonic: 4, scale: .minor))
    #expect(score.meters.map(\.meter) == [.waltz])
    #expect(score.part(.melody)?.instrument.name == "violin")
    #expect(score.part(.chords)?.instrument.name == "accordion")
    #expect(score.part(.drums) == nil)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func everyNoteIsInRangeAndWithinThePiece(seed: UInt64) {
    let brief = Brief(MusicAttributes(), seed: seed, seconds: Double(2 + seed % 40))
    for score in [Composer.compose(brief), Composer.excerpt(brief)] {
      #expect(!score.parts.isEmpty)
      for part in score.parts {
        for note in part.notes {
          #expect(note.start >= 0 && note.duration > 0 && note.end <= score.length && (1...127).contains(note.velocity))
          #expect(part.role == .drums || (21...108).contains(note.pitch), "\(score.title): \(part.role) \(note)")
        }
        for (before, next) in zip(part.notes, part.notes.dropFirst()) { #expect(before.start <= next.start) }
      }
    }
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func piecesEndOnTheTonic(seed: UInt64) throws {
    let brief = Brief(MusicAttributes(), seed: seed, seconds: 24)
    let score = Composer.compose(brief)
    guard let key = score.key else { return }
    let last = try #require(score.chords.last?.chord)
    #expect(last.root == key.tonic, "\(score.title)")
    if brief.leadStyle == .melody, let note = score.part(.melody)?.notes.last {
      #expect((note.pitch - key.tonic) % 12 == 0, "\(score.title)")
    }
  }

  @Test func samePieceWithoutDrumsHasTheSameMelody() {
    let with = score("pop song in C major with piano, guitar, bass and drums", seed: 5)
    let without = score("pop song in C major with piano, guitar and bass, no drums", seed: 5)
    #expect(with.part(.melody)?.notes.map(\.pitch) == without.part(.melody)?.notes.map(\.pitch))
    #expect(without.part(.drums) == nil)
  }

  @Test func endlessMusicGoesOnBarByBar() {
    var composer = Composer(Brief(CaptionReader.attributes(of: "jazz piano trio with drums"), seed: 3))
    var bars = 0
    for _ in 0..<12 {
      let part = composer.next()
      #expect(part.firstBar == bars && part.length % part.meters[0].meter.ticks == 0)
      bars += part.length / part.meters[0].meter.ticks
    }
    var copy = composer
    #expect(copy.next() == composer.next())
  }

  @Test func everyNumeralOfTheTablesIsRead() {
    for genre in Genre.all {
      for progression in genre.major.all + genre.minor.all {
        #expect(progression.bars.count == 4 && progression.bars.allSatisfy { !$0.isEmpty }, "\(genre.style)")
      }
      for name in genre.leads + genre.backings + genre.basses { #expect(Instrument.named(name) != nil, "\(name)") }
    }
  }
}
