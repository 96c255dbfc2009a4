extension Genre {
  private static let rideSwing = Groove([
    .init(DrumKey.ride, "x...x.x.x...x.x."), .init(DrumKey.pedal, "....x.......x..."),
    .init(DrumKey.kick, "o...o...o...o.?."),
    .init(DrumKey.snare, "..?....?......?."),
  ])
  private static let brushSwing = Groove(
    [
      .init(DrumKey.snare, "o.o.x.o.o.o.x.o."), .init(DrumKey.pedal, "....x.......x..."),
      .init(DrumKey.kick, "x.......o......."),
    ], hasFills: false)
  private static let shuffle = Groove([
    .init(DrumKey.kick, "x.......x.?....."), .init(DrumKey.snare, "....X.......X..."),
    .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
  ])
  private static let slowBlues = Groove([
    .init(DrumKey.kick, "x.....x..x.."), .init(DrumKey.snare, "...X.....X.."), .init(DrumKey.hat, "xoxxoxxoxxox"),
  ])

  static let swinging: [Genre] = [
    Genre(
      "jazz",
      words: ["jazz", "swing", "bebop", "big band", "cool jazz", "jazz trio", "jazzy", "swing jazz", "hard bop"],
      leads: ["saxophone", "trumpet", "vibraphone", "piano", "clarinet", "guitar", "muted trumpet"],
      backings: ["piano", "electric piano", "guitar", "vibraphone"], basses: ["acoustic bass"], tempi: 70...190,
      scales: [(.major, 6), (.minor, 3), (.dorian, 2)], offbeat: 8, harmony: Harmony.jazz, rhythm: .swing,
      comping: [
        "s.....s.........", "..s...s...s.....", "x.....s...s.....", "....s.....s...s.",
        "s.....x......... ..s.......s.....",
      ],
      bass: [], grooves: [rideSwing, rideSwing, brushSwing], forms: [.song, .song, .blues, .variations], looseness: 7,
      ending: .held, articulation: 88),
    Genre(
      "blues",
      words: [
        "blues", "bluesy", "blues rock", "delta blues", "12 bar blues", "twelve bar blues", "12-bar blues",
        "chicago blues",
        "boogie", "boogie woogie",
      ],
      leads: ["electric guitar", "harmonica", "saxophone", "piano", "guitar", "hammond organ"],
      backings: ["piano", "electric guitar", "organ", "acoustic guitar", "hammond organ"],
      basses: ["electric bass", "acoustic bass"],
      tempi: 66...140, scales: [(.mixolydian, 6), (.minor, 4)], offbeat: 8, harmony: Harmony.blues, rhythm: .swing,
      comping: ["x.s.x.s.x.s.x.s.", "s.....s.s.....s.", "....s.......s...", "x..............."],
      bass: ["1.1.3.5.6.5.3.5.", "1...3...5...6...", "1.1.5.5.6.6.5.5.", "1...3.5.6...5.3."],
      grooves: [shuffle, shuffle, slowBlues],
      forms: [.blues], looseness: 8, ending: .held),
    Genre(
      "ragtime", words: ["ragtime", "rag", "dixieland", "stride"],
      leads: ["piano", "honky-tonk piano", "clarinet", "banjo"],
      backings: ["piano", "honky-tonk piano", "banjo"], basses: ["tuba", "acoustic bass"], tempi: 90...140,
      scales: [(.major, 9), (.minor, 1)], harmony: Harmony.country, rhythm: .sixteenths,
      comping: ["..s...s...s...s.", "0.x.1.x.0.x.1.x."], bass: ["1...5...1...5...", "1...3...5...a..."], grooves: [],
      forms: [.binary, .song], looseness: 3, ending: .hit, articulation: 85),
  ]
}
