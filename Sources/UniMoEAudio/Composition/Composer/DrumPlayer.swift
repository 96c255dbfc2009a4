/// Plays the drums: the genre's groove with small changes, fills where phrases end, a cymbal where sections begin.
struct DrumPlayer: Sendable {
  private let brief: Brief
  private let usual: Groove
  private let contrast: Groove
  private var hadFill = false
  private var random: RandomStream

  init(brief: Brief, random: RandomStream) {
    (self.brief, self.random) = (brief, random)
    let grooves = brief.genre.grooves.isEmpty ? [Self.plain(brief.meter)] : brief.genre.grooves
    usual = self.random.choose(grooves)
    contrast = self.random.choose(grooves)
  }

  /// For genres that have no drums of their own.
  private static func plain(_ meter: Meter) -> Groove {
    meter == .common
      ? Groove([
        .init(DrumKey.kick, "x.......x......."), .init(DrumKey.snare, "....x.......x..."),
        .init(DrumKey.hat, "x.o.x.o.x.o.x.o."),
      ])
      : Groove([
        .init(DrumKey.kick, "x..........."), .init(DrumKey.snare, meter == .sixEight ? "......x....." : "....o...x..."),
        .init(DrumKey.hat, "x.o.x.o.x.o."),
      ])
  }

  /// Adds a bar.
  mutating func play(_ bar: BarPlan, to draft: inout Draft) {
    let loudness = 92 + bar.dynamics
    if bar.isLast, brief.hasEnding {
      add(DrumKey.kick, bar.start, loudness + 4, &draft)
      add(usual.hasFills ? DrumKey.crash : usual.lines.last?.key ?? DrumKey.ride, bar.start, loudness, &draft)
      return
    }
    let groove = bar.section.theme.hasPrefix("B") ? contrast : usual
    let isEnd = bar.place == bar.count - 1
    let fills = groove.hasFills && (isEnd ? random.chance(80) : bar.place % 4 == 3 && random.chance(35))
    let fill = fills ? random.choose(brief.meter == .common ? Self.fills : Self.shortFills) : nil
    let fillStart = fill.map { bar.twelfths - 12 * $0.beats } ?? bar.twelfths
    if hadFill, bar.place == 0 || random.chance(50), groove.hasFills { add(DrumKey.crash, bar.start, loudness, &draft) }
    for line in groove.lines {
      for stroke in line.pattern.strokes(bar: bar.number, twelfths: bar.twelfths, offbeat: brief.offbeat)
      where stroke.start < fillStart {
        if stroke.symbol == "?", random.chance(55) { continue }
        if hadFill, bar.place == 0, stroke.start == 0, line.key == DrumKey.hat || line.key == DrumKey.ride { continue }
        add(line.key, bar.start + stroke.start, loudness + Self.weight(line.key, stroke), &draft)
      }
    }
    if let fill {
      for (key, pattern) in fill.lines {
        for (column, symbol) in pattern.enumerated() where symbol != "." {
          add(
            key, bar.start + fillStart + 3 * column, loudness + (symbol == "o" ? -22 : symbol == "X" ? 10 : 0), &draft)
        }
      }
    }
    hadFill = fills
  }

  private func add(_ key: Int, _ start: Int, _ velocity: Int, _ draft: inout Draft) {
    draft.add(Draft.Note(start: start, length: 3, pitch: key, velocity: velocity, articulation: 90), to: .drums)
  }

  private static func weight(_ key: Int, _ stroke: Pattern.Stroke) -> Int {
    let soft = [DrumKey.hat, DrumKey.ride, DrumKey.shaker, DrumKey.pedal, DrumKey.openHat].contains(key)
    let base = soft ? (stroke.start % 12 == 0 ? -24 : -32) : 0
    return base + (stroke.symbol == "X" ? 10 : stroke.symbol == "o" ? (soft ? -12 : -34) : 0)
  }

  private typealias Fill = (beats: Int, lines: [(Int, String)])

  private static let shortFills: [Fill] = [
    (1, [(DrumKey.snare, "x.xx")]), (1, [(DrumKey.snare, "xx.."), (DrumKey.lowTom, "..xx")]),
    (1, [(DrumKey.highTom, "x..."), (DrumKey.lowTom, "..x.")]), (1, [(DrumKey.snare, "oxxX")]),
  ]
  private static let fills: [Fill] =
    shortFills + [
      (2, [(DrumKey.snare, "x.xx...."), (DrumKey.highTom, "....xx.."), (DrumKey.lowTom, "......xx")]),
      (2, [(DrumKey.snare, "x.x.x.xx"), (DrumKey.kick, "x...x...")]),
      (2, [(DrumKey.highTom, "xx......"), (DrumKey.middleTom, "..xx...."), (DrumKey.lowTom, "....x.x.")]),
      (2, [(DrumKey.snare, "ooxooxxX")]), (2, [(DrumKey.snare, "x..x..x."), (DrumKey.kick, "x..x..x.")]),
    ]
}
