/// A score's JSON form as it is read; `ScoreText` describes it. Seconds and symbols follow from the rest and are not read.
private struct ScoreDocument: Decodable {
  let format: String
  let version: JSONInteger
  let title: String?
  let ticksPerQuarter: JSONInteger
  let ticks: JSONInteger
  let firstBar: JSONInteger?
  let key: Key?
  let lead: String?
  let tempo: [[Double]]
  let meters: [[Double]]
  let sections: [Section]?
  let chords: [Span]?
  let parts: [Part]

  enum CodingKeys: String, CodingKey {
    case format, version, title, ticks, key, lead, tempo, meters, sections, chords, parts
    case ticksPerQuarter = "ticks_per_quarter"
    case firstBar = "first_bar"
  }

  struct Key: Decodable {
    let tonic: JSONInteger
    let scale: String
  }

  struct Section: Decodable {
    let name: String
    let tick: JSONInteger

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      name = try row.decode(String.self)
      tick = try row.decode(JSONInteger.self)
    }
  }

  struct Span: Decodable {
    let tick: JSONInteger
    let ticks: JSONInteger
    let root: JSONInteger?
    let quality: String?

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      tick = try row.decode(JSONInteger.self)
      ticks = try row.decode(JSONInteger.self)
      root = try row.decodeIfPresent(JSONInteger.self)
      quality = try row.decodeIfPresent(String.self)
    }
  }

  struct Part: Decodable {
    let role: String
    let instrument: String
    let notes: [[Double]]
  }
}

extension Score {
  /// Reads the JSON form.
  ///
  /// Throws an error of kind `model` that names the key path.
  init(json bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    let document = try JSONText(bytes, path: path).decode(ScoreDocument.self)
    let check = RangeCheck(path: path)
    try check.require(
      document.format == "unimoe-audio-score", "format", "\"unimoe-audio-score\"", quoted(document.format))
    _ = try check.integer(document.version, in: Score.version...Score.version, "version")
    _ = try check.integer(
      document.ticksPerQuarter, in: Score.ticksPerQuarter...Score.ticksPerQuarter, "ticks_per_quarter")
    let ticks = 0...MIDIFile.tickLimit
    length = try check.integer(document.ticks, in: 1...MIDIFile.tickLimit, "ticks")
    title = document.title ?? ""
    firstBar =
      try document.firstBar.map { (bar) throws(UniMoEError) in
        try check.integer(bar, in: 0...1_000_000, "first_bar")
      } ?? 0
    lead = try document.lead.map { (name) throws(UniMoEError) in try Self.instrument(name, "lead", check) }
    key = try document.key.map { (key) throws(UniMoEError) in
      guard let scale = MusicalKey.Scale(rawValue: key.scale) else {
        throw UniMoEError(.model, path, field: "key.scale", expected: "a scale", found: quoted(key.scale))
      }
      return MusicalKey(tonic: try check.integer(key.tonic, in: 0...11, "key.tonic"), scale: scale)
    }
    var changes: [TempoMap.Change] = []
    for (index, row) in document.tempo.enumerated() {
      let row = try Self.row(row, [ticks, 1...TempoMap.longestQuarter], "tempo[\(index)]", check)
      changes.append(TempoMap.Change(tick: row[0], microseconds: row[1]))
    }
    tempo = TempoMap(changes)
    try check.require(
      tempo.microseconds(at: length) <= Int(Brief.lengths.upperBound) * 1_000_000, "ticks",
      "at most \(Int(Brief.lengths.upperBound)) seconds", "\(tempo.microseconds(at: length) / 1_000_000)")
    meters = try Self.meters(document.meters, check)
    sections = []
    for (index, section) in (document.sections ?? []).enumerated() {
      let start = try check.integer(section.tick, in: ticks, "sections[\(index)][1]")
      sections.append(Section(name: section.name, start: start))
    }
    chords = []
    for (index, span) in (document.chords ?? []).enumerated() {
      chords.append(try Self.span(span, "chords[\(index)]", check))
    }
    parts = []
    for (index, part) in document.parts.enumerated() {
      parts.append(try Self.part(part, "parts[\(index)]", check, length: length))
    }
  }

  private static func instrument(
    _ name: String, _ field: String, _ check: RangeCheck
  ) throws(UniMoEError) -> Instrument {
    guard let instrument = Instrument.named(name) else {
      throw UniMoEError(
        .model, check.path, field: field,
        expected: "an instrument's name (unimoe-audio score --instruments lists them)",
        found: quoted(name))
    }
    return instrument
  }

  /// The first numbers of a row, in their ranges.
  private static func row(
    _ row: [Double], _ ranges: [ClosedRange<Int>], _ field: String, _ check: RangeCheck
  ) throws(UniMoEError) -> [Int] {
    try check.require(row.count >= ranges.count, field, "at least \(ranges.count) numbers", "\(row.count)")
    var numbers: [Int] = []
    for (index, range) in ranges.enumerated() {
      numbers.append(try check.whole(row[index], in: range, "\(field)[\(index)]"))
    }
    return numbers
  }

  private static func meters(_ rows: [[Double]], _ check: RangeCheck) throws(UniMoEError) -> [MeterChange] {
    var meters: [MeterChange] = []
    for (index, row) in rows.enumerated() {
      let field = "meters[\(index)]"
      let row = try Self.row(row, [-100_000...MIDIFile.tickLimit, 1...32, 1...32], field, check)
      guard let meter = Meter(beats: row[1], unit: row[2]) else {
        throw UniMoEError(
          .model, check.path, field: "\(field)[2]", expected: "1, 2, 4, 8, 16 or 32", found: "\(row[2])")
      }
      let isFit = index == 0 ? row[0] <= 0 && row[0] > -meter.ticks : row[0] > max(0, meters[index - 1].tick)
      try check.require(
        isFit, "\(field)[0]", index == 0 ? "0, or less by less than a bar" : "a later tick than before", "\(row[0])")
      meters.append(MeterChange(tick: row[0], meter: meter))
    }
    return meters.isEmpty ? [MeterChange(tick: 0, meter: .common)] : meters
  }

  private static func span(
    _ span: ScoreDocument.Span, _ field: String, _ check: RangeCheck
  ) throws(UniMoEError) -> ChordSpan {
    let start = try check.integer(span.tick, in: 0...MIDIFile.tickLimit, "\(field)[0]")
    let duration = try check.integer(span.ticks, in: 1...MIDIFile.tickLimit, "\(field)[1]")
    guard let root = span.root else { return ChordSpan(start: start, duration: duration, chord: nil) }
    guard let quality = Chord.Quality(rawValue: span.quality ?? "") else {
      throw UniMoEError(
        .model, check.path, field: "\(field)[3]", expected: "a kind of chord", found: quoted(span.quality ?? ""))
    }
    return ChordSpan(
      start: start, duration: duration,
      chord: Chord(root: try check.integer(root, in: 0...11, "\(field)[2]"), quality: quality))
  }

  private static func part(
    _ part: ScoreDocument.Part, _ field: String, _ check: RangeCheck, length: Int
  ) throws(UniMoEError) -> Part {
    guard let role = Role(rawValue: part.role) else {
      throw UniMoEError(
        .model, check.path, field: "\(field).role",
        expected: Role.allCases.map(\.rawValue).joined(separator: ", "), found: quoted(part.role))
    }
    let instrument = try instrument(part.instrument, "\(field).instrument", check)
    var notes: [Note] = []
    for (index, row) in part.notes.enumerated() {
      let name = "\(field).notes[\(index)]"
      let row = try Self.row(row, [0...length, 1...MIDIFile.tickLimit, 0...127, 1...127], name, check)
      try check.require(row[0] + row[1] <= length, name, "an end within \(length) ticks", "\(row[0] + row[1])")
      notes.append(Note(start: row[0], duration: row[1], pitch: row[2], velocity: row[3]))
    }
    notes.sort { ($0.start, $0.pitch, $0.duration) < ($1.start, $1.pitch, $1.duration) }
    return Part(role: role, instrument: instrument, notes: notes)
  }
}
