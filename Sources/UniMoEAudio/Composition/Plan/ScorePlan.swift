/// What a score plays in every code frame, as the codes of plan channels.
///
/// A code frame is 20 ms long; what it holds is decided by the time in its middle. A note or stroke belongs to the first
/// frame whose middle does not come before it, by a tolerance of 1 ms; where that lies within one frame of the frame in
/// which its twelfth of a beat begins, to that one, so that what is composed begins where the beat moves on.
public struct ScorePlan: Sendable {
  /// A plan channel of music.
  public enum Channel: String, CaseIterable, Sendable {
    /// 48 × bar of four + twelfth of a quarter note since the bar began.
    case beat
    /// 2 × class of 5 % from 50 quarter notes a minute + 1 in a bar of three.
    case tempo
    /// The instrument in front, by its place in `Instrument.all`.
    case lead
    /// 2 × pitch class of the root + 1 if the third is minor; 24 none.
    case chord
    /// 2 × MIDI pitch + parity, which flips with every note; 256 none.
    case melody
    /// 2 × (MIDI pitch - 24) + parity of the bass, moved by octaves into 24 to 71; 96 none.
    case bass
    /// Bits struck in this frame: 1 kick and what is as low, 2 snare and its kin, 4 hat and every other stroke.
    case drums

    /// How many codes the channel has, UNKNOWN not among them.
    public var size: Int {
      switch self {
      case .beat: 192
      case .tempo: 56
      case .lead: Instrument.all.count
      case .chord: 25
      case .melody: 257
      case .bass: 97
      case .drums: 8
      }
    }

    /// The code that says that nothing sounds, where there is one.
    public var none: Int32? {
      switch self {
      case .beat, .tempo, .lead: nil
      case .chord: 24
      case .melody: 256
      case .bass: 96
      case .drums: 0
      }
    }
  }

  /// What stands where nobody says what is played; a model has a code of its own for it.
  public static let unknown: Int32 = -1
  /// Code frames a second.
  public static let codeRate = 50
  /// Microseconds of a code frame.
  static let frame = 1_000_000 / codeRate
  /// Twelfths that the codes of a bar hold.
  static let barTwelfths = 48
  /// Rests between notes that are shorter than this many code frames are none.
  static let legato = 3

  /// How many code frames it has.
  public let codeFrames: Int
  /// The codes of each channel, one a code frame.
  private var codes: [Channel: [Int32]] = [:]

  /// Microseconds between the beginning of the first code frame and the first beat.
  public static let leadIn = 20_000

  /// The plan of a score that begins `leadIn` microseconds after the first code frame does.
  ///
  /// - Parameter codeFrames: how many frames; nothing: as many as the score fills.
  public init(_ score: Score, codeFrames: Int? = nil, leadIn: Int = ScorePlan.leadIn) {
    let count = codeFrames ?? (score.microseconds + leadIn + Self.frame - 1) / Self.frame
    self.codeFrames = count
    let grid = ScoreGrid(score, leadIn: leadIn, frames: count)
    codes[.beat] = grid.beat
    codes[.tempo] = grid.tempo
    let lead = score.lead.map { Int32($0.index) } ?? Self.unknown
    codes[.lead] = Array(repeating: lead, count: count)
    codes[.chord] = Self.chords(score, grid)
    codes[.melody] = Self.line(score.leadingPart, grid, none: 256) { 2 * $0 }
    codes[.bass] = Self.line(score.part(.bass), grid, none: 96, code: Self.bassCode)
    codes[.drums] = Self.strokes(score.part(.drums), grid)
  }

  /// The plan of the first code frames alone.
  func prefix(_ count: Int) -> ScorePlan { ScorePlan(codeFrames: min(count, codeFrames), codes) }

  private init(codeFrames: Int, _ codes: [Channel: [Int32]]) {
    self.codeFrames = codeFrames
    self.codes = codes.mapValues { Array($0.prefix(codeFrames)) }
  }

  /// The codes of a channel, one a code frame.
  public func codes(of channel: Channel) -> [Int32] { codes[channel] ?? [] }

  /// Makes a channel unknown from one code frame to another.
  public mutating func forget(_ channel: Channel, in frames: Range<Int>? = nil) {
    for frame in (frames ?? 0..<codeFrames).clamped(to: 0..<codeFrames) { codes[channel]?[frame] = Self.unknown }
  }

  /// Whether a channel is decided in a code frame, rather than held: the beat always, tempo and lead where they change,
  /// a chord where a quarter note begins, notes and strokes where a twelfth does; the first frame decides all.
  public func isDecided(_ channel: Channel, at frame: Int) -> Bool {
    guard frame > 0, let beat = codes[.beat], frame < beat.count else { return frame == 0 }
    switch channel {
    case .beat: return true
    case .tempo, .lead: return codes[channel].map { $0[frame] != $0[frame - 1] } ?? false
    case .chord: return beat[frame] / 12 != beat[frame - 1] / 12
    case .melody, .bass, .drums: return beat[frame] != beat[frame - 1]
    }
  }

  // MARK: Channels

  private static func chords(_ score: Score, _ grid: ScoreGrid) -> [Int32] {
    var result = [Int32](repeating: 24, count: grid.frames)
    for span in score.chords {
      guard let chord = span.chord else { continue }
      let first = grid.onset(of: span.start)
      let last = min(grid.frames, grid.onset(of: span.start + span.duration))
      guard first < last else { continue }
      let code = Int32(2 * chord.root + (isMinor(chord, in: score.key) ? 1 : 0))
      for frame in first..<last { result[frame] = code }
    }
    return result
  }

  /// By its third; a chord that has none by the key's.
  private static func isMinor(_ chord: Chord, in key: MusicalKey?) -> Bool {
    let intervals = chord.quality.intervals
    if intervals.contains(3) { return true }
    if intervals.contains(4) { return false }
    guard let key else { return false }
    let third = ((chord.root + 3 - key.tonic) % 12 + 12) % 12
    return key.scale.steps.contains(third)
  }

  /// A line of single notes: the highest of those that begin together; a later note ends the one before.
  private static func line(
    _ part: Score.Part?, _ grid: ScoreGrid, none: Int32, code: (_ pitch: Int) -> Int
  ) -> [Int32] {
    var result = [Int32](repeating: none, count: grid.frames)
    var (number, ends) = (0, 0)
    for note in topLine(part?.notes ?? []) {
      let first = grid.onset(of: note.start)
      guard first < grid.frames else { break }
      let last = min(grid.frames, max(first + 1, grid.frame(of: note.end)))
      if number > 0, first > ends, first - ends <= legato {
        for frame in ends..<first { result[frame] = result[ends - 1] }
      }
      for frame in first..<last { result[frame] = Int32(code(note.pitch) + number % 2) }
      // What the note before would have held beyond this one's end is silent.
      if last < ends { for frame in last..<ends { result[frame] = none } }
      ends = last
      number += 1
    }
    return result
  }

  /// Without its parity: pitches 24 to 71, others moved by octaves.
  private static func bassCode(_ pitch: Int) -> Int {
    let moved =
      pitch < 24 ? pitch + (24 - pitch + 11) / 12 * 12 : pitch > 71 ? pitch - (pitch - 71 + 11) / 12 * 12 : pitch
    return 2 * (moved - 24)
  }

  /// Of notes that begin within a sixteenth of a beat the highest.
  static func topLine(_ notes: [Score.Note]) -> [Score.Note] {
    var result: [Score.Note] = []
    for note in notes {
      if let last = result.last, note.start - last.start < Score.ticksPerQuarter / 16 {
        if note.pitch > last.pitch { result[result.count - 1] = note }
      } else {
        result.append(note)
      }
    }
    return result
  }

  private static func strokes(_ part: Score.Part?, _ grid: ScoreGrid) -> [Int32] {
    var result = [Int32](repeating: 0, count: grid.frames)
    for note in part?.notes ?? [] {
      let frame = grid.onset(of: note.start)
      if frame < grid.frames { result[frame] |= stroke(note.pitch) }
    }
    return result
  }

  /// The bit of a key of the General MIDI drum kit: kicks, the low toms and drums of that kind; snares, claps, the
  /// higher toms and hand drums; what is of metal, and what rattles.
  static func stroke(_ key: Int) -> Int32 {
    switch key {
    case 35, 36, 41, 43, 64, 66, 61: 1
    case 37...40, 45, 47, 48, 50, 54, 60, 62, 63, 65, 75, 76, 77: 2
    default: 4
    }
  }
}

extension Score {
  /// The part that stands in front: the melody, or the bass where it leads.
  var leadingPart: Part? {
    part(.melody) ?? (lead.flatMap { lead in parts.first { $0.instrument == lead && $0.role == .bass } })
  }
}

/// Code frames against a score's time.
struct ScoreGrid {
  /// How many code frames.
  let frames: Int
  /// The codes of the beat and the tempo.
  let beat: [Int32]
  let tempo: [Int32]

  private let map: TempoMap
  private let leadIn: Int
  private let bars: [PlanBar]

  /// A bar as the plan counts it.
  struct PlanBar {
    let start: Int
    let number: Int
    let isThree: Bool
  }

  init(_ score: Score, leadIn: Int, frames: Int) {
    (self.frames, self.leadIn, map) = (frames, leadIn, score.tempo)
    bars = Self.bars(score)
    var beat: [Int32] = []
    var tempo: [Int32] = []
    var bar = 0
    for frame in 0..<frames {
      let tick = map.tick(atMicroseconds: frame * ScorePlan.frame + ScorePlan.frame / 2 - leadIn)
      while bar + 1 < bars.count, bars[bar + 1].start <= tick { bar += 1 }
      let twelfth = min((tick - bars[bar].start) / Score.ticksPerTwelfth, ScorePlan.barTwelfths - 1)
      beat.append(Int32(ScorePlan.barTwelfths * (bars[bar].number % 4) + twelfth))
      tempo.append(Int32(2 * Self.tempoClass(map.change(at: tick).microseconds) + (bars[bar].isThree ? 1 : 0)))
    }
    (self.beat, self.tempo) = (beat, tempo)
  }

  /// Bars of four or three quarter notes as they are; bars of two are counted in pairs, longer ones cut into threes or
  /// fours.
  private static func bars(_ score: Score) -> [PlanBar] {
    var result: [PlanBar] = []
    var number = score.firstBar
    for (index, change) in score.meters.enumerated() {
      let end = index + 1 < score.meters.count ? score.meters[index + 1].tick : score.length + 1
      let quarter = Score.ticksPerQuarter
      let ticks = change.meter.ticks
      let isThree = ticks % (3 * quarter) == 0
      let length = isThree ? 3 * quarter : ticks <= 2 * quarter ? 4 * quarter / ticks * ticks : min(ticks, 4 * quarter)
      var start = change.tick
      while start < end {
        // A piece of a longer bar ends with the bar.
        let barEnd = ticks > 4 * quarter ? change.tick + ((start - change.tick) / ticks + 1) * ticks : Int.max
        result.append(PlanBar(start: start, number: number, isThree: isThree))
        start = min(start + max(length, 1), barEnd)
        number += 1
      }
    }
    return result.isEmpty ? [PlanBar(start: 0, number: 0, isThree: false)] : result
  }

  /// Upper bounds of the classes of tempo but the last, in microseconds a quarter note: the geometric means of
  /// neighbouring classes, 60,000,000 / (50 · 1.05^(class + 1/2)), rounded, slowest first.
  static let tempoBounds = [
    1_171_080, 1_115_314, 1_062_204, 1_011_623, 963_450, 917_572, 873_878, 832_265, 792_633, 754_889, 718_942, 684_706,
    652_101, 621_049, 591_475, 563_310, 536_485, 510_938, 486_608, 463_436, 441_368, 420_350, 400_334, 381_270, 363_114,
    345_823, 329_355,
  ]

  /// The class of a tempo: 0 is 50 quarter notes a minute, each next one 5 % faster, the last one 187 and faster.
  static func tempoClass(_ microseconds: Int) -> Int { tempoBounds.prefix { microseconds < $0 }.count }

  /// The first code frame whose middle does not come before a tick, by a tolerance of 1 ms.
  func frame(of tick: Int) -> Int {
    let time = map.microseconds(at: tick) + leadIn - 1000 - ScorePlan.frame / 2
    // What begins within the first frame belongs to it.
    if time <= 0 || tick == 0 { return 0 }
    return min(frames, (time + ScorePlan.frame - 1) / ScorePlan.frame)
  }

  /// The code frame in which a note or stroke begins.
  func onset(of tick: Int) -> Int {
    let exact = frame(of: tick)
    let twelfth = (tick + Score.ticksPerTwelfth / 2) / Score.ticksPerTwelfth * Score.ticksPerTwelfth
    let moved = start(of: twelfth)
    return abs(moved - exact) <= 1 ? moved : exact
  }

  /// The first code frame in the middle of which a tick has come.
  private func start(of tick: Int) -> Int {
    if tick == 0 { return 0 }
    // Ticks come from rounded-down times; the frame is the first that `beat` counts at or after the tick.
    var frame = max(
      0, (map.microseconds(at: tick) + leadIn - ScorePlan.frame / 2 + ScorePlan.frame - 1) / ScorePlan.frame)
    while frame > 0, map.tick(atMicroseconds: (frame - 1) * ScorePlan.frame + ScorePlan.frame / 2 - leadIn) >= tick {
      frame -= 1
    }
    while map.tick(atMicroseconds: frame * ScorePlan.frame + ScorePlan.frame / 2 - leadIn) < tick { frame += 1 }
    return frame
  }
}
