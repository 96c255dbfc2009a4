/// Plays chords: each as near as possible to the one before, in the genre's rhythms.
struct ChordPlayer: Sendable {
  private let brief: Brief
  private let instrument: Instrument
  private let usual: Pattern
  private let contrast: Pattern
  private let range: ClosedRange<Int>
  private let isLead: Bool
  private var voicing: [Int] = []
  private var random: RandomStream

  init(brief: Brief, instrument: Instrument, random: RandomStream) {
    (self.brief, self.instrument, self.random) = (brief, instrument, random)
    isLead = brief.leadStyle != .melody
    let patterns = Self.patterns(brief)
    usual = self.random.choose(patterns)
    contrast = self.random.choose(patterns)
    // Around middle C, and below the melody of the same player.
    let center = isLead ? 66 : brief.isOnePlayer ? 53 : 61
    let low = max(instrument.range.lowerBound, center - 11)
    range = low...max(low + 14, min(instrument.range.upperBound, center + 10))
  }

  private static func patterns(_ brief: Brief) -> [Pattern] {
    let isThree = brief.meter != .common
    switch brief.leadStyle {
    case .arpeggio:
      let figures =
        isThree
        ? ["0.1.2.3.2.1.", "0.2.1.2.3.2.", "012321012321"]
        : ["0.1.2.1.3.1.2.1.", "0.2.1.2.0.2.1.2.", "0.1.2.3.2.1.2.1.", "0123210123210123"]
      return figures.map { Pattern($0) }
    case .chords:
      let rhythms =
        isThree
        ? ["x...x...x...", "x.......x...", "x...x.x.x..."]
        : ["x...x...x...x...", "x.......x.......", "x...x.x...x.x...", "x..x..x.x..x..x."]
      return rhythms.map { Pattern($0) }
    default:
      return brief.genre.comping
    }
  }

  /// Adds a bar's chords.
  mutating func play(_ bar: BarPlan, to draft: inout Draft) {
    let role: Score.Role = isLead ? .melody : .chords
    if bar.isLast, brief.hasEnding {
      let notes = next(bar.chords.last ?? .tonic(brief.key.mode))
      strike(notes, start: bar.start, length: bar.twelfths, velocity: base(bar) + 4, short: false, role, &draft)
      return
    }
    let pattern = bar.section.theme.hasPrefix("B") ? contrast : usual
    let strokes = pattern.strokes(bar: bar.number, twelfths: bar.twelfths, offbeat: brief.offbeat)
    for (chord, start, end) in bar.spans {
      let notes = next(chord)
      var here = strokes.filter { $0.start >= start && $0.start < end }
      // A chord that is held over the change is struck anew.
      if start > 0, here.first?.start != start, let before = strokes.last(where: { $0.start < start }),
        before.symbol == "x" || before.symbol == "X", before.start + before.length > start
      {
        let length = (here.first?.start ?? end) - start
        here.insert(Pattern.Stroke(start: start, length: length, symbol: before.symbol), at: 0)
      }
      for stroke in here { play(stroke, notes: notes, until: end, bar, role, &draft) }
    }
  }

  private mutating func play(
    _ stroke: Pattern.Stroke, notes: [Int], until end: Int, _ bar: BarPlan, _ role: Score.Role, _ draft: inout Draft
  ) {
    let isAccent = stroke.symbol == "X" || stroke.start == 0
    let velocity = base(bar) + (isAccent ? 7 : stroke.start % 12 == 0 ? 0 : -3)
    let length = min(stroke.length, end - stroke.start)
    if let tone = stroke.symbol.wholeNumberValue {
      // Broken chords: tones above the highest are those an octave higher.
      let pitch = notes[tone % notes.count] + 12 * (tone / notes.count)
      // They ring on as far as the next chord, on instruments that let them.
      let ringing = brief.isOnePlayer || isLead ? min(length * 2, end - stroke.start) : length
      add(pitch, start: bar.start + stroke.start, length: ringing, velocity: velocity + 2, role, &draft)
    } else {
      let isShort = stroke.symbol == "s"
      strike(
        notes, start: bar.start + stroke.start, length: isShort ? min(4, length) : length, velocity: velocity,
        short: isShort, role, &draft)
    }
  }

  private func base(_ bar: BarPlan) -> Int { (isLead ? 92 : brief.isOnePlayer ? 62 : 58) + bar.dynamics }

  private mutating func strike(
    _ notes: [Int], start: Int, length: Int, velocity: Int, short: Bool, _ role: Score.Role, _ draft: inout Draft
  ) {
    // Strings of a guitar are struck one after the other.
    let isStrummed = instrument.family == "guitar" && brief.genre.looseness > 0
    for (index, pitch) in notes.enumerated() {
      let note = Draft.Note(
        start: start, length: length, pitch: pitch, velocity: velocity - (index > 0 && index < notes.count - 1 ? 3 : 0),
        articulation: short ? 80 : 94, spread: isStrummed ? index * (short ? 4 : 8) : 0)
      draft.add(note, to: role)
    }
    // Alone, the left hand has the root.
    if isLead, brief.bass == nil {
      let root = lowRoot(notes)
      draft.add(
        Draft.Note(start: start, length: length, pitch: root, velocity: velocity - 12, articulation: 94), to: .chords)
    }
  }

  private mutating func add(
    _ pitch: Int, start: Int, length: Int, velocity: Int, _ role: Score.Role, _ draft: inout Draft
  ) {
    draft.add(Draft.Note(start: start, length: length, pitch: pitch, velocity: velocity, articulation: 96), to: role)
  }

  private var root = 0

  private func lowRoot(_ notes: [Int]) -> Int {
    let low = max(instrument.range.lowerBound, 36)
    return low + ((root - low) % 12 + 12) % 12
  }

  /// The next voicing: of all inversions in range the one whose voices move least.
  private mutating func next(_ chord: RomanChord) -> [Int] {
    root = chord.chord(in: brief.key).root
    var classes = chord.quality.intervals.map { (root + $0) % 12 }
    // With a bass below, the root of a large chord is not needed; bare fifths double it.
    if classes.count > 4 { classes.removeFirst() }
    if chord.quality == .power { classes.append(root) }
    var best: [Int] = []
    var bestCost = Int.max
    for lowest in range.lowerBound...max(range.lowerBound, range.upperBound - 7) {
      guard let first = classes.firstIndex(of: lowest % 12) else { continue }
      var notes = [lowest]
      for offset in 1..<classes.count {
        let pitchClass = classes[(first + offset) % classes.count]
        let above = notes[notes.count - 1]
        let step = ((pitchClass - above) % 12 + 12) % 12
        notes.append(above + (step == 0 ? 12 : step))
      }
      let cost = cost(of: notes)
      if cost < bestCost { (best, bestCost) = (notes, cost) }
    }
    if best.isEmpty { best = classes.map { 60 + $0 } }
    voicing = best
    return best
  }

  private func cost(of notes: [Int]) -> Int {
    let center = (range.lowerBound + range.upperBound) / 2
    let middle = (notes[0] + notes[notes.count - 1]) / 2
    var cost = abs(middle - center) * (voicing.isEmpty ? 4 : 1)
    cost += max(0, notes[notes.count - 1] - range.upperBound) * 6
    guard !voicing.isEmpty else { return cost }
    for note in notes { cost += voicing.map { abs($0 - note) }.min() ?? 0 }
    for note in voicing { cost += notes.map { abs($0 - note) }.min() ?? 0 }
    // Lowest second intervals sound muddy.
    if notes.count > 1, notes[1] - notes[0] <= 2, notes[0] < 55 { cost += 6 }
    return cost
  }
}
