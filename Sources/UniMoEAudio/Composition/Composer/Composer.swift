/// Composes: from a brief to a score, section by section.
///
/// All that is drawn comes from counter-based streams of the seed and all arithmetic is in integers, so that a piece is
/// the same on every machine. A composer is a value: a copy of it goes on from the same past.
public struct Composer: Sendable {
  /// What is composed.
  public let brief: Brief

  private let twelfths: Int
  private var harmony: RandomStream
  private var melody: MelodyWriter
  private var chords: ChordPlayer?
  private var bass: BassPlayer?
  private var drums: DrumPlayer?
  private var performing: RandomStream
  private var themes: [String: Theme] = [:]
  private var nextBar = 0
  private var nextSection = 0

  /// A composer at the beginning of its piece.
  public init(_ brief: Brief) {
    self.brief = brief
    twelfths = brief.meter.ticks / Score.ticksPerTwelfth
    harmony = RandomStream(seed: brief.seed, stream: 1)
    melody = MelodyWriter(brief: brief, span: Self.span(brief), random: RandomStream(seed: brief.seed, stream: 2))
    performing = RandomStream(seed: brief.seed, stream: 6)
    let leadChords = brief.leadStyle == .chords || brief.leadStyle == .arpeggio ? brief.lead : nil
    chords = (leadChords ?? brief.backing).map {
      ChordPlayer(brief: brief, instrument: $0, random: RandomStream(seed: brief.seed, stream: 3))
    }
    bass = brief.bass.map {
      BassPlayer(brief: brief, instrument: $0, random: RandomStream(seed: brief.seed, stream: 4))
    }
    drums = brief.hasDrums ? DrumPlayer(brief: brief, random: RandomStream(seed: brief.seed, stream: 5)) : nil
  }

  // MARK: Pieces

  /// The whole piece of a brief's length.
  public static func compose(_ brief: Brief) -> Score {
    var composer = Composer(brief)
    let bars = composer.barCount
    var draft = Draft()
    var plans: [BarPlan] = []
    for section in FormPlan.sections(brief.form, bars: bars) { composer.write(section, to: &draft, &plans) }
    let tempo = composer.tempo(bars: bars)
    let length = tempo.tick(atMicroseconds: Int(brief.seconds * 1_000_000))
    return composer.score(draft, plans, tempo: tempo, length: length)
  }

  /// A part of a longer piece, as long as the brief says: it begins anywhere in a bar, and does not end.
  public static func excerpt(_ brief: Brief) -> Score {
    var composer = Composer(brief)
    var random = RandomStream(seed: brief.seed, stream: 7)
    let bar = brief.meter.ticks
    let length = TempoMap(bpm: brief.quarterBPM).tick(atMicroseconds: Int(brief.seconds * 1_000_000))
    let start = random.below(12 * bar / Score.ticksPerTwelfth) * Score.ticksPerTwelfth
    var draft = Draft()
    var plans: [BarPlan] = []
    while composer.nextBar * bar < start + length { composer.writeNext(to: &draft, &plans) }
    let tempo = composer.tempo(bars: composer.nextBar)
    let whole = composer.score(draft, plans, tempo: tempo, length: composer.nextBar * bar)
    let from = tempo.microseconds(at: start)
    let end = tempo.tick(atMicroseconds: from + Int(brief.seconds * 1_000_000))
    return whole.slice(from: start, to: min(max(end, start + 1), whole.length))
  }

  /// The next section of music without an end; bars are counted on from the sections before.
  public mutating func next() -> Score {
    var draft = Draft()
    var plans: [BarPlan] = []
    let first = nextBar
    writeNext(to: &draft, &plans)
    let start = first * brief.meter.ticks
    let whole = score(
      draft, plans, tempo: TempoMap(bpm: brief.quarterBPM), length: nextBar * brief.meter.ticks)
    return whole.slice(from: start, to: nextBar * brief.meter.ticks)
  }

  private mutating func writeNext(to draft: inout Draft, _ plans: inout [BarPlan]) {
    write(FormPlan.endless(brief.form, index: nextSection), to: &draft, &plans)
    nextSection += 1
  }

  // MARK: Length and tempo

  /// Microseconds that are left for the last note to fade.
  private static let release = 150_000

  /// Bars that fit into the piece, the last one of which may be cut short after a beat or two.
  private var barCount: Int {
    let total = Int(brief.seconds * 1_000_000)
    var bars = max(1, total / (brief.meter.ticks * TempoMap.quarter(bpm: brief.quarterBPM) / Score.ticksPerQuarter) + 2)
    let beat = brief.meter.isCompound ? 720 : 480
    while bars > 1 {
      let tempo = tempo(bars: bars)
      let needed = brief.hasEnding ? (bars - 1) * brief.meter.ticks + beat * 3 / 2 : (bars - 1) * brief.meter.ticks + 1
      if tempo.microseconds(at: needed) + (brief.hasEnding ? Self.release : 0) <= total { break }
      bars -= 1
    }
    return bars
  }

  /// The tempo of a piece of so many bars.
  private func tempo(bars: Int) -> TempoMap {
    let quarter = TempoMap.quarter(bpm: brief.quarterBPM)
    let beat = brief.meter.isCompound ? 720 : 480
    let bar = brief.meter.ticks
    var changes = [TempoMap.Change(tick: 0, microseconds: quarter)]
    if let change = brief.tempoChange, bars > 1 {
      // From the middle on, in steps of a beat, to a tempo a quarter faster or slower.
      let (first, last) = (bars / 2 * bar, max(bars / 2 * bar + beat, (bars - 1) * bar))
      for tick in stride(from: first, through: last, by: beat) {
        let share = 250 * (tick - first) / max(1, last - first)
        let microseconds = change == .faster ? quarter * 1000 / (1000 + share) : quarter * (1000 + share) / 1000
        changes.append(TempoMap.Change(tick: tick, microseconds: microseconds))
      }
    } else if brief.slowsDown, brief.hasEnding, bars > 3 {
      // The last bar before the last chord broadens, beat by beat.
      for (index, tick) in stride(from: (bars - 2) * bar, to: (bars - 1) * bar, by: beat).enumerated() {
        changes.append(TempoMap.Change(tick: tick, microseconds: quarter * (104 + 6 * index) / 100))
      }
    }
    return TempoMap(changes)
  }

  // MARK: Sections

  private mutating func write(_ section: FormPlan.Section, to draft: inout Draft, _ plans: inout [BarPlan]) {
    let theme = theme(for: section)
    let varied = melody.variation(
      of: theme, visit: section.visit, always: brief.form == .variations || brief.form == .loop && section.visit > 1)
    let dynamics = dynamics(of: section)
    for place in 0..<section.bars {
      let bar = varied.bars[place]
      let next = place + 1 < section.bars ? varied.bars[place + 1].chords.first : themes["A"]?.bars.first?.chords.first
      let tonic = RomanChord.tonic(brief.key.mode)
      let plan = BarPlan(
        number: nextBar, start: nextBar * twelfths, twelfths: twelfths,
        chords: bar.chords.isEmpty ? [tonic] : bar.chords,
        next: next ?? tonic, place: place, count: section.bars, section: section, dynamics: dynamics)
      plans.append(plan)
      if brief.leadStyle == .melody, section.purpose != .introduction { sing(bar, plan, to: &draft) }
      chords?.play(plan, to: &draft)
      if section.purpose != .introduction || place > 0 || section.bars == 1 { bass?.play(plan, to: &draft) }
      drums?.play(plan, to: &draft)
      nextBar += 1
    }
    if brief.hasCounter, brief.leadStyle == .melody { follow(varied, section, to: &draft) }
  }

  private func dynamics(of section: FormPlan.Section) -> Int {
    if section.purpose == .introduction { return -8 }
    let isRefrain = brief.form == .refrain && section.theme.hasPrefix("B")
    return isRefrain ? 6 : section.theme.hasPrefix("C") ? -5 : section.theme.hasPrefix("A") ? 0 : 3
  }

  private mutating func theme(for section: FormPlan.Section) -> Theme {
    switch section.purpose {
    case .introduction:
      let first = themes["A"] ?? write("A", bars: 4, closes: false)
      var bars = Array(first.bars.prefix(section.bars))
      // It leads to the theme.
      if section.bars > 1 {
        bars[section.bars - 1].chords = [brief.genre.name == "blues" ? dominant(.seventh) : dominant(.major)]
      }
      return Theme(bars: bars)
    case .ending:
      let note = Theme.Note(start: 0, length: twelfths, degree: endingDegree)
      return Theme(bars: [Theme.Bar(chords: [lastChord], notes: [note])])
    case .body:
      // The same theme may have to close where it was open before, or to be longer.
      let key = "\(section.theme)\(section.closes)\(section.bars)"
      if let known = themes[key] { return ended(known, section) }
      var theme = write(section.theme, bars: section.bars, closes: section.closes)
      if let first = themes["\(section.theme)\(!section.closes)\(section.bars)"], section.bars % 4 == 0 {
        // Antecedent and consequent: they begin alike.
        let shared = section.bars - (section.bars >= 8 ? 4 : 2)
        theme.bars.replaceSubrange(..<shared, with: first.bars[..<shared])
      }
      themes[key] = theme
      if themes[section.theme] == nil { themes[section.theme] = theme }
      return ended(theme, section)
    }
  }

  private func dominant(_ quality: Chord.Quality) -> RomanChord { RomanChord(degree: 4, quality: quality) }

  /// The tonic with which the piece ends, as rich as the genre's chords are.
  private var lastChord: RomanChord {
    let closed = (brief.key.mode == .major ? brief.genre.major : brief.genre.minor).closed
    return closed.compactMap { $0.bars.last?.last }.first { $0.isTonic } ?? .tonic(brief.key.mode)
  }

  private var endingDegree: Int { melody.nearestTonic(to: themes["A"]?.bars.last?.notes.last?.degree ?? 0) }

  /// A theme as it ends the piece: its last bar is the last chord, with the tonic above it.
  private func ended(_ theme: Theme, _ section: FormPlan.Section) -> Theme {
    guard section.isLast, brief.hasEnding, let last = theme.bars.last else { return theme }
    var result = theme
    let degree = melody.nearestTonic(to: last.notes.last?.degree ?? 0)
    result.bars[theme.bars.count - 1] = Theme.Bar(
      chords: [lastChord], notes: [Theme.Note(start: 0, length: twelfths, degree: degree)])
    return result
  }

  private mutating func write(_ name: String, bars: Int, closes: Bool) -> Theme {
    melody.theme(over: progressions(name, bars: bars, closes: closes), closes: closes)
  }

  /// Chords for a section, in phrases of four bars: open ones, the last one closed.
  private mutating func progressions(_ name: String, bars: Int, closes: Bool) -> [Progression] {
    let harmonies = brief.key.mode == .major ? brief.genre.major : brief.genre.minor
    if brief.form == .blues, bars >= 12 { return blues(bars: bars) }
    let isContrast = name.hasPrefix("B") && brief.form != .refrain || name.hasPrefix("C")
    let open = isContrast ? harmonies.bridge : harmonies.open
    let first = harmony.choose(open)
    let count = (bars + 3) / 4
    var result: [Progression] = []
    for index in 0..<count {
      let size = min(4, bars - 4 * index)
      let isEnd = index == count - 1
      let goesRound = brief.form == .loop || brief.form == .round
      let progression =
        if isEnd, closes, !goesRound {
          harmony.choose(harmonies.closed)
        } else if index % 2 == 0 || goesRound || harmony.chance(40) {
          first
        } else {
          harmony.choose(open)
        }
      result.append(progression.fitted(to: size))
    }
    return result
  }

  /// Twelve bars on three chords.
  private mutating func blues(bars: Int) -> [Progression] {
    let lines =
      brief.key.mode == .major
      ? [
        ["I7 IV7 I7 I7", "I7 I7 I7 I7"], ["IV7 IV7 I7 I7", "IV7 #ivo7 I7 VI7"],
        ["V7 IV7 I7 V7", "ii7 V7 I7,VI7 ii7,V7"],
      ]
      : [["i7 iv7 i7 i7", "i7 i7 i7 i7"], ["iv7 iv7 i7 i7"], ["VI7 V7 i7 V7", "V7 iv7 i7 V7"]]
    var result = lines.map { Progression(harmony.choose($0)) }
    while result.count * 4 < bars { result.insert(result[0], at: 0) }
    return result
  }

  // MARK: Melody and counterpoint

  /// The degrees between which the lead's melody lies, degree 0 being the tonic of its middle octave.
  private static func span(_ brief: Brief) -> ClosedRange<Int> {
    let range = brief.lead.range
    let zero = zero(brief, in: range)
    // Roughly seven degrees an octave, at most an octave and a half.
    let low = max(-4, (range.lowerBound - zero + 1) * 7 / 12)
    let high = min(9, (range.upperBound - zero) * 7 / 12)
    return min(low, 0)...max(high, min(low, 0) + 5)
  }

  /// The pitch of degree 0: the tonic near the lower third of a range, around middle C where that is in it.
  private static func zero(_ brief: Brief, in range: ClosedRange<Int>) -> Int {
    let target = min(max(64, range.lowerBound + 5), max(range.lowerBound, range.upperBound - 14))
    let above = ((brief.key.tonic - target) % 12 + 12) % 12
    let pitch = target + above - (above > 6 ? 12 : 0)
    return pitch < range.lowerBound ? pitch + 12 : pitch
  }

  private mutating func sing(_ bar: Theme.Bar, _ plan: BarPlan, to draft: inout Draft) {
    let zero = Self.zero(brief, in: brief.lead.range)
    for (index, note) in bar.notes.enumerated() {
      guard let chord = bar.chord(at: note.start, of: twelfths) else { continue }
      let next = index + 1 < bar.notes.count ? bar.notes[index + 1].degree : nil
      let ladder = Ladder(chord, in: brief.key.scale)
      let pitch = fitted(zero + ladder.semitones(note.degree, next: next) + note.bend, to: brief.lead.range)
      // Phrases grow towards their middle; strong beats are stronger.
      let arch = [0, 3, 5, 2][plan.place % 4]
      let accent = note.start == 0 ? 5 : note.start % 12 == 0 ? 2 : -2
      draft.add(
        Draft.Note(
          start: plan.start + swung(note.start), length: max(2, swung(note.start + note.length) - swung(note.start)),
          pitch: pitch,
          velocity: 100 + plan.dynamics + arch + accent, articulation: note.length >= 24 ? 96 : brief.genre.articulation
        ),
        to: .melody)
    }
  }

  /// The second of two eighth notes, where it is swung.
  private func swung(_ place: Int) -> Int { place % 12 == 6 ? place + brief.offbeat - 6 : place }

  private func fitted(_ pitch: Int, to range: ClosedRange<Int>) -> Int {
    pitch > range.upperBound ? pitch - 12 : pitch < range.lowerBound ? pitch + 12 : pitch
  }

  /// The second voice: in a round the melody of the section before, else thirds below the melody where a theme returns.
  private mutating func follow(_ theme: Theme, _ section: FormPlan.Section, to draft: inout Draft) {
    let isHeard = section.visit > 0 || brief.form != .round && section.theme != "A" || brief.counter != nil
    guard section.purpose == .body, isHeard else {
      return
    }
    let instrument = counterInstrument
    let first = nextBar - section.bars
    let zero = Self.zero(brief, in: instrument.range)
    let isRound = brief.form == .round
    let source = isRound ? themes["A\(false)\(section.bars)"] ?? themes["A"] ?? theme : theme
    for place in 0..<section.bars {
      let chordsHere = theme.bars[place].chords
      for note in source.bars[place % source.bars.count].notes {
        let bar = Theme.Bar(chords: chordsHere)
        guard let chord = bar.chord(at: note.start, of: twelfths) else { continue }
        let ladder = Ladder(chord, in: brief.key.scale)
        let degree = isRound ? note.degree : note.degree - 2
        let fit = note.start % 24 == 0 ? ladder.nearestChordTone(to: degree, towards: -1) : degree
        let pitch = fitted(zero + ladder.semitones(fit), to: instrument.range)
        draft.add(
          Draft.Note(
            start: (first + place) * twelfths + swung(note.start),
            length: max(2, swung(note.start + note.length) - swung(note.start)),
            pitch: pitch, velocity: 74, articulation: brief.genre.articulation), to: .counter)
      }
    }
  }

  private var counterInstrument: Instrument {
    if let counter = brief.counter { return counter }
    guard let backing = brief.backing, backing.roles.contains(.melody) else { return brief.lead }
    return backing
  }

  // MARK: Score

  private mutating func score(_ draft: Draft, _ plans: [BarPlan], tempo: TempoMap, length: Int) -> Score {
    let performance = Performance(brief: brief, tempo: tempo)
    let silence = tempo.tick(atMicroseconds: tempo.microseconds(at: length) - Self.release)
    let end = brief.hasEnding && plans.last?.isLast ?? false ? max(1, silence) : length
    var parts: [Score.Part] = []
    for role in Score.Role.allCases {
      guard let written = draft.notes[role], let instrument = instrument(of: role) else { continue }
      let notes = performance.notes(cut(written, role, plans, end: end), role: role, length: end, random: &performing)
      if !notes.isEmpty { parts.append(Score.Part(role: role, instrument: instrument, notes: notes)) }
    }
    return Score(
      title: title, tempo: tempo, meters: [Score.MeterChange(tick: 0, meter: brief.meter)], firstBar: 0,
      key: brief.lead == .drums ? nil : brief.key, length: length, sections: sections(plans),
      chords: spans(plans, length: length), parts: parts, lead: brief.lead)
  }

  /// The last notes are held to the end of the piece, or are short where the genre ends with a stroke.
  private func cut(_ notes: [Draft.Note], _ role: Score.Role, _ plans: [BarPlan], end: Int) -> [Draft.Note] {
    guard let last = plans.last, last.isLast, brief.hasEnding, role != .drums else { return notes }
    let room = max(6, (end + Score.ticksPerTwelfth - 1) / Score.ticksPerTwelfth - last.start)
    return notes.map { note in
      guard note.start >= last.start else { return note }
      var note = note
      note.length = brief.genre.ending == .hit ? min(12, room) : min(room, 2 * twelfths)
      note.articulation = 100
      return note
    }
  }

  private func instrument(of role: Score.Role) -> Instrument? {
    switch role {
    case .melody: brief.lead
    case .counter: counterInstrument
    case .chords: brief.leadStyle == .melody ? brief.backing : brief.lead
    case .bass: brief.bass
    case .drums: .drums
    }
  }

  private var title: String {
    let key = brief.lead == .drums ? "" : " in \(brief.key.name)"
    return "\(brief.styleName) for \(brief.lead.name)\(key), \(brief.bpm) bpm"
  }

  private func sections(_ plans: [BarPlan]) -> [Score.Section] {
    plans.filter { $0.place == 0 }.map { plan in
      let name =
        switch plan.section.purpose {
        case .introduction: "introduction"
        case .ending: "ending"
        case .body: plan.section.theme
        }
      return Score.Section(name: name, start: plan.number * brief.meter.ticks)
    }
  }

  private func spans(_ plans: [BarPlan], length: Int) -> [Score.ChordSpan] {
    guard brief.lead != .drums else { return [] }
    var result: [Score.ChordSpan] = []
    for plan in plans {
      for (chord, start, end) in plan.spans {
        let first = (plan.start + start) * Score.ticksPerTwelfth
        let last = min((plan.start + end) * Score.ticksPerTwelfth, length)
        guard last > first else { continue }
        let chord = chord.chord(in: brief.key)
        if let before = result.last, before.chord == chord {
          result[result.count - 1].duration = last - before.start
        } else {
          result.append(Score.ChordSpan(start: first, duration: last - first, chord: chord))
        }
      }
    }
    // The last chord holds to the end.
    if let last = result.last { result[result.count - 1].duration = max(last.duration, length - last.start) }
    return result
  }
}
