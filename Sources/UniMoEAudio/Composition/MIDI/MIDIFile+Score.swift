extension MIDIFile {
  /// The file's music with the voices that a plan holds, by these rules.
  ///
  /// - Drums are what is on channel 10.
  /// - Every other channel of a track is a voice. The melody is the voice that is named so (melody, lead, vocal, voice,
  ///   solo, right hand, soprano), else of those with at least an eighth of the busiest voice's notes the one that is
  ///   highest and plays the fewest notes at once. Of it the highest notes are the melody, the others are chords.
  /// - The bass is the voice named bass or played by a bass, else the lowest single-note voice below middle C.
  /// - What is left plays chords; the chord of each beat is the best match of all that sounds in it.
  ///
  /// Throws an error of kind `audio` if there is no note or it lasts longer than an hour.
  func score(path: String) throws(UniMoEError) -> Score {
    let events = tracks.flatMap(\.events)
    let tempo = TempoMap(
      events.compactMap { event in
        if case .tempo(let microseconds) = event.kind { return .init(tick: event.tick, microseconds: microseconds) }
        return nil
      })
    let reduction = MIDIReduction(voices: voices)
    guard let last = reduction.voices.flatMap(\.notes).map(\.end).max() else {
      throw UniMoEError(.audio, path, expected: "at least one note", found: "none")
    }
    let meters = Self.meters(events)
    let bar = meters[meters.count - 1].meter.ticks
    let end = tracks.map(\.end).max() ?? last
    let length = end > last && end <= last + 2 * bar ? end : last
    guard tempo.microseconds(at: length) <= Int(Brief.lengths.upperBound) * 1_000_000 else {
      throw UniMoEError(
        .audio, path, expected: "at most \(Int(Brief.lengths.upperBound)) seconds",
        found: "\(tempo.microseconds(at: length) / 1_000_000)")
    }
    let key = events.lazy.compactMap { event -> MusicalKey? in
      if case .key(let sharps, let isMinor) = event.kind { return MusicalKey(sharps: sharps, isMinor: isMinor) }
      return nil
    }.first
    let parts = reduction.parts()
    let pitched = parts.filter { $0.role != .drums }.flatMap(\.notes)
    let finder = ChordFinder(notes: pitched, meters: meters, length: length)
    return Score(
      title: title, tempo: tempo, meters: meters, firstBar: 0, key: pitched.isEmpty ? nil : key ?? finder.key,
      length: length, sections: [], chords: pitched.isEmpty ? [] : finder.spans, parts: parts,
      lead: parts.first { $0.role == .melody }?.instrument ?? parts.first?.instrument)
  }

  private var title: String {
    for event in tracks.first?.events ?? [] { if case .name(let name) = event.kind { return readable(name) } }
    return ""
  }

  /// The time signatures; a bar begins with each.
  private static func meters(_ events: [Event]) -> [Score.MeterChange] {
    var meters: [Score.MeterChange] = []
    for event in events.sorted(by: { $0.tick < $1.tick }) {
      guard case .meter(let meter) = event.kind, meters.last?.meter != meter else { continue }
      if meters.last?.tick == event.tick { meters.removeLast() }
      meters.append(Score.MeterChange(tick: event.tick, meter: meter))
    }
    if meters.first?.tick != 0 { meters.insert(Score.MeterChange(tick: 0, meter: .common), at: 0) }
    return meters
  }

  /// Each channel of each track.
  private var voices: [MIDIReduction.Voice] {
    var voices: [MIDIReduction.Voice] = []
    for track in tracks {
      var name = ""
      var channels: [Int: MIDIReduction.Voice] = [:]
      var open: [Int: [(tick: Int, velocity: Int)]] = [:]
      func close(_ channel: Int, _ pitch: Int, at tick: Int) {
        guard var started = open[channel * 128 + pitch], !started.isEmpty else { return }
        let first = started.removeFirst()
        open[channel * 128 + pitch] = started
        channels[channel, default: .init(channel: channel)].notes.append(
          Score.Note(start: first.tick, duration: max(1, tick - first.tick), pitch: pitch, velocity: first.velocity))
      }
      for event in track.events {
        switch event.kind {
        case .name(let text): name = text.lowercased()
        case .program(let channel, let program):
          channels[channel, default: .init(channel: channel)].programs.append(program)
        case .noteOn(let channel, let pitch, let velocity):
          open[channel * 128 + pitch, default: []].append((event.tick, velocity))
        case .noteOff(let channel, let pitch): close(channel, pitch, at: event.tick)
        default: break
        }
      }
      for (key, started) in open {
        for _ in started { close(key / 128, key % 128, at: track.end) }
      }
      for channel in channels.keys.sorted() {
        guard var voice = channels[channel], !voice.notes.isEmpty else { continue }
        voice.name = name
        voice.notes.sort { ($0.start, $0.pitch, $0.duration) < ($1.start, $1.pitch, $1.duration) }
        voices.append(voice)
      }
    }
    return voices
  }
}

extension Score {
  /// Reads a Standard MIDI File, or a score's JSON where it begins with a brace.
  ///
  /// Throws an error of kind `audio` or `model` that says what is wrong with it.
  public init(contentsOf path: String) throws(UniMoEError) {
    self = try SharedBytes(mapping: path).withBytes { (bytes) throws(UniMoEError) in
      try Score(bytes: bytes, name: path)
    }
  }

  /// Reads the same from memory; `name` is what errors call it.
  public init(bytes: UnsafeRawBufferPointer, name: String) throws(UniMoEError) {
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      self = try Score(json: bytes, path: name)
    } else {
      self = try MIDIFile(bytes, path: name).score(path: name)
    }
  }
}
