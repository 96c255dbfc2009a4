import UniMoEAudio

/// A score for people: who plays, and the chords bar by bar.
struct ScoreSheet {
  let text: String

  init(_ score: Score) {
    var lines = [score.title]
    let seconds = Figure.seconds(Double(score.microseconds) / 1_000_000)
    let players = score.parts.map { "\($0.role.rawValue): \($0.instrument.name) (\($0.notes.count) notes)" }
    lines.append("\(seconds), \(players.joined(separator: ", "))")
    var bars: [String] = []
    var tick = score.bar(at: 0).start
    var section = ""
    while tick < score.length {
      let end = tick + score.bar(at: max(0, tick)).meter.ticks
      let name = score.sections.last { $0.start < end }?.name ?? ""
      if name != section || bars.count == 4 {
        if !bars.isEmpty { lines.append(Self.line(section, bars)) }
        bars = []
      }
      if name != section { lines.append(name) }
      section = name
      let chords = score.chords.filter {
        $0.start >= tick && $0.start < end || $0.start < tick && $0.start + $0.duration > tick
      }
      bars.append(chords.map { $0.chord?.symbol ?? "-" }.joined(separator: " "))
      tick = end
    }
    if !bars.isEmpty { lines.append(Self.line(section, bars)) }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ section: String, _ bars: [String]) -> String {
    "  | " + bars.map { $0 + String(repeating: " ", count: max(0, 12 - $0.count)) }.joined(separator: "| ") + "|"
  }
}
