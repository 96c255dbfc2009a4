extension Genre {
  private static let rockBeat = Groove([
    .init(DrumKey.kick, "x...?...x.x....."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let straightRock = Groove([
    .init(DrumKey.kick, "x.....x.x...?..."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let rideRock = Groove([
    .init(DrumKey.kick, "x..x....x.x....."), .init(DrumKey.snare, "....X.......X..?"),
    .init(DrumKey.ride, "x.o.x.o.x.o.x.o."),
  ])
  private static let popBeat = Groove([
    .init(DrumKey.kick, "x.....x.x......."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let clapBeat = Groove([
    .init(DrumKey.kick, "x.....?.x..x...."), .init(DrumKey.clap, "....X.......X..."),
    .init(DrumKey.hat, "x.x.x.xox.x.x.x."),
  ])
  private static let balladBeat = Groove([
    .init(DrumKey.kick, "x.......x.?....."), .init(DrumKey.stick, "....x.......x..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let doubleKick = Groove([
    .init(DrumKey.kick, "x.xxx.xxx.xxx.xx"), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.crash, "x...x...x...x..."),
  ])
  private static let trainBeat = Groove([
    .init(DrumKey.kick, "x...x...x...x..."), .init(DrumKey.snare, "o.x.X.x.o.x.X.xo"),
    .init(DrumKey.pedal, "..x...x...x...x."),
  ])
  private static let countryBeat = Groove([
    .init(DrumKey.kick, "x.......x......."), .init(DrumKey.stick, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let oneDrop = Groove([
    .init(DrumKey.kick, "........X......."), .init(DrumKey.stick, "........X...?..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.oo"),
  ])
  private static let steppers = Groove([
    .init(DrumKey.kick, "x...x...x...x..."), .init(DrumKey.stick, "........X......."),
    .init(DrumKey.hat, "..x...x...x...x."),
  ])
  private static let soulBeat = Groove([
    .init(DrumKey.kick, "x..x....x.x....."), .init(DrumKey.snare, "....X..o....X..o"),
    .init(DrumKey.hat, "x.x.x.x.x.x.x.x."),
  ])
  private static let funkBeat = Groove([
    .init(DrumKey.kick, "x..x......x..x.."), .init(DrumKey.snare, "....X..o.o..X..o"),
    .init(DrumKey.hat, "xoxoxoxoxoxoxoxo"),
  ])
  private static let funkOnOne = Groove([
    .init(DrumKey.kick, "X.x....x..x....."), .init(DrumKey.snare, "....X..o.o.oX..."),
    .init(DrumKey.hat, "x.x.x.x.x.x.x..."),
    .init(DrumKey.openHat, "..............x."),
  ])

  static let popular: [Genre] = [
    Genre(
      "rock",
      words: ["rock", "rock and roll", "rock n roll", "classic rock", "indie rock", "alternative rock", "garage rock"],
      leads: ["electric guitar", "distorted guitar", "organ", "synthesizer", "hammond organ"],
      backings: ["distorted guitar", "electric guitar", "organ", "piano"], basses: ["electric bass"], tempi: 84...170,
      scales: [(.major, 4), (.mixolydian, 2), (.minor, 4), (.dorian, 1)], harmony: Harmony.rock, rhythm: .riff,
      comping: ["x.x.x.x.x.x.x.x.", "x...x...x...x...", "x..x..x.x..x..x.", "X.s.x.s.X.s.xxs."],
      bass: ["1.1.1.1.1.1.1.1.", "1...1.1.1...5.5.", "1..1..1.1..1.5a."], grooves: [rockBeat, straightRock, rideRock],
      forms: [.refrain, .refrain, .song, .blues], ending: .held),
    Genre(
      "rock", "metal", words: ["metal", "heavy metal", "hard rock", "punk", "punk rock", "grunge"],
      leads: ["distorted guitar"], backings: ["distorted guitar"], basses: ["electric bass"], tempi: 110...190,
      scales: [(.minor, 6), (.phrygian, 3), (.dorian, 1)], harmony: Harmony.rock, rhythm: .riff,
      comping: ["x.ssx.ssx.ssx.ss", "x.x.x.x.x.x.x.x.", "x..s.sx.x..s.sx."],
      bass: ["1.111.111.111.11", "1.1.1.1.1.1.1.1."], grooves: [doubleKick, rockBeat], forms: [.refrain, .loop],
      looseness: 3, ending: .hit),
    Genre(
      "pop", words: ["pop", "pop song", "indie pop", "pop music", "chart pop", "soft rock", "boy band"],
      leads: ["piano", "electric piano", "synthesizer", "acoustic guitar", "saxophone", "electric guitar"],
      backings: ["piano", "electric piano", "acoustic guitar", "strings", "synth pad"],
      basses: ["electric bass", "synth bass"], tempi: 70...140, scales: [(.major, 7), (.minor, 4)],
      harmony: Harmony.pop,
      rhythm: .pop,
      comping: ["x...x...x...x...", "x.......x.......", "x..x..x.x..x..x.", "0.1.2.1.0.1.2.1.", "x...x.x...x.x..."],
      bass: ["1.....1.1.....5.", "1.......1.1.....", "1..1..1.1..1..5.", "1.1.1.1.1.1.1.1."],
      grooves: [popBeat, clapBeat, straightRock], forms: [.refrain, .refrain, .song]),
    Genre(
      "ballad", words: ["ballad", "power ballad", "love song", "slow song"],
      leads: ["piano", "saxophone", "violin", "guitar", "oboe", "cello"],
      backings: ["piano", "strings", "electric piano", "guitar", "choir"], basses: ["electric bass", "acoustic bass"],
      tempi: 55...90, scales: [(.major, 6), (.minor, 4)], harmony: Harmony.pop, rhythm: .lyrical,
      comping: ["x...............", "x.......x.......", "0.1.2.3.2.1.2.1.", "x...x...x...x...", "0.1.2.1.3.1.2.1."],
      bass: ["1...............", "1.......5.......", "1.....5.8......."], grooves: [balladBeat],
      forms: [.song, .refrain], slowsDown: 60, articulation: 96),
    Genre(
      "country", words: ["country", "country music", "country and western", "western", "bluegrass", "honky tonk"],
      leads: ["acoustic guitar", "fiddle", "banjo", "harmonica", "electric guitar", "honky-tonk piano"],
      backings: ["acoustic guitar", "banjo", "honky-tonk piano", "guitar"], basses: ["acoustic bass", "electric bass"],
      tempi: 84...180, scales: [(.major, 9), (.minor, 2), (.mixolydian, 1)], harmony: Harmony.country, rhythm: .riff,
      comping: ["..x...x...x...x.", "0.x.1.x.0.x.1.x.", "0.2.1.2.0.2.1.2."],
      bass: ["1.......5.......", "1...5...1...5...", "1...1...5.3.5.a."], grooves: [trainBeat, countryBeat],
      forms: [.refrain, .binary, .song], ending: .hit),
    Genre(
      "reggae", words: ["reggae", "dub", "ska", "roots reggae"],
      leads: ["organ", "brass", "trombone", "electric guitar", "saxophone", "harmonica", "hammond organ"],
      backings: ["electric guitar", "organ", "piano", "muted guitar", "hammond organ"],
      basses: ["electric bass", "synth bass"],
      tempi: 66...100, scales: [(.major, 5), (.minor, 5), (.dorian, 1)], offbeat: 7, harmony: Harmony.reggae,
      rhythm: .pop,
      comping: ["....s.......s...", "..s...s...s...s.", "..ss..s...ss..s."],
      bass: ["1...3.5.....5.3.", "1..1..3.5.......", "..1.1.5...3.1...", "1.....1.3...5.3."],
      grooves: [oneDrop, steppers],
      forms: [.refrain, .loop], looseness: 7, ending: .held),
    Genre(
      "funk", words: ["funk", "funky", "p-funk"],
      leads: ["electric guitar", "brass", "saxophone", "electric piano", "organ", "clavinet"],
      backings: ["electric guitar", "electric piano", "organ", "brass", "clavinet", "muted guitar"],
      basses: ["slap bass", "electric bass"], tempi: 84...125, scales: [(.mixolydian, 4), (.dorian, 6)],
      harmony: Harmony.funk, rhythm: .sixteenths,
      comping: ["s...s..s..s.s...", "..s.s...s.s.....", "s..s..s...ss.s..", "..ss..s...ss.s.."],
      bass: ["1..8..1...1.8.1.", "1.1..1.8..1.8...", "1..1....5.7.8.7.", "1...8.1...5.7.8."],
      grooves: [funkBeat, funkOnOne],
      forms: [.loop, .refrain], looseness: 4, ending: .hit, articulation: 75),
    Genre(
      "soul", words: ["soul", "r&b", "rnb", "rhythm and blues", "motown", "gospel", "neo soul"],
      leads: ["electric piano", "saxophone", "organ", "electric guitar", "hammond organ", "choir"],
      backings: ["electric piano", "organ", "piano", "strings", "electric guitar"],
      basses: ["electric bass", "synth bass"],
      tempi: 66...120, scales: [(.major, 6), (.dorian, 2), (.minor, 3)], harmony: Harmony.soul, rhythm: .sixteenths,
      comping: ["x......x........", "x...s..sx...s...", "x.....x...x.....", "0.1.2.3.2.1.2.1."],
      bass: ["1..1..5.8.....a.", "1.....1.3.5...a.", "1..5..8...5.3..."], grooves: [soulBeat, funkBeat],
      forms: [.refrain, .song], looseness: 7),
  ]
}
