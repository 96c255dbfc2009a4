/// A Standard MIDI File of format 0 or 1, as far as its music is concerned: notes, programs, tempi, signatures, names.
struct MIDIFile {
  /// What happens.
  enum Kind: Equatable {
    case noteOn(channel: Int, pitch: Int, velocity: Int)
    case noteOff(channel: Int, pitch: Int)
    case program(channel: Int, program: Int)
    case name(String)
    case tempo(microseconds: Int)
    case meter(Meter)
    case key(sharps: Int, isMinor: Bool)
  }

  /// Something that happens at a tick, 480 of which are a quarter note whatever the file counts.
  struct Event: Equatable {
    let tick: Int
    let kind: Kind
  }

  /// Events in order of time, and when the track ends.
  struct Track: Equatable {
    var events: [Event] = []
    var end = 0
  }

  /// The largest file, in bytes.
  static let sizeLimit = 16 << 20
  /// The most notes and other events.
  static let eventLimit = 1_000_000
  /// The longest file, in ticks: some five hours at 120 quarter notes a minute.
  static let tickLimit = 1 << 24

  let tracks: [Track]

  /// Reads a file.
  ///
  /// Throws an error of kind `audio` that names the byte where it is broken, or what about it is not supported.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    var parser = MIDIParser(bytes: bytes, path: path)
    tracks = try parser.file()
  }
}

/// Reads the bytes of a MIDI file, each with a look at what is left.
private struct MIDIParser {
  let bytes: UnsafeRawBufferPointer
  let path: String
  private var position = 0
  private var ticksPerQuarter = 1
  private var events = 0

  init(bytes: UnsafeRawBufferPointer, path: String) { (self.bytes, self.path) = (bytes, path) }

  private func broken(_ problem: String, at place: Int? = nil) -> UniMoEError {
    UniMoEError(.audio, path, field: "byte \(place ?? position)", problem)
  }

  // MARK: Chunks

  mutating func file() throws(UniMoEError) -> [MIDIFile.Track] {
    guard bytes.count <= MIDIFile.sizeLimit else {
      throw UniMoEError(.audio, path, expected: "at most \(MIDIFile.sizeLimit) bytes of MIDI", found: "\(bytes.count)")
    }
    guard bytes.count >= 14, tag(at: 0) == "MThd" else {
      throw UniMoEError(.audio, path, expected: "a Standard MIDI File, which begins with MThd", found: "other bytes")
    }
    position = 4
    let length = try number(4)
    guard length >= 6, length <= bytes.count - 8 else {
      throw broken("expected a header of at least 6 bytes within the file, found \(length)", at: 4)
    }
    let (format, count, division) = (try number(2), try number(2), try number(2))
    guard format < 2 else {
      throw UniMoEError(.audio, path, field: "format", expected: "0 or 1", found: "\(format)")
    }
    guard division & 0x8000 == 0 else {
      throw UniMoEError(
        .audio, path, field: "division", expected: "ticks in a quarter note", found: "SMPTE frames, which are not read")
    }
    guard division > 0 else {
      throw UniMoEError(.audio, path, field: "division", expected: "at least 1 tick in a quarter note", found: "0")
    }
    ticksPerQuarter = division
    position = 8 + length
    var tracks: [MIDIFile.Track] = []
    while tracks.count < count, position < bytes.count {
      guard bytes.count - position >= 8 else { throw broken("a chunk that ends too early") }
      let isTrack = tag(at: position) == "MTrk"
      position += 4
      let length = try number(4)
      guard length <= bytes.count - position else {
        throw broken("expected a chunk of \(length) bytes, found \(bytes.count - position)")
      }
      let end = position + length
      if isTrack { tracks.append(try track(to: end)) }
      position = end
    }
    guard tracks.count == count else {
      throw UniMoEError(.audio, path, field: "tracks", expected: "\(count)", found: "\(tracks.count)")
    }
    return tracks
  }

  private func tag(at place: Int) -> String { String(decoding: bytes[place..<place + 4], as: UTF8.self) }

  private mutating func number(_ count: Int) throws(UniMoEError) -> Int {
    guard bytes.count - position >= count else { throw broken("ends too early") }
    defer { position += count }
    return bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
  }

  // MARK: Events

  private mutating func track(to end: Int) throws(UniMoEError) -> MIDIFile.Track {
    var track = MIDIFile.Track()
    var (ticks, status) = (0, 0)
    while position < end {
      ticks += try variable(to: end)
      let tick = ticks * Score.ticksPerQuarter / ticksPerQuarter
      guard tick <= MIDIFile.tickLimit else {
        throw broken("expected at most \(MIDIFile.tickLimit / Score.ticksPerQuarter) quarter notes, found more")
      }
      track.end = tick
      events += 1
      guard events <= MIDIFile.eventLimit else {
        throw broken("expected at most \(MIDIFile.eventLimit) events, found more")
      }
      guard position < end else { throw broken("an event that ends too early") }
      let byte = Int(bytes[position])
      if byte == 0xFF {
        position += 1
        status = 0
        guard let kind = try meta(to: end) else { continue }
        if case .end = kind { break }
        if case .event(let kind) = kind { track.events.append(MIDIFile.Event(tick: tick, kind: kind)) }
      } else if byte == 0xF0 || byte == 0xF7 {
        position += 1
        status = 0
        let length = try variable(to: end)
        guard length <= end - position else { throw broken("a system message that ends too early") }
        position += length
      } else {
        if byte >= 0x80 {
          guard byte < 0xF0 else {
            throw broken("expected an event of a file, found the message 0x\(String(byte, radix: 16))")
          }
          status = byte
          position += 1
        }
        guard status >= 0x80 else { throw broken("a running status without a status before it") }
        if let kind = try message(status, to: end) { track.events.append(MIDIFile.Event(tick: tick, kind: kind)) }
      }
    }
    return track
  }

  /// A variable-length quantity of at most four bytes.
  private mutating func variable(to end: Int) throws(UniMoEError) -> Int {
    var value = 0
    for _ in 0..<4 {
      guard position < end else { throw broken("a length that ends too early") }
      let byte = Int(bytes[position])
      position += 1
      value = value << 7 | byte & 0x7F
      if byte < 0x80 { return value }
    }
    throw broken("a length of more than four bytes")
  }

  private mutating func message(_ status: Int, to end: Int) throws(UniMoEError) -> MIDIFile.Kind? {
    let channel = status & 0x0F
    let count = status & 0xF0 == 0xC0 || status & 0xF0 == 0xD0 ? 1 : 2
    guard end - position >= count else { throw broken("a message that ends too early") }
    let (first, second) = (Int(bytes[position]), count == 2 ? Int(bytes[position + 1]) : 0)
    guard first < 0x80, second < 0x80 else {
      throw broken("expected a message's data below 128, found \(max(first, second))")
    }
    position += count
    switch status & 0xF0 {
    case 0x80: return .noteOff(channel: channel, pitch: first)
    case 0x90 where second == 0: return .noteOff(channel: channel, pitch: first)
    case 0x90: return .noteOn(channel: channel, pitch: first, velocity: second)
    case 0xC0: return .program(channel: channel, program: first)
    default: return nil
    }
  }

  private enum Meta {
    case event(MIDIFile.Kind)
    case end
  }

  private mutating func meta(to end: Int) throws(UniMoEError) -> Meta? {
    guard position < end else { throw broken("an event that ends too early") }
    let kind = bytes[position]
    position += 1
    let length = try variable(to: end)
    guard length <= end - position else { throw broken("an event that ends too early") }
    let data = bytes[position..<position + length]
    let start = position
    position += length
    func byte(_ index: Int) -> Int { Int(bytes[start + index]) }
    switch kind {
    case 0x2F: return .end
    case 0x03: return .event(.name(String(decoding: data.prefix(200), as: UTF8.self)))
    case 0x51 where length == 3:
      let microseconds = byte(0) << 16 | byte(1) << 8 | byte(2)
      guard microseconds > 0 else { throw broken("expected a tempo above 0, found 0", at: start) }
      return .event(.tempo(microseconds: microseconds))
    case 0x58 where length >= 2:
      guard byte(1) < 6, let meter = Meter(beats: byte(0), unit: 1 << byte(1)) else {
        throw broken("expected a time signature of 1 to 32 notes, found \(byte(0)) / 2^\(byte(1))", at: start)
      }
      return .event(.meter(meter))
    case 0x59 where length >= 2:
      return .event(.key(sharps: Int(Int8(bitPattern: UInt8(byte(0)))), isMinor: byte(1) == 1))
    default: return nil
    }
  }
}
