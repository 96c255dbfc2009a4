extension Genre {
  private static let waltzBeat = Groove([
    .init(DrumKey.kick, "x..........."), .init(DrumKey.stick, "....x...x..."),
  ])
  private static let jazzWaltz = Groove([
    .init(DrumKey.kick, "x..........."), .init(DrumKey.ride, "x...x.x.x..."), .init(DrumKey.pedal, "....x...x..."),
  ])
  private static let marchBeat = Groove([
    .init(DrumKey.kick, "x.......x......."), .init(DrumKey.snare, "X.o.x.ooX.o.x.x."),
    .init(DrumKey.crash, "........?......."),
  ])
  private static let marchRoll = Groove([
    .init(DrumKey.kick, "x...x...x...x..."), .init(DrumKey.snare, "X...x.x.X.ooX.oo"),
  ])
  private static let folkBeat = Groove(
    [.init(DrumKey.kick, "x.......x......."), .init(DrumKey.tambourine, "....x..o....x.oo")], hasFills: false)
  private static let jigBeat = Groove(
    [.init(DrumKey.kick, "x.....x....."), .init(DrumKey.tambourine, "x.o.o.x.o.o.")], hasFills: false)
  private static let epicBeat = Groove([
    .init(DrumKey.kick, "X.....x.X...x..."), .init(DrumKey.lowTom, "x..x..x.x..x..xx"),
    .init(DrumKey.snare, "............X..."),
  ])

  static let old: [Genre] = [
    Genre(
      "folk", words: ["folk", "folk song", "folk music", "acoustic", "singer songwriter", "campfire", "americana"],
      leads: ["acoustic guitar", "violin", "flute", "accordion", "pan flute", "fiddle", "harmonica"],
      backings: ["acoustic guitar", "accordion", "guitar", "banjo"], basses: ["acoustic bass"], tempi: 70...150,
      scales: [(.major, 6), (.minor, 2), (.dorian, 3), (.mixolydian, 1)], harmony: Harmony.folk, rhythm: .riff,
      comping: ["x...x.x.x...x.x.", "x...x...x...x...", "0.2.1.2.0.2.1.2.", "0.x.x.x.0.x.x.x."],
      bass: ["1.......5.......", "1...............", "1...1...5...5..."],
      grooves: [folkBeat], forms: [.binary, .refrain, .variations, .round], looseness: 6),
    Genre(
      "folk", "jig", words: ["jig", "irish", "celtic", "irish jig", "scottish"],
      leads: ["fiddle", "whistle", "flute", "accordion", "bagpipe", "violin"],
      backings: ["guitar", "acoustic guitar", "accordion", "harp"],
      basses: ["acoustic bass"], tempi: 96...126, meter: .sixEight,
      scales: [(.major, 5), (.dorian, 4), (.mixolydian, 2)], harmony: Harmony.folk, rhythm: .running,
      comping: ["x...x.x...x.", "x.....x....."], bass: ["1.....5.....", "1.........5."], grooves: [jigBeat],
      forms: [.binary],
      looseness: 4, ending: .hit),
    Genre(
      "waltz", words: ["waltz", "viennese waltz", "waltz time", "musette", "waltzing"],
      leads: ["piano", "violin", "accordion", "strings", "clarinet", "flute"],
      backings: ["piano", "strings", "accordion", "guitar"],
      basses: ["acoustic bass", "cello"], tempi: 80...180, meter: .waltz, scales: [(.major, 7), (.minor, 4)],
      harmony: Harmony.classical, rhythm: .lyrical, comping: ["....s...s...", "....x...x...", "0...x...x..."],
      bass: ["1...........", "1...........", "1.......a..."], grooves: [waltzBeat, jazzWaltz],
      forms: [.binary, .song, .rondo], looseness: 4,
      slowsDown: 50),
    Genre(
      "march", words: ["march", "marching band", "military", "military march", "parade"],
      leads: ["trumpet", "brass", "flute", "clarinet", "piccolo"],
      backings: ["brass", "trombone", "strings", "french horn"], basses: ["trombone", "acoustic bass", "tuba"],
      tempi: 90...140,
      scales: [(.major, 8), (.minor, 2)], harmony: Harmony.classical, rhythm: .dotted,
      comping: ["..s...s...s...s.", "....s.......s..."], bass: ["1...5...1...5...", "1...5...3...5..."],
      grooves: [marchBeat, marchRoll],
      forms: [.binary, .rondo], looseness: 2, ending: .hit, articulation: 80),
    Genre(
      "classical",
      words: ["classical", "chamber", "chamber music", "sonata", "minuet", "classical music", "romantic era"],
      leads: [
        "piano", "violin", "cello", "flute", "oboe", "harpsichord", "clarinet", "strings", "organ", "viola", "bassoon",
        "harp",
      ],
      backings: ["piano", "strings", "harpsichord", "organ", "choir", "harp", "pizzicato strings"],
      basses: ["cello", "double bass", "bassoon"], tempi: 60...150,
      scales: [(.major, 6), (.minor, 4)], harmony: Harmony.classical, rhythm: .lyrical,
      comping: ["x...............", "x...x...x...x...", "0.2.1.2.0.2.1.2.", "x.......x.......", "..s...s...s...s."],
      bass: ["1.......5.......", "1...............", "1...3...5...3...", "1...5...3...5..."], grooves: [],
      forms: [.song, .rondo, .variations, .binary], looseness: 6, slowsDown: 70, articulation: 92),
    Genre(
      "classical", "baroque", words: ["baroque", "fugue", "counterpoint", "canon", "invention"],
      leads: ["harpsichord", "violin", "oboe", "organ", "recorder", "trumpet"],
      backings: ["harpsichord", "organ", "strings"],
      basses: ["cello", "bassoon", "double bass"], tempi: 66...120, scales: [(.major, 5), (.minor, 5)],
      harmony: Harmony.classical,
      rhythm: .running, comping: ["x...x...x...x...", "x.......x.......", "0121012101210121"],
      bass: ["1...3...5...3...", "1.3.5.3.1.3.5.a.", "1...8...5...3..."], grooves: [],
      forms: [.round, .variations, .binary],
      looseness: 3, slowsDown: 80, articulation: 85),
    Genre(
      "orchestral",
      words: [
        "orchestral", "orchestra", "symphonic", "cinematic", "film score", "soundtrack", "epic", "film music",
        "symphony",
      ],
      leads: ["strings", "french horn", "trumpet", "flute", "oboe", "violin", "brass", "choir"],
      backings: ["strings", "brass", "choir", "pizzicato strings", "harp"], basses: ["double bass", "cello", "tuba"],
      tempi: 60...150,
      scales: [(.minor, 6), (.major, 4), (.lydian, 1)], harmony: Harmony.epic, rhythm: .lyrical,
      comping: ["x...............", "s.s.s.s.s.s.s.s.", "x.......x.......", "s.sss.sss.sss.ss", "0.1.2.1.3.1.2.1."],
      bass: ["1...............", "1.......1.......", "1.1.1.1.1.1.1.1."], grooves: [epicBeat],
      forms: [.song, .refrain, .rondo],
      looseness: 5, slowsDown: 40, articulation: 97),
  ]
}
