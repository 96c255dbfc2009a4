extension Genre {
  static let quiet: [Genre] = [
    Genre(
      "ambient",
      words: ["ambient", "atmospheric", "drone", "soundscape", "new age", "meditation", "spa music", "space music"],
      leads: ["synth pad", "electric piano", "choir", "vibraphone", "music box", "piano", "harp"],
      backings: ["synth pad", "strings", "choir", "synth strings"], basses: ["synth bass", "cello"], tempi: 55...90,
      scales: [(.major, 5), (.lydian, 2), (.minor, 4), (.dorian, 2)], harmony: Harmony.floating, rhythm: .floating,
      comping: ["x...............", "0...1...2...3..."], bass: ["1..............."], grooves: [],
      forms: [.loop, .song], looseness: 9,
      slowsDown: 50, articulation: 99),
    Genre(
      "lullaby", words: ["lullaby", "cradle song", "nursery rhyme", "children's song", "bedtime", "children's music"],
      leads: ["music box", "celesta", "flute", "glockenspiel", "kalimba", "piano", "guitar"],
      backings: ["harp", "music box", "piano", "guitar", "strings"], basses: ["cello", "acoustic bass"], tempi: 56...92,
      meter: .waltz,
      scales: [(.major, 9), (.minor, 2)], harmony: Harmony.lullaby, rhythm: .lyrical,
      comping: ["0...1...2...", "....x...x...", "0.1.2.3.2.1.", "x..........."],
      bass: ["1...........", "1.......5..."], grooves: [],
      forms: [.song, .binary, .variations, .round], looseness: 5, slowsDown: 80, articulation: 96),
  ]
}
