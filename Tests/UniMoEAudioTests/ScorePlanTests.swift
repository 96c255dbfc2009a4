import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct ScorePlanTests {
  /// Two bars of four at 120 a minute: a quarter note is 25 code frames long.
  private func score(bars: Int = 2, meter: Meter = .common, tempo: TempoMap = TempoMap(bpm: 120)) -> Score {
    Score(
      title: "", tempo: tempo, meters: [Score.MeterChange(tick: 0, meter: meter)], firstBar: 0,
      key: MusicalKey(tonic: 0, scale: .major), length: bars * meter.ticks, sections: [], chords: [], parts: [],
      lead: Instrument.named("flute"))
  }

  private func note(_ start: Int, _ duration: Int, _ pitch: Int) -> Score.Note {
    Score.Note(start: start, duration: duration, pitch: pitch, velocity: 90)
  }

  @Test func beatCountsTwelfthsOfFourBars() {
    let plan = ScorePlan(score(bars: 5), leadIn: 0)
    let beat = plan.codes(of: .beat)
    #expect(plan.codeFrames == 500 && beat.count == 500)
    // The middle of frame 12 is 250 ms, half a beat; a bar is 100 frames.
    #expect(beat[0] == 0 && beat[12] == 6 && beat[25] == 12 && beat[99] == 47)
    #expect(beat[100] == 48 && beat[399] == 3 * 48 + 47 && beat[400] == 0)
  }

  @Test func tempoClassesAreFivePerCentApart() {
    for (bpm, code) in [(50, 0), (100, 28), (120, 36), (187, 54), (300, 54), (30, 0)] {
      #expect(ScorePlan(score(tempo: TempoMap(bpm: bpm)), leadIn: 0).codes(of: .tempo)[0] == Int32(code))
    }
    #expect(ScorePlan(score(meter: .waltz), leadIn: 0).codes(of: .tempo)[0] == 37)
  }

  @Test func tempoChangesInsideThePiece() {
    let map = TempoMap([.init(tick: 0, microseconds: 500_000), .init(tick: 1920, microseconds: 1_000_000)])
    let plan = ScorePlan(score(bars: 2, tempo: map), leadIn: 0)
    #expect(plan.codeFrames == 100 + 200)
    #expect(plan.codes(of: .tempo)[99] == 36 && plan.codes(of: .tempo)[100] == 8)
    #expect(plan.codes(of: .beat)[100] == 48 && plan.codes(of: .beat)[150] == 60)
  }

  @Test func notesFlipParityAndShortRestsAreNone() {
    var score = score()
    score.parts = [
      Score.Part(
        role: .melody, instrument: .piano, notes: [note(0, 440, 60), note(480, 240, 60), note(1440, 480, 64)])
    ]
    let melody = ScorePlan(score, leadIn: 0).codes(of: .melody)
    #expect(melody[0] == 120 && melody[24] == 120 && melody[25] == 121 && melody[36] == 121)
    #expect(melody[37] == 256 && melody[74] == 256 && melody[75] == 128 && melody[99] == 128 && melody[100] == 256)
  }

  @Test func playersStrayWithoutMovingThePlan() {
    for stray in [-7, 0, 7] {
      var score = score()
      score.parts = [Score.Part(role: .melody, instrument: .piano, notes: [note(960 + stray, 400, 62)])]
      #expect(ScorePlan(score, leadIn: 0).codes(of: .melody).firstIndex(of: 124) == 50)
    }
  }

  @Test func chordsAndStrokes() {
    var score = score()
    score.chords = [
      Score.ChordSpan(start: 0, duration: 1920, chord: Chord(root: 9, quality: .minorSeventh)),
      Score.ChordSpan(start: 1920, duration: 960, chord: Chord(root: 5, quality: .power)),
      Score.ChordSpan(start: 2880, duration: 960, chord: nil),
    ]
    score.parts = [
      Score.Part(role: .drums, instrument: .drums, notes: [note(0, 10, 36), note(0, 10, 42), note(480, 10, 38)])
    ]
    let plan = ScorePlan(score, leadIn: 0)
    let chord = plan.codes(of: .chord)
    #expect(chord[0] == 19 && chord[99] == 19 && chord[100] == 10 && chord[149] == 10 && chord[150] == 24)
    let drums = plan.codes(of: .drums)
    #expect(drums[0] == 5 && drums[1] == 0 && drums[25] == 2 && drums.count { $0 != 0 } == 2)
    #expect(plan.codes(of: .lead)[7] == 26)
  }

  @Test func pieceMayBeginWithinABar() {
    let part = score(bars: 4).slice(from: 1920 + 480, to: 4 * 1920)
    let beat = ScorePlan(part, leadIn: 0).codes(of: .beat)
    #expect(part.firstBar == 1 && beat[0] == 48 + 12 && beat[75] == 96)
  }

  @Test func channelsCanBeForgotten() {
    var plan = ScorePlan(score(), leadIn: 0)
    plan.forget(.beat, in: 10..<20)
    plan.forget(.melody)
    #expect(plan.codes(of: .beat)[9] >= 0 && plan.codes(of: .beat)[10] == -1 && plan.codes(of: .beat)[20] >= 0)
    #expect(plan.codes(of: .melody).allSatisfy { $0 == ScorePlan.unknown })
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func everyCodeIsInItsChannel(seed: UInt64) {
    let score = Composer.excerpt(Brief(MusicAttributes(), seed: seed, seconds: 12))
    let plan = ScorePlan(score, codeFrames: 600, leadIn: 20_000)
    for channel in ScorePlan.Channel.allCases {
      #expect(plan.codes(of: channel).count == 600)
      #expect(plan.codes(of: channel).allSatisfy { $0 >= 0 && $0 < channel.size }, "\(channel) \(score.title)")
    }
  }
}

extension ScorePlanTests {
  private struct TrainingInstrument: Decodable, Equatable {
    let name: String
    let program: Int?
    let family: String
  }

  @Test func theTrainingNamesTheSameInstruments() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let table = try Data(contentsOf: root.appendingPathComponent("training/src/unimoe_train/plan/instruments.json"))
    let theirs = try JSONDecoder().decode([TrainingInstrument].self, from: table)
    #expect(theirs == Instrument.all.map { TrainingInstrument(name: $0.name, program: $0.program, family: $0.family) })
  }
}
