extension Genre {
  private static let house = Groove([
    .init(DrumKey.kick, "X...X...X...X..."), .init(DrumKey.clap, "....x.......x..."),
    .init(DrumKey.openHat, "..x...x...x...x."),
    .init(DrumKey.shaker, "o.oooo.oo.oooo.o"),
  ])
  private static let techno = Groove([
    .init(DrumKey.kick, "X...X...X...X..."), .init(DrumKey.hat, "..x...x...x...x."),
    .init(DrumKey.clap, "............x..."),
    .init(DrumKey.ride, "o.o.o.o.o.o.o.o."),
  ])
  private static let danceBeat = Groove([
    .init(DrumKey.kick, "X...X...X...X..."), .init(DrumKey.clap, "....x.......x..."),
    .init(DrumKey.hat, "x.x.x.x.x.x.x.x."),
    .init(DrumKey.openHat, "..x...x...x...x."),
  ])
  private static let disco = Groove([
    .init(DrumKey.kick, "x...x...x...x..."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "xo..xo..xo..xo.."),
    .init(DrumKey.openHat, "..x...x...x...x."),
  ])
  private static let breakbeat = Groove([
    .init(DrumKey.kick, "x.x.......xx...."), .init(DrumKey.snare, "....X..o.o..X..o"),
    .init(DrumKey.hat, "x.x.x.x.x.x.x.x."),
  ])
  private static let lazy = Groove([
    .init(DrumKey.kick, "x.....?x..x....."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.oo"),
  ])
  private static let dusty = Groove([
    .init(DrumKey.kick, "x..?......xx...."), .init(DrumKey.stick, "....X.......X..."),
    .init(DrumKey.hat, "x.x.x.x.x.xox.x."),
  ])
  private static let boomBap = Groove([
    .init(DrumKey.kick, "x.x....x..x....."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.x.x.xox.x.x.x."),
  ])
  private static let trap = Groove([
    .init(DrumKey.kick, "X......x..x....."), .init(DrumKey.clap, "........X......."),
    .init(DrumKey.hat, "x.x.x.xxx.x.xxxx"),
  ])
  private static let bossa = Groove(
    [
      .init(DrumKey.kick, "x..xx..xx..xx..x"), .init(DrumKey.stick, "x..x..x...x..x.."),
      .init(DrumKey.hat, "x.x.x.x.x.x.x.x."),
    ], hasFills: false)
  private static let clave = Groove([
    .init(DrumKey.claves, "x..x..x...x.x..."), .init(DrumKey.shaker, "x.o.x.o.x.o.x.o."),
    .init(DrumKey.kick, "x.....x.x.....x."),
    .init(DrumKey.highConga, "....x.......x..."), .init(DrumKey.lowConga, "......xx......xx"),
  ])
  private static let samba = Groove([
    .init(DrumKey.kick, "x..xX..xx..xX..x"), .init(DrumKey.snare, "x.xo.xx.x.xo.xx."),
    .init(DrumKey.shaker, "xoxxxoxxxoxxxoxx"),
  ])

  static let dance: [Genre] = [
    Genre(
      "electronic", "house", words: ["house", "deep house", "disco house", "house music"],
      leads: ["synthesizer", "electric piano", "synth pad", "piano"],
      backings: ["synth pad", "electric piano", "piano", "synth strings"],
      basses: ["synth bass"], tempi: 116...128, scales: [(.minor, 6), (.dorian, 2), (.major, 3)],
      harmony: Harmony.dance,
      rhythm: .pop, comping: ["..s...s...s...s.", "x..s..s...s..s..", "x..x..x...x..x.."],
      bass: ["..1...1...1...1.", "1..1..1...1..8..", "1.8.1.8.1.8.1.8."], grooves: [house], forms: [.loop],
      looseness: 0,
      ending: .held),
    Genre(
      "electronic", "techno", words: ["techno", "minimal techno", "industrial"], leads: ["synthesizer", "synth pad"],
      backings: ["synth pad", "synthesizer"], basses: ["synth bass"], tempi: 125...145,
      scales: [(.minor, 6), (.phrygian, 3), (.dorian, 1)], harmony: Harmony.dance, rhythm: .sixteenths,
      comping: ["..s...s...s...s.", "x...............", "s..s..s..s..s.s."],
      bass: ["..11..11..11..11", ".111.111.111.111", "1.1.1.1.1.1.1.1."], grooves: [techno], forms: [.loop],
      looseness: 0,
      ending: .hit, articulation: 60),
    Genre(
      "electronic", "dance",
      words: [
        "electronic", "dance", "edm", "trance", "eurodance", "synthwave", "electro", "electronica",
        "synth pop", "synthpop", "club",
      ],
      leads: ["synthesizer", "synth pad"], backings: ["synth pad", "synthesizer", "strings", "synth strings"],
      basses: ["synth bass"], tempi: 100...150, scales: [(.minor, 6), (.major, 4)], harmony: Harmony.dance,
      rhythm: .pop,
      comping: ["x...............", "..s...s...s...s.", "0.1.2.1.0.1.2.1.", "0120120120120123"],
      bass: ["..1...1...1...1.", "1.1.1.1.1.1.1.1.", ".11..11..11..11."], grooves: [danceBeat, house],
      forms: [.loop, .refrain],
      looseness: 0, ending: .held, articulation: 80),
    Genre(
      "electronic", "drum and bass", words: ["drum and bass", "drum n bass", "dnb", "jungle", "breakbeat"],
      leads: ["synthesizer", "synth pad", "electric piano"],
      backings: ["synth pad", "synth strings", "electric piano"], basses: ["synth bass"],
      tempi: 160...176, scales: [(.minor, 7), (.dorian, 3)], harmony: Harmony.dance, rhythm: .floating,
      comping: ["x...............", "x......x........"], bass: ["1.....1...1.....", "1.........1..8.."],
      grooves: [breakbeat],
      forms: [.loop], looseness: 0, ending: .hit),
    Genre(
      "disco", words: ["disco", "seventies disco", "nu disco"],
      leads: ["strings", "brass", "electric guitar", "electric piano", "synthesizer"],
      backings: ["electric guitar", "electric piano", "strings", "muted guitar", "clavinet"],
      basses: ["electric bass", "slap bass"],
      tempi: 108...128, scales: [(.minor, 5), (.dorian, 2), (.major, 4)], harmony: Harmony.soul, rhythm: .pop,
      comping: ["s.ss.ss.s.ss.ss.", "..s...s...s...s.", "x..x..x.x..x..x."],
      bass: ["1.8.1.8.1.8.1.8.", "1..8..1.8..1..8.", "1.8.1.8.1.8.5.a."], grooves: [disco], forms: [.refrain, .loop],
      looseness: 3,
      ending: .hit),
    Genre(
      "lofi",
      words: [
        "lofi", "lo-fi", "lo fi", "chillhop", "lofi hip hop", "lo-fi hip hop", "chill beats", "study beats",
        "lofi beats",
      ],
      leads: ["electric piano", "guitar", "piano", "vibraphone", "saxophone", "music box", "flute"],
      backings: ["electric piano", "piano", "guitar", "synth pad"],
      basses: ["electric bass", "acoustic bass", "synth bass"],
      tempi: 66...92, scales: [(.major, 5), (.minor, 4), (.dorian, 2)], offbeat: 7, harmony: Harmony.lofi,
      rhythm: .sixteenths,
      comping: ["x.....x.........", "x.......x..x....", "x...............", "0..1..2...3....."],
      bass: ["1.......1..5....", "1......5..8.....", "1.....1...5....."], grooves: [lazy, dusty],
      forms: [.loop, .song],
      looseness: 9, articulation: 95),
    Genre(
      "hip hop", words: ["hip hop", "hip-hop", "hiphop", "rap", "boom bap", "trap", "rap beat"],
      leads: ["electric piano", "synthesizer", "piano", "strings", "flute", "brass"],
      backings: ["electric piano", "strings", "piano", "synth pad"], basses: ["synth bass", "electric bass"],
      tempi: 76...100,
      scales: [(.minor, 7), (.dorian, 2), (.major, 2)], offbeat: 7, harmony: Harmony.dance, rhythm: .sixteenths,
      comping: ["x...............", "x.....x...x.....", "s...s...s...s..."],
      bass: ["1......1..1.....", "1.........1..8..", "1..1......1....."], grooves: [boomBap, trap], forms: [.loop],
      looseness: 5,
      ending: .hit),
    Genre(
      "latin", words: ["latin", "salsa", "cuban", "cha cha", "rumba", "mambo", "latin dance"],
      leads: ["guitar", "flute", "trumpet", "piano", "marimba"], backings: ["guitar", "piano", "marimba"],
      basses: ["acoustic bass"], tempi: 80...150, scales: [(.major, 5), (.minor, 5)], harmony: Harmony.latin,
      rhythm: .pop,
      comping: ["s..s..s...s.s...", "x..x..x.x..x..x.", "0.12.12.10.12.1."],
      bass: ["1.....5.1.....5.", "1..5..8.1..5..8.", "...1..5....1..5."], grooves: [clave, samba],
      forms: [.song, .refrain, .loop],
      looseness: 4, ending: .hit),
    Genre(
      "latin", "bossa nova", words: ["bossa nova", "bossa", "brazilian", "samba", "bossanova"],
      leads: ["guitar", "flute", "piano", "saxophone", "vibraphone"], backings: ["guitar", "piano", "electric piano"],
      basses: ["acoustic bass"], tempi: 96...150, scales: [(.major, 6), (.minor, 4)], harmony: Harmony.bossa,
      rhythm: .pop,
      comping: ["x..x..x...x..x..", "x..x...x..x..x..", "x...s..sx..s...."],
      bass: ["1.....5.5.....1.", "1.....5.8.....5.", "1.....1.5.....5."], grooves: [bossa], forms: [.song], looseness: 5
    ),
  ]
}
