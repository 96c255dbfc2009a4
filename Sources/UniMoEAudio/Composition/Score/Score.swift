/// A piece of music as notes: what a composer writes, a MIDI file says, and plan channels are made of.
///
/// Times are in ticks, 480 a quarter note, from the beginning of the piece; a twelfth of a quarter note is 40 of them.
public struct Score: Equatable, Sendable {
  /// Ticks in a quarter note.
  public static let ticksPerQuarter = 480
  /// Ticks in a twelfth of a quarter note, the grid on which music is composed and planned.
  public static let ticksPerTwelfth = 40

  /// One note, or one stroke of the drum kit.
  public struct Note: Hashable, Sendable {
    /// When it begins, in ticks.
    public var start: Int
    /// How long it is held, in ticks, at least 1.
    public var duration: Int
    /// MIDI note number, middle C being 60; in a drum part the key of the General MIDI drum kit.
    public var pitch: Int
    /// MIDI velocity, 1 to 127.
    public var velocity: Int

    /// Creates a note.
    public init(start: Int, duration: Int, pitch: Int, velocity: Int) {
      (self.start, self.duration, self.pitch, self.velocity) = (start, duration, pitch, velocity)
    }

    /// The first tick at which it is silent.
    public var end: Int { start + duration }
  }

  /// What a part does in the piece.
  public enum Role: String, Sendable, CaseIterable {
    /// Stands in front.
    case melody
    /// A second voice to the melody.
    case counter
    /// Plays the chords.
    case chords
    case bass
    case drums
  }

  /// The notes of one player.
  public struct Part: Equatable, Sendable {
    /// What the part does.
    public var role: Role
    /// Who plays it.
    public var instrument: Instrument
    /// Notes in order of start, then pitch.
    public var notes: [Note]

    /// Creates a part.
    public init(role: Role, instrument: Instrument, notes: [Note]) {
      (self.role, self.instrument, self.notes) = (role, instrument, notes)
    }
  }

  /// A chord and the time in which it holds.
  public struct ChordSpan: Equatable, Sendable {
    /// When it begins, in ticks.
    public var start: Int
    /// How long it holds, in ticks.
    public var duration: Int
    /// The chord, or nothing.
    public var chord: Chord?

    /// Creates a span.
    public init(start: Int, duration: Int, chord: Chord?) {
      (self.start, self.duration, self.chord) = (start, duration, chord)
    }
  }

  /// A part of the form.
  public struct Section: Equatable, Sendable {
    /// Its letter or word: "A", "refrain", "ending".
    public var name: String
    /// When it begins, in ticks.
    public var start: Int

    /// Creates a section.
    public init(name: String, start: Int) { (self.name, self.start) = (name, start) }
  }

  /// A time signature from a bar on.
  public struct MeterChange: Equatable, Sendable {
    /// The bar line at which it begins, in ticks; the first one at or before 0, where the bar that sounds first began.
    public var tick: Int
    /// The time signature.
    public var meter: Meter

    /// Creates a change.
    public init(tick: Int, meter: Meter) { (self.tick, self.meter) = (tick, meter) }
  }

  /// What the piece is called.
  public var title: String
  /// The tempi.
  public var tempo: TempoMap
  /// The time signatures in order, at least one; the first begins at or before 0, by less than its bar.
  public var meters: [MeterChange]
  /// The number of the bar that sounds at tick 0, from 0 on: more than 0 where the piece is cut out of a longer one.
  public var firstBar: Int
  /// The key, where there is one.
  public var key: MusicalKey?
  /// The length in ticks: no note sounds beyond it.
  public var length: Int
  /// The form.
  public var sections: [Section]
  /// The chords in order, without gaps.
  public var chords: [ChordSpan]
  /// The parts, at most one of them melody, bass and drums each.
  public var parts: [Part]
  /// Who stands in front.
  public var lead: Instrument?

  /// The first part of a role.
  public func part(_ role: Role) -> Part? { parts.first { $0.role == role } }

  /// The length in microseconds.
  public var microseconds: Int { tempo.microseconds(at: length) }
}

extension Score {
  /// The piece between two ticks: it may begin anywhere in a bar. What sounds at its beginning for at least another
  /// half beat is struck anew.
  public func slice(from first: Int, to last: Int) -> Score {
    var result = self
    let shortest = Score.ticksPerQuarter / 2
    result.parts = parts.map { part in
      let notes = part.notes.compactMap { note -> Note? in
        guard note.start < last, note.start >= first || (part.role != .drums && note.end - first >= shortest) else {
          return nil
        }
        let start = max(note.start, first)
        let end = min(note.end, last)
        guard end > start else { return nil }
        return Note(start: start - first, duration: end - start, pitch: note.pitch, velocity: note.velocity)
      }
      return Part(role: part.role, instrument: part.instrument, notes: notes)
    }
    result.chords = chords.compactMap { span in
      let (start, end) = (max(span.start, first), min(span.start + span.duration, last))
      return start < end ? ChordSpan(start: start - first, duration: end - start, chord: span.chord) : nil
    }
    result.sections = sections.enumerated().compactMap { index, section in
      let end = index + 1 < sections.count ? sections[index + 1].start : length
      return section.start < last && end > first
        ? Section(name: section.name, start: max(0, section.start - first)) : nil
    }
    result.tempo = TempoMap(
      [TempoMap.Change(tick: 0, microseconds: tempo.change(at: first).microseconds)]
        + tempo.changes.filter { $0.tick > first && $0.tick < last }.map {
          TempoMap.Change(tick: $0.tick - first, microseconds: $0.microseconds)
        })
    let bar = bar(at: first)
    result.meters =
      [MeterChange(tick: bar.start - first, meter: bar.meter)]
      + meters.filter { $0.tick > first && $0.tick < last }
      .map { MeterChange(tick: $0.tick - first, meter: $0.meter) }
    result.firstBar = bar.number
    result.length = last - first
    return result
  }

  /// A bar: its number, where it begins (before 0 where the piece begins within it) and its time signature.
  public struct Bar: Equatable, Sendable {
    /// Its number in the piece, from 0 on.
    public let number: Int
    /// Its first tick.
    public let start: Int
    /// Its time signature.
    public let meter: Meter
  }

  /// The bar in which a tick lies.
  public func bar(at tick: Int) -> Bar {
    var number = firstBar
    for (index, change) in meters.enumerated() {
      let next = index + 1 < meters.count ? meters[index + 1].tick : Int.max
      if tick >= next {
        number += (next - change.tick + change.meter.ticks - 1) / change.meter.ticks
        continue
      }
      let bars = max(0, tick - change.tick) / change.meter.ticks
      return Bar(number: number + bars, start: change.tick + bars * change.meter.ticks, meter: change.meter)
    }
    return Bar(number: firstBar, start: 0, meter: .common)
  }
}
