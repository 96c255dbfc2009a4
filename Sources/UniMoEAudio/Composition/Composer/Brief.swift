/// What a piece is to be, before a note is written: everything that a caption may say, decided.
public struct Brief: Equatable, Sendable {
  /// The seed of all that is drawn.
  public let seed: UInt64
  /// Beats a minute; a beat is a quarter note, or a dotted one in a compound metre.
  public let bpm: Int
  /// How the tempo changes on the way.
  public let tempoChange: MusicAttributes.TempoChange?
  /// Whether it slows down at the end.
  public let slowsDown: Bool
  /// The key.
  public let key: MusicalKey
  /// The time signature: 4/4, 3/4 or 6/8.
  public let meter: Meter
  /// The genre.
  public let genreName: String
  /// The style within it.
  public let styleName: String
  /// Who stands in front.
  public let lead: Instrument
  /// What the lead plays.
  public let leadStyle: MusicAttributes.Style
  /// Who plays the chords; the lead itself where it can do both and plays alone.
  public let backing: Instrument?
  /// Who plays a second voice, where one is asked for.
  public let counter: Instrument?
  /// Who plays the bass.
  public let bass: Instrument?
  /// Whether there are drums.
  public let hasDrums: Bool
  /// Where the second of two eighth notes comes, in twelfths of a beat.
  public let offbeat: Int
  /// The form, one of `Genre.Form`'s names.
  public let formName: String
  /// Whether a second voice plays: the follower of a round, or thirds below a refrain.
  public let hasCounter: Bool
  /// How strongly it is played: -1 soft, 0, 1 strong.
  public let energy: Int
  /// The length in seconds.
  public let seconds: Double
  /// Whether it ends with a cadence, rather than in the middle.
  public let hasEnding: Bool

  let genre: Genre
  let form: Genre.Form

  /// Whether two briefs ask for the same piece.
  public static func == (one: Brief, other: Brief) -> Bool {
    one.seed == other.seed && one.facts == other.facts
  }

  private var facts: [String] {
    [
      "\(bpm) \(key.name) \(meter.beats)/\(meter.unit) \(genreName) \(styleName) \(leadStyle) \(formName) \(seconds)",
      lead.name, backing?.name ?? "", counter?.name ?? "", bass?.name ?? "",
      "\(hasDrums) \(offbeat) \(hasCounter) \(energy) \(hasEnding)",
      "\(slowsDown) \(String(describing: tempoChange))",
    ]
  }

  /// Whether chords and melody are one player's two hands.
  var isOnePlayer: Bool { backing == lead }

  /// Quarter notes a minute.
  public var quarterBPM: Int { meter.isCompound ? (bpm * 3 + 1) / 2 : bpm }

  /// All that play, the lead first.
  public var instruments: [String] {
    var names = [lead.name]
    for name in [backing?.name, counter?.name, bass?.name, hasDrums ? "drums" : nil] {
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// slow, medium or fast.
  public var tempoWord: String { bpm <= 84 ? "slow" : bpm <= 118 ? "medium" : "fast" }

  /// The limits of a piece's length in seconds.
  public static let lengths: ClosedRange<Double> = 1...3600

  /// A length in seconds between two, drawn by a seed, in tenths.
  public static func length(from shortest: Double, to longest: Double, seed: UInt64) -> Double {
    var random = RandomStream(seed: seed, stream: 9)
    let (low, high) = (Int(shortest * 10), Int(longest * 10))
    return Double(random.number(in: low...max(low, high))) / 10
  }

  /// Decides what the attributes leave open.
  ///
  /// - Parameters:
  ///   - seconds: the length, over what the attributes say; nothing: theirs, else some 8 to 16 bars.
  ///   - hasEnding: whether the piece ends with a cadence.
  public init(_ attributes: MusicAttributes, seed: UInt64, seconds: Double? = nil, hasEnding: Bool = true) {
    var random = RandomStream(seed: seed, stream: 0)
    let choice = BriefChoice(attributes)
    let genre = choice.genre(&random)
    let meter = choice.meter(genre)
    let players = choice.players(genre, &random)
    (self.seed, self.genre, self.meter, self.hasEnding) = (seed, genre, meter, hasEnding)
    (genreName, styleName) = (genre.name, genre.style)
    bpm = choice.bpm(genre, &random)
    key = choice.key(genre, &random)
    (lead, leadStyle, backing) = (players.lead, players.style, players.backing)
    (counter, bass, hasDrums) = (players.counter, players.bass, players.hasDrums)
    form = attributes.form.flatMap(Genre.Form.init) ?? random.choose(genre.forms)
    formName = form.rawValue
    offbeat = meter.isCompound ? 6 : attributes.isSwung.map { $0 ? 8 : 6 } ?? genre.offbeat
    let isCanon = form == .round && players.style == .melody
    hasCounter =
      isCanon || players.counter != nil
      || players.backing != nil && players.backing != players.lead && random.chance(30)
    energy = choice.energy
    tempoChange = attributes.tempoChange
    slowsDown = random.chance(genre.slowsDown) && attributes.tempoChange == nil
    let beat = 60 / Double(bpm) / (meter.isCompound ? 3 : 1)
    let bar = beat * Double(meter.beats)
    let bars = attributes.bars ?? (16 * bar <= 36 ? 16 : 8)
    let length = seconds ?? attributes.seconds ?? (Double(bars) * bar)
    self.seconds = min(max(length, Self.lengths.lowerBound), Self.lengths.upperBound)
  }
}

/// The decisions of a brief.
struct BriefChoice {
  /// Who plays what.
  struct Players {
    var lead: Instrument
    var style: MusicAttributes.Style
    var backing: Instrument?
    var counter: Instrument?
    var bass: Instrument?
    var hasDrums: Bool
  }

  private let attributes: MusicAttributes
  /// Instruments that are named, without `drums` and `bass`.
  private let named: [Instrument]
  private let wantsDrums: Bool
  private let refusesDrums: Bool

  init(_ attributes: MusicAttributes) {
    self.attributes = attributes
    named = attributes.instruments.compactMap { $0 == "drums" ? nil : Instrument.named($0) }
    wantsDrums = attributes.instruments.contains("drums")
    refusesDrums = attributes.without.contains("drums")
  }

  func genre(_ random: inout RandomStream) -> Genre {
    if let style = attributes.style, let genre = Genre.all.first(where: { $0.style == style }) { return genre }
    if let name = attributes.genre {
      let styles = Genre.styles(of: name)
      if !styles.isEmpty { return random.choose(styles) }
    }
    var candidates = Genre.all
    func narrow(_ isFit: (Genre) -> Bool) {
      let fit = candidates.filter(isFit)
      if !fit.isEmpty { candidates = fit }
    }
    if let meter = attributes.meter { narrow { $0.meter == meter } }
    if let lead = named.first { narrow { ($0.leads + $0.backings + $0.basses).contains(lead.name) } }
    if wantsDrums { narrow { !$0.grooves.isEmpty } }
    if let tempi = attributes.tempi ?? attributes.bpm.map({ $0...$0 }) { narrow { $0.tempi.overlaps(tempi) } }
    if let mode = attributes.mode { narrow { $0.scales.contains { $0.0.mode == mode } } }
    let wish = Set(attributes.moods.flatMap { Mood.named($0)?.genres ?? [] })
    if !wish.isEmpty { narrow { wish.contains($0.name) } }
    return random.choose(candidates)
  }

  func meter(_ genre: Genre) -> Meter {
    guard let asked = attributes.meter else { return genre.meter }
    if asked.isCompound { return .sixEight }
    return asked.beats % 3 == 0 ? .waltz : .common
  }

  func bpm(_ genre: Genre, _ random: inout RandomStream) -> Int {
    let draw = random.next()
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int((UInt64(draw) * UInt64(range.count)) >> 32) }
    guard let tempi = attributes.tempi else {
      return attributes.bpm.map { min(max($0, 30), 300) } ?? pick(genre.tempi)
    }
    return tempi.overlaps(genre.tempi) ? pick(tempi.clamped(to: genre.tempi)) : pick(tempi)
  }

  func key(_ genre: Genre, _ random: inout RandomStream) -> MusicalKey {
    let tonic = random.below(12)
    var scales = genre.scales.filter { attributes.mode == nil || $0.0.mode == attributes.mode }
    // Who names a key means its major or minor scale.
    if let mode = attributes.mode, attributes.tonic != nil { scales = [(mode == .minor ? .minor : .major, 1)] }
    if scales.isEmpty { scales = [(attributes.mode == .minor ? .minor : .major, 1)] }
    let scale = random.choose(scales)
    return MusicalKey(tonic: attributes.tonic ?? tonic, scale: attributes.scale ?? scale)
  }

  /// From the moods and the words for the tempo.
  var energy: Int {
    let sum = attributes.moods.reduce(0) { $0 + (Mood.named($1)?.energy ?? 0) }
    return min(max(sum, -1), 1)
  }

  func players(_ genre: Genre, _ random: inout RandomStream) -> Players {
    let without = Set(attributes.without)
    func candidates(_ names: [String]) -> [Instrument] {
      names.compactMap(Instrument.named).filter { !without.contains($0.name) }
    }
    let kind = kind(genre, &random)
    let lead = random.choose(nonEmpty(candidates(genre.leads), else: .piano))
    let backing = random.choose(nonEmpty(candidates(genre.backings).filter { $0 != lead }, else: .piano))
    let bass = random.choose(nonEmpty(candidates(genre.basses), else: Instrument.all[13]))
    let soloStyle = random.choose([MusicAttributes.Style.melody, .melody, .chords, .arpeggio])
    var players = Players(lead: lead, style: .melody, hasDrums: false)
    switch kind {
    case .band, .duo:
      players.backing = backing
      if kind == .band {
        players.bass = bass
        players.hasDrums = !genre.grooves.isEmpty
      }
    case .rhythm:
      players = Players(lead: bass, style: .bassLine, bass: bass, hasDrums: true)
    case .drums:
      players = Players(lead: .drums, style: .drums, hasDrums: true)
    case .solo:
      players.style = soloStyle
    }
    place(named, in: &players, kind: kind)
    return settled(players, genre, bass: bass)
  }

  private enum Kind { case band, duo, solo, rhythm, drums }

  private func kind(_ genre: Genre, _ random: inout RandomStream) -> Kind {
    let drawn = random.choose([(Kind.band, weight: 45), (.duo, 20), (.solo, 18), (.rhythm, 7), (.drums, 4)])
    if attributes.leadStyle == .drums { return .drums }
    if attributes.leadStyle == .bassLine { return .rhythm }
    let onlyBasses = !named.isEmpty && named.allSatisfy { $0.roles == .bass }
    if attributes.isSolo {
      return wantsDrums && named.isEmpty && !attributes.instruments.contains("bass") ? .drums : .solo
    }
    if wantsDrums, onlyBasses || named.isEmpty && attributes.instruments.contains("bass") { return .rhythm }
    if wantsDrums, named.isEmpty, attributes.instruments.count == 1, attributes.genre == nil { return .drums }
    if onlyBasses { return attributes.genre == nil ? .solo : .band }
    if named.isEmpty {
      if attributes.instruments.isEmpty, attributes == MusicAttributes() {
        return genre.grooves.isEmpty && (drawn == .rhythm || drawn == .drums) ? .duo : drawn
      }
      return .band
    }
    if named.count > 1 || attributes.genre != nil || wantsDrums { return .band }
    return random.chance(50) ? .solo : .duo
  }

  private func nonEmpty(_ instruments: [Instrument], else fallback: Instrument) -> [Instrument] {
    instruments.isEmpty ? [fallback] : instruments
  }

  /// Gives what is named its place: the first that can is the lead, the next that can plays chords.
  private func place(_ named: [Instrument], in players: inout Players, kind: Kind) {
    var left = named
    func take(_ isFit: (Instrument) -> Bool) -> Instrument? {
      left.firstIndex(where: isFit).map { left.remove(at: $0) }
    }
    if kind == .rhythm || left.allSatisfy({ $0.roles == .bass }), let bass = left.first {
      if kind == .rhythm || kind == .solo { (players.lead, players.style) = (bass, .bassLine) }
      players.bass = bass
      return
    }
    guard kind != .drums, kind != .rhythm else { return }
    // A bass that is only one is not the lead; who plays single notes only leads over who can play chords.
    let canShare =
      left.contains { $0.roles.contains(.chords) } && left.first?.roles.isSuperset(of: [.melody, .chords]) ?? false
    if let lead =
      (canShare ? take { $0.roles.contains(.melody) && !$0.roles.contains(.chords) && $0.roles != .bass } : nil)
      ?? take({ $0.roles.contains(.melody) }) ?? take({ $0.roles.contains(.chords) })
    {
      players.lead = lead
      if players.backing == lead { players.backing = nil }
    }
    if let bass = take({ $0.roles == .bass }) { players.bass = bass }
    if let chords = take({ $0.roles.contains(.chords) }) { players.backing = chords }
    if players.bass == nil, let bass = take({ $0.roles.contains(.bass) }) { players.bass = bass }
    players.counter = take { $0.roles.contains(.melody) }
  }

  /// What is asked for and what is refused have the last word, and somebody plays.
  private func settled(_ drawn: Players, _ genre: Genre, bass: Instrument) -> Players {
    var players = drawn
    let without = Set(attributes.without)
    if wantsDrums { players.hasDrums = true }
    if attributes.instruments.contains("bass"), players.bass == nil { players.bass = bass }
    if let style = attributes.leadStyle, players.lead != .drums, players.style != .bassLine { players.style = style }
    if refusesDrums, players.lead != .drums { players.hasDrums = false }
    if without.contains("bass") || players.bass.map({ without.contains($0.name) }) ?? false, players.style != .bassLine
    {
      players.bass = nil
    }
    if let backing = players.backing, without.contains(backing.name) || without.contains("chords") {
      players.backing = nil
    }
    if players.style == .chords || players.style == .arpeggio, !players.lead.roles.contains(.chords) {
      players.style = .melody
    }
    let isAlone = players.backing == nil && players.style == .melody && players.lead.roles.contains(.chords)
    if isAlone, players.bass == nil || attributes.isSolo { players.backing = players.lead }
    if players.style == .bassLine { players.bass = players.lead }
    return players
  }
}
