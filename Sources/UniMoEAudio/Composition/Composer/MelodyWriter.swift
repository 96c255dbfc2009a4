/// Writes themes: phrases out of motifs that are repeated, moved, turned upside down and drawn out, with cadences.
struct MelodyWriter: Sendable {
  /// A musical idea of one bar: a rhythm and the steps from note to note.
  struct Motif: Equatable, Sendable {
    /// Lengths in twelfths; rests are negative.
    var lengths: [Int]
    /// Degrees from each note to the next.
    var steps: [Int]
  }

  /// What can be made of a motif.
  enum Transformation: CaseIterable, Sendable {
    case same
    /// A step higher or lower.
    case higher
    case lower
    /// Up where it went down.
    case inverted
    /// Its first half again and again.
    case fragmented
    /// Twice as slow.
    case augmented
  }

  let scale: MusicalKey.Scale
  let rhythm: MelodyRhythm
  /// Twelfths in a bar.
  let twelfths: Int
  let isCompound: Bool
  /// Degrees between which the melody stays.
  let span: ClosedRange<Int>
  /// How often a weak note before a chord tone becomes its lower neighbour, in per cent.
  let chromaticism: Int
  var random: RandomStream
  private var degree = 2

  init(brief: Brief, span: ClosedRange<Int>, random: RandomStream) {
    scale = brief.key.scale
    rhythm = brief.genre.rhythm
    twelfths = brief.meter.ticks / Score.ticksPerTwelfth
    isCompound = brief.meter.isCompound
    self.span = span
    chromaticism = ["jazz": 22, "blues": 25, "ragtime": 15, "funk": 10, "soul": 8][brief.genreName] ?? 0
    self.random = random
  }

  // MARK: Themes

  /// A theme over chords; its phrases share their first motif, and each ends in a cadence.
  mutating func theme(over progressions: [Progression], closes: Bool) -> Theme {
    let first = motif()
    let second = random.chance(40) ? altered(first) : motif()
    let height = random.choose([0, 2, 2, 4])
    degree = height
    var bars: [Theme.Bar] = []
    for (index, progression) in progressions.enumerated() {
      let isEnd = index == progressions.count - 1
      bars += phrase(
        over: progression, motifs: index % 4 == 2 ? [second, first] : [first, second], height: height,
        closes: closes && isEnd)
    }
    addPickups(to: &bars, phrases: progressions.map(\.bars.count))
    return Theme(bars: bars)
  }

  private mutating func phrase(over progression: Progression, motifs: [Motif], height: Int, closes: Bool) -> [Theme.Bar]
  {
    let count = progression.bars.count
    var bars = progression.bars.map { Theme.Bar(chords: $0) }
    let plan = random.choose(Self.plans)
    var carried: Motif?
    for index in 0..<count {
      if index == count - 1 {
        bars[index].notes = cadence(in: bars[index], closes: closes)
        break
      }
      let step = plan[index % plan.count]
      var transformation = step.transformation
      if transformation == .augmented, index + 2 >= count { transformation = .same }
      let motif = carried ?? motifs[step.motif]
      if transformation == .augmented, carried == nil {
        let halves = Self.augmented(motif, of: twelfths)
        carried = halves.second
        bars[index].notes = realise(halves.first, in: bars[index], from: height)
        continue
      }
      carried = nil
      let arch = [0, 1, 2, 1][index * 4 / max(count, 1) % 4]
      bars[index].notes = realise(
        transformed(motif, transformation), in: bars[index], from: anchor(transformation, height + arch))
    }
    return bars
  }

  /// How phrases use their two motifs, without the cadence.
  private static let plans: [[(motif: Int, transformation: Transformation)]] = [
    [(0, .same), (0, .higher), (1, .same)],
    [(0, .same), (1, .same), (0, .same)],
    [(0, .same), (0, .same), (0, .fragmented)],
    [(0, .same), (0, .lower), (0, .inverted)],
    [(0, .same), (1, .same), (1, .lower)],
    [(0, .same), (0, .inverted), (1, .same)],
    [(0, .same), (0, .higher), (0, .fragmented)],
    [(0, .same), (0, .augmented), (0, .augmented)],
  ]

  private mutating func anchor(_ transformation: Transformation, _ height: Int) -> Int {
    switch transformation {
    case .higher: degree + 2
    case .lower: degree - 2
    default: (degree + height) / 2
    }
  }

  // MARK: Motifs

  private mutating func motif() -> Motif {
    let lengths = rhythm.bar(
      of: twelfths, isCompound: isCompound, beginsWithNote: random.chance(75), random: &random)
    let notes = lengths.count { $0 > 0 }
    var steps: [Int] = []
    // Lines move by step for the most part; a leap is answered by a step back.
    var drift = random.chance(50) ? 1 : -1
    for _ in 0..<max(0, notes - 1) {
      if let last = steps.last, abs(last) > 2 {
        steps.append(last > 0 ? -1 : 1)
        continue
      }
      let size = random.choose([(0, weight: 10), (1, 52), (2, 20), (3, 8), (4, 5), (-1, 14)])
      steps.append(size * drift)
      if random.chance(28) { drift = -drift }
    }
    return Motif(lengths: lengths, steps: steps)
  }

  /// The same rhythm on another line, or the same line in another rhythm.
  private mutating func altered(_ motif: Motif) -> Motif {
    var other = self.motif()
    if random.chance(60) {
      let notes = motif.lengths.count { $0 > 0 }
      other.steps = Array((other.steps + [1, -1, 2, -1, 1, -2, 1, 1, -1]).prefix(max(0, notes - 1)))
      other.lengths = motif.lengths
      while other.steps.count < max(0, notes - 1) { other.steps.append(other.steps.count % 2 == 0 ? 1 : -1) }
    }
    return other
  }

  private func transformed(_ motif: Motif, _ transformation: Transformation) -> Motif {
    switch transformation {
    case .same, .higher, .lower, .augmented: return motif
    case .inverted: return Motif(lengths: motif.lengths, steps: motif.steps.map { -$0 })
    case .fragmented:
      guard !isCompound, twelfths == 48 else { return motif }
      // The part of it that lies in the first half, twice.
      var (lengths, sum) = ([Int](), 0)
      for length in motif.lengths where sum < 24 {
        lengths.append(length > 0 ? min(length, 24 - sum) : max(length, sum - 24))
        sum += abs(length)
      }
      let notes = lengths.count { $0 > 0 }
      guard notes > 0 else { return motif }
      let steps = Array(motif.steps.prefix(notes - 1))
      let back = motif.steps.first.map { $0 == 0 ? -1 : -$0.signum() } ?? -1
      return Motif(lengths: lengths + lengths, steps: steps + [back] + steps)
    }
  }

  /// The first half of a motif at half its speed, and the second.
  private static func augmented(_ motif: Motif, of twelfths: Int) -> (first: Motif, second: Motif) {
    var halves: [Motif] = [Motif(lengths: [], steps: []), Motif(lengths: [], steps: [])]
    var (place, note) = (0, 0)
    for length in motif.lengths {
      var left = 2 * abs(length)
      var isFirst = true
      while left > 0, place < 2 * twelfths {
        let half = place / twelfths
        let piece = min(left, (half + 1) * twelfths - place)
        halves[half].lengths.append(length > 0 && isFirst ? piece : -piece)
        if length > 0, isFirst {
          let notes = halves[half].lengths.count { $0 > 0 }
          if notes > 1 { halves[half].steps.append(note > 0 ? motif.steps[note - 1] : 1) }
          note += 1
        }
        (left, place, isFirst) = (left - piece, place + piece, false)
      }
    }
    return (halves[0], halves[1])
  }

  // MARK: Notes

  /// A motif over a bar's chords: strong notes are tones of the chord, weak ones lie between them by step.
  private mutating func realise(_ motif: Motif, in bar: Theme.Bar, from anchor: Int) -> [Theme.Note] {
    var notes: [Theme.Note] = []
    var (place, index) = (0, 0)
    for length in motif.lengths {
      if length > 0 {
        var next = index == 0 ? nearby(anchor) : degree + (index <= motif.steps.count ? motif.steps[index - 1] : 0)
        if !span.contains(next) { next = degree - (next - degree) }
        next = min(max(next, span.lowerBound), span.upperBound)
        if isStrong(place, length), let ladder = ladder(in: bar, at: place) {
          next = ladder.nearestChordTone(to: next, towards: next - degree)
        }
        notes.append(Theme.Note(start: place, length: length, degree: next))
        (degree, index) = (next, index + 1)
      }
      place += abs(length)
    }
    resolve(&notes, in: bar)
    if let last = notes.last { degree = last.degree }
    return notes
  }

  /// A degree within a sixth of the last note.
  private func nearby(_ wanted: Int) -> Int { min(max(wanted, degree - 4), degree + 4) }

  private func isStrong(_ place: Int, _ length: Int) -> Bool {
    let beat = isCompound ? 18 : 12
    if place % beat != 0 { return length >= 18 }
    return twelfths == 48 ? place % 24 == 0 || length >= 12 : place == 0 || length >= 24
  }

  /// What is no tone of the chord goes on by step, or becomes one.
  private mutating func resolve(_ notes: inout [Theme.Note], in bar: Theme.Bar) {
    for index in notes.indices.reversed() {
      guard let ladder = ladder(in: bar, at: notes[index].start) else { continue }
      let isLast = index == notes.count - 1
      if !ladder.isChordTone(notes[index].degree), isLast || abs(notes[index + 1].degree - notes[index].degree) != 1 {
        notes[index].degree = ladder.nearestChordTone(to: notes[index].degree)
      }
      // Two leaps in one direction become one.
      if !isLast, abs(notes[index + 1].degree - notes[index].degree) > 6 {
        let target = notes[index + 1].degree
        notes[index].degree = ladder.nearestChordTone(to: notes[index].degree > target ? target + 4 : target - 4)
      }
      if !isLast, notes[index].length <= 6, notes[index].start % 12 != 0, notes[index + 1].start % 12 == 0,
        random.chance(chromaticism)
      {
        notes[index].degree = notes[index + 1].degree
        notes[index].bend = -1
      }
    }
  }

  private func ladder(in bar: Theme.Bar, at place: Int) -> Ladder? {
    bar.chord(at: place, of: twelfths).map { Ladder($0, in: scale) }
  }

  /// The last bar of a phrase: down or up to a long note, the tonic where the phrase closes.
  private mutating func cadence(in bar: Theme.Bar, closes: Bool) -> [Theme.Note] {
    let rhythms =
      twelfths == 48
      ? [[36, -12], [24, -24], [12, 12, 24], [12, 24, -12], [6, 6, 24, -12], [48]]
      : isCompound ? [[18, 18], [30, -6], [12, 6, 18], [36]] : [[24, -12], [12, 24], [36], [12, 12, 12]]
    let lengths = random.choose(rhythms)
    let count = lengths.count { $0 > 0 }
    guard let ladder = ladder(in: bar, at: twelfths - 1) else { return [] }
    let wanted =
      closes ? nearestTonic(to: degree) : ladder.nearestChordTone(to: degree, towards: random.chance(50) ? 1 : -1)
    let goal = ladder.isChordTone(wanted) ? wanted : ladder.nearestChordTone(to: wanted)
    let side = degree == goal ? (random.chance(60) ? 1 : -1) : (degree - goal).signum()
    var notes: [Theme.Note] = []
    var (place, index) = (0, 0)
    for length in lengths {
      if length > 0 {
        let distance = count - 1 - index
        let target = distance == 0 ? goal : goal + side * distance
        notes.append(
          Theme.Note(start: place, length: length, degree: min(max(target, span.lowerBound), span.upperBound)))
        index += 1
      }
      place += abs(length)
    }
    // A strong note before the goal is consonant, too.
    if notes.count > 1, let first = self.ladder(in: bar, at: 0), !first.isChordTone(notes[0].degree),
      abs(notes[1].degree - notes[0].degree) != 1
    {
      notes[0].degree = first.nearestChordTone(to: notes[0].degree)
    }
    degree = goal
    return notes
  }

  /// The tonic nearest to a degree, within the span.
  func nearestTonic(to degree: Int) -> Int {
    let tonics = [-7, 0, 7, 14].filter { span.contains($0) }
    return tonics.min { abs($0 - degree) < abs($1 - degree) } ?? 0
  }

  /// Phrases that begin on the first beat are sometimes led into by one or two notes in the rest before them.
  private mutating func addPickups(to bars: inout [Theme.Bar], phrases: [Int]) {
    guard random.chance(55), !isCompound else { return }
    var end = 0
    for count in phrases.dropLast() {
      end += count
      guard end < bars.count, let first = bars[end].notes.first, first.start == 0, let last = bars[end - 1].notes.last,
        twelfths - (last.start + last.length) >= 12
      else { continue }
      let side = random.chance(65) ? -1 : 1
      let (one, two) = (first.degree + side, first.degree + 2 * side)
      guard span.contains(one), span.contains(two) else { continue }
      if random.chance(60) {
        bars[end - 1].notes.append(Theme.Note(start: twelfths - 12, length: 6, degree: two))
        bars[end - 1].notes.append(Theme.Note(start: twelfths - 6, length: 6, degree: one))
      } else {
        bars[end - 1].notes.append(Theme.Note(start: twelfths - 12, length: 12, degree: one))
      }
    }
  }

  // MARK: Variations

  /// A theme as it returns for the `visit`-th time; a piece that is made of variations changes it each time.
  mutating func variation(of theme: Theme, visit: Int, always: Bool) -> Theme {
    guard visit > 0 else { return theme }
    var result = theme
    switch always ? (visit - 1) % 4 : random.choose([4, 4, 4, 0, 2, 3]) {
    case 0: ornament(&result, share: 55, isRunning: false)
    case 1: ornament(&result, share: 90, isRunning: true)
    case 2: shift(&result)
    case 3: syncopate(&result)
    default: break
    }
    return result
  }

  /// Long notes are embellished: by a neighbour, or, running, by a note on the way to the next.
  private mutating func ornament(_ theme: inout Theme, share: Int, isRunning: Bool) {
    for bar in theme.bars.indices {
      let notes = theme.bars[bar].notes
      var result: [Theme.Note] = []
      for (index, note) in notes.enumerated() {
        let next = index + 1 < notes.count ? notes[index + 1].degree : note.degree
        guard note.length >= 12, note.length <= 36, note.bend == 0, random.chance(share) else {
          result.append(note)
          continue
        }
        let way = next == note.degree ? (random.chance(50) ? 1 : -1) : (next - note.degree).signum()
        let half = note.length / 2 / 3 * 3
        if isRunning || abs(next - note.degree) == 2 {
          result.append(Theme.Note(start: note.start, length: half, degree: note.degree))
          result.append(Theme.Note(start: note.start + half, length: note.length - half, degree: note.degree + way))
        } else {
          result.append(Theme.Note(start: note.start, length: note.length - 6, degree: note.degree))
          result.append(Theme.Note(start: note.start + note.length - 6, length: 3, degree: note.degree + 1))
          result.append(Theme.Note(start: note.start + note.length - 3, length: 3, degree: note.degree))
        }
      }
      theme.bars[bar].notes = result
    }
  }

  /// An octave higher or lower, where that lies well.
  private func shift(_ theme: inout Theme) {
    let degrees = theme.bars.flatMap(\.notes).map(\.degree)
    guard let low = degrees.min(), let high = degrees.max() else { return }
    let octave = high + 7 <= span.upperBound + 2 ? 7 : low - 7 >= span.lowerBound - 2 ? -7 : 0
    for bar in theme.bars.indices {
      for note in theme.bars[bar].notes.indices { theme.bars[bar].notes[note].degree += octave }
    }
  }

  /// Notes on the later beats come an eighth early where the one before leaves room.
  private mutating func syncopate(_ theme: inout Theme) {
    for bar in theme.bars.indices {
      for index in theme.bars[bar].notes.indices.dropFirst() {
        let (before, note) = (theme.bars[bar].notes[index - 1], theme.bars[bar].notes[index])
        guard note.start % 24 == 0, before.start + 12 <= note.start, before.start + before.length == note.start,
          random.chance(60)
        else { continue }
        theme.bars[bar].notes[index - 1].length -= 6
        theme.bars[bar].notes[index].start -= 6
        theme.bars[bar].notes[index].length += 6
      }
    }
  }
}
