/// Writes a score as a Standard MIDI File of format 1: a track with tempo, time and key signatures, then one for each
/// part, drums on channel 10.
struct MIDIWriter {
  private var bytes: [UInt8] = []

  /// The file's bytes.
  static func bytes(of score: Score) -> [UInt8] {
    var writer = MIDIWriter()
    writer.header(tracks: score.parts.count + 1)
    writer.track(conductor(score), length: score.length)
    var channel = 0
    for part in score.parts {
      let isDrums = part.instrument.program == nil
      writer.track(events(of: part, channel: isDrums ? 9 : channel), length: score.length)
      if !isDrums { channel = (channel + 1) % 16 == 9 ? 10 : (channel + 1) % 16 }
    }
    return writer.bytes
  }

  /// A message and its place among those of its tick.
  private struct Event {
    let tick: Int
    let order: Int
    let message: [UInt8]
  }

  private mutating func header(tracks: Int) {
    bytes += Array("MThd".utf8) + big(6, 4) + big(1, 2) + big(tracks, 2) + big(Score.ticksPerQuarter, 2)
  }

  private static func conductor(_ score: Score) -> [Event] {
    var events = [Event(tick: 0, order: 0, message: meta(0x03, Array(score.title.utf8.prefix(1000))))]
    for change in score.tempo.changes {
      events.append(Event(tick: change.tick, order: 1, message: meta(0x51, big(change.microseconds, 3))))
    }
    for change in score.meters {
      let unit = UInt8(change.meter.unit.trailingZeroBitCount)
      let clicks = UInt8(min(255, 96 / change.meter.unit * (change.meter.isCompound ? 3 : 1)))
      let message = meta(0x58, [UInt8(change.meter.beats), unit, clicks, 8])
      events.append(Event(tick: max(0, change.tick), order: 2, message: message))
    }
    if let key = score.key {
      let sharps = UInt8(bitPattern: Int8(key.sharps))
      events.append(Event(tick: 0, order: 3, message: meta(0x59, [sharps, key.mode == .minor ? 1 : 0])))
    }
    for section in score.sections {
      events.append(Event(tick: section.start, order: 4, message: meta(0x06, Array(section.name.utf8.prefix(100)))))
    }
    return events
  }

  private static func events(of part: Score.Part, channel: Int) -> [Event] {
    let name = part.role == .drums ? "drums" : "\(part.role.rawValue): \(part.instrument.name)"
    var events = [Event(tick: 0, order: 0, message: meta(0x03, Array(name.utf8)))]
    if let program = part.instrument.program {
      events.append(Event(tick: 0, order: 1, message: [0xC0 | UInt8(channel), UInt8(program)]))
    }
    for note in part.notes {
      let pitch = UInt8(note.pitch)
      events.append(
        Event(tick: note.start, order: 3, message: [0x90 | UInt8(channel), pitch, UInt8(note.velocity)]))
      events.append(Event(tick: note.end, order: 2, message: [0x80 | UInt8(channel), pitch, 0]))
    }
    return events
  }

  private mutating func track(_ events: [Event], length: Int) {
    // Stable, so that what is written first stays first.
    let ordered = events.enumerated().sorted {
      ($0.element.tick, $0.element.order, $0.offset) < ($1.element.tick, $1.element.order, $1.offset)
    }.map(\.element)
    var track: [UInt8] = []
    var now = 0
    for event in ordered {
      track += Self.variableLength(event.tick - now) + event.message
      now = event.tick
    }
    track += Self.variableLength(max(0, length - now)) + Self.meta(0x2F, [])
    bytes += Array("MTrk".utf8) + Self.big(track.count, 4) + track
  }

  private static func meta(_ kind: UInt8, _ data: [UInt8]) -> [UInt8] {
    [0xFF, kind] + variableLength(data.count) + data
  }

  /// Seven bits a byte, the highest bit set in all but the last.
  private static func variableLength(_ value: Int) -> [UInt8] {
    var bytes = [UInt8(value & 0x7F)]
    var rest = value >> 7
    while rest > 0 {
      bytes.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
      rest >>= 7
    }
    return bytes
  }

  private static func big(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  private func big(_ value: Int, _ count: Int) -> [UInt8] { Self.big(value, count) }
}

extension Score {
  /// The score as a Standard MIDI File.
  public var midi: [UInt8] { MIDIWriter.bytes(of: self) }
}
