/// Plays the bass: the genre's figures on the chords' degrees, or a walking line.
struct BassPlayer: Sendable {
  private let brief: Brief
  private let usual: Pattern?
  private let contrast: Pattern?
  private let range: ClosedRange<Int>
  private let isLead: Bool
  private var last: Int?
  private var lastRoot: RomanChord?
  private var random: RandomStream

  init(brief: Brief, instrument: Instrument, random: RandomStream) {
    (self.brief, self.random) = (brief, random)
    usual = brief.genre.bass.isEmpty ? nil : self.random.choose(brief.genre.bass)
    contrast = brief.genre.bass.isEmpty ? nil : self.random.choose(brief.genre.bass)
    let low = max(instrument.range.lowerBound, 28)
    range = low...min(instrument.range.upperBound, low + 24)
    isLead = brief.leadStyle == .bassLine
  }

  /// Adds a bar.
  mutating func play(_ bar: BarPlan, to draft: inout Draft) {
    let role: Score.Role = .bass
    let velocity = (isLead ? 104 : 84) + bar.dynamics
    if bar.isLast, brief.hasEnding {
      add(root(of: bar.chords.last ?? .tonic(brief.key.mode)), bar.start, bar.twelfths, velocity, 94, role, &draft)
    } else if let pattern = bar.section.theme.hasPrefix("B") ? contrast : usual {
      figure(pattern, bar, velocity, role, &draft)
    } else {
      walk(bar, velocity, role, &draft)
    }
  }

  private mutating func add(
    _ pitch: Int, _ start: Int, _ length: Int, _ velocity: Int, _ articulation: Int, _ role: Score.Role,
    _ draft: inout Draft
  ) {
    draft.add(
      Draft.Note(start: start, length: length, pitch: pitch, velocity: velocity, articulation: articulation), to: role)
    last = pitch
  }

  /// The root nearest to where the line is, rather low.
  private func root(of chord: RomanChord) -> Int {
    nearest(chord.chord(in: brief.key).root, to: last ?? range.lowerBound + 7)
  }

  private func nearest(_ pitchClass: Int, to pitch: Int) -> Int {
    let candidates = range.filter { $0 % 12 == pitchClass }
    let middle = range.lowerBound + 9
    return candidates.min { abs($0 - pitch) * 2 + abs($0 - middle) < abs($1 - pitch) * 2 + abs($1 - middle) } ?? pitch
  }

  // MARK: Figures

  private mutating func figure(
    _ pattern: Pattern, _ bar: BarPlan, _ velocity: Int, _ role: Score.Role, _ draft: inout Draft
  ) {
    let strokes = pattern.strokes(bar: bar.number, twelfths: bar.twelfths, offbeat: brief.offbeat)
    for (index, (chord, start, end)) in bar.spans.enumerated() {
      let root = root(of: chord)
      let next = index + 1 < bar.chords.count ? bar.chords[index + 1] : bar.next
      var here = strokes.filter { $0.start >= start && $0.start < end }
      // A new chord has its root at once.
      if start > 0, here.first?.start != start {
        here.insert(Pattern.Stroke(start: start, length: (here.first?.start ?? end) - start, symbol: "1"), at: 0)
      }
      for stroke in here {
        let length = min(stroke.length, end - stroke.start)
        // At a change within the bar the figure begins again.
        let symbol = start > 0 && stroke.start == start ? "1" : stroke.symbol
        let pitch = pitch(symbol, root: root, chord: chord, next: next)
        let accent = stroke.start == 0 ? 6 : stroke.start % 12 == 0 ? 0 : -5
        add(
          pitch, bar.start + stroke.start, length, velocity + accent, brief.genre.ending == .hit ? 82 : 92, role, &draft
        )
      }
      last = root
    }
  }

  private func pitch(_ symbol: Character, root: Int, chord: RomanChord, next: RomanChord) -> Int {
    if symbol == "a" { return approach(next, from: root) }
    let degree = (symbol.wholeNumberValue ?? 1) - 1
    let ladder = Ladder(chord, in: brief.key.scale)
    let above = ladder.semitones(chord.degree + degree) - ladder.semitones(chord.degree)
    let pitch = root + above
    return pitch > range.upperBound ? pitch - 12 : pitch
  }

  /// A note from which the next root is reached by a step.
  private func approach(_ next: RomanChord, from pitch: Int) -> Int {
    let target = nearest(next.chord(in: brief.key).root, to: pitch)
    if target == pitch { return pitch + 7 > range.upperBound ? pitch - 5 : pitch + 7 }
    let step = target > pitch ? target - 1 : target + 1
    return range.contains(step) ? step : target
  }

  // MARK: Walking

  /// A note a beat: roots and other tones of the chord on strong beats, steps towards the next root between them.
  private mutating func walk(_ bar: BarPlan, _ velocity: Int, _ role: Score.Role, _ draft: inout Draft) {
    for (index, (chord, start, end)) in bar.spans.enumerated() {
      let beats = max(1, (end - start) / 12)
      let next = index + 1 < bar.chords.count ? bar.chords[index + 1] : bar.next
      let from = last ?? range.lowerBound + 9
      var pitch = nearest(chord.chord(in: brief.key).root, to: from)
      // A chord that goes on is entered by another of its tones.
      if lastRoot == chord, random.chance(60) {
        pitch = nearest(
          (chord.chord(in: brief.key).root + chord.quality.intervals[random.choose([1, 2])]) % 12, to: from)
      }
      lastRoot = chord
      let target = nearest(next.chord(in: brief.key).root, to: pitch + (random.chance(50) ? 5 : -5))
      let tones = range.filter { tone in
        chord.quality.intervals.contains { (chord.chord(in: brief.key).root + $0) % 12 == tone % 12 }
      }
      let scale = scaleTones(chord)
      for beat in 0..<beats {
        let left = beats - beat
        if beat > 0 {
          if left == 1 {
            pitch = leading(to: target, from: pitch, scale: scale)
          } else if beat % 2 == 0 {
            pitch = towards(target, from: pitch, in: tones)
          } else {
            pitch = towards(target, from: pitch, in: scale)
          }
        }
        let swung = random.chance(8) && left > 1
        add(
          pitch, bar.start + start + 12 * beat, swung ? 8 : 12, velocity + (beat == 0 ? 4 : beat % 2 == 1 ? 2 : 0), 90,
          role, &draft)
        if swung { add(pitch, bar.start + start + 12 * beat + 8, 4, velocity - 14, 80, role, &draft) }
      }
    }
  }

  private func scaleTones(_ chord: RomanChord) -> [Int] {
    let ladder = Ladder(chord, in: brief.key.scale)
    let classes = Set((0..<7).map { (brief.key.tonic + ladder.semitones($0)) % 12 })
    return range.filter { classes.contains($0 % 12) }
  }

  /// The next of some tones on the way to a target, or past it where the line is there already.
  private mutating func towards(_ target: Int, from pitch: Int, in tones: [Int]) -> Int {
    let isUp = target == pitch ? random.chance(50) : target > pitch
    let way = isUp ? tones.filter { $0 > pitch } : tones.filter { $0 < pitch }.reversed()
    let near = way.prefix(abs(target - pitch) > 7 ? 2 : 1)
    return near.isEmpty ? pitch : random.choose(Array(near))
  }

  private mutating func leading(to target: Int, from pitch: Int, scale: [Int]) -> Int {
    let isBelow = pitch < target || pitch == target && random.chance(50)
    let half = isBelow ? target - 1 : target + 1
    let whole = scale.filter { isBelow ? $0 < target && target - $0 <= 2 : $0 > target && $0 - target <= 2 }
    var choices = [half] + whole
    if abs(target - pitch) >= 5 { choices.append(isBelow ? target - 5 : target + 7) }
    let fit = choices.filter { range.contains($0) && $0 != pitch }
    return fit.isEmpty ? pitch : random.choose(fit)
  }
}
