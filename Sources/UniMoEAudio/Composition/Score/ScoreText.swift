/// Writes a score as JSON, version 1, on one line:
///
/// ```
/// {"format": "unimoe-audio-score", "version": 1, "title": …, "ticks_per_quarter": 480, "ticks": length,
///  "seconds": length, "first_bar": number of the bar at tick 0, "key": {"tonic": 0…11, "scale": …, "name": …} or null,
///  "lead": instrument or null, "tempo": [[tick, microseconds a quarter note, bpm, seconds], …],
///  "meters": [[tick, beats, unit], …], "sections": [[name, tick], …],
///  "chords": [[tick, ticks, pitch class of the root or null, quality, symbol], …],
///  "parts": [{"role": …, "instrument": …, "program": 0…127 or null,
///             "notes": [[tick, ticks, pitch, velocity, seconds, seconds held], …]}, …]}
/// ```
///
/// Written by hand, since training asks for tens of thousands of pieces at once.
struct ScoreText {
  private(set) var text = ""

  /// The members of a score's object, without its braces.
  static func members(of score: Score) -> String {
    var writer = ScoreText()
    writer.write(score)
    return writer.text
  }

  private mutating func write(_ score: Score) {
    text.reserveCapacity(200 + 48 * score.parts.reduce(0) { $0 + $1.notes.count })
    text += "\"format\":\"unimoe-audio-score\",\"version\":\(Score.version),\"title\":\(UniMoEAudio.json(score.title)),"
    text += "\"ticks_per_quarter\":\(Score.ticksPerQuarter),\"ticks\":\(score.length),"
    text += "\"seconds\":\(Self.seconds(score.microseconds)),\"first_bar\":\(score.firstBar),"
    let key = score.key.map {
      "{\"tonic\":\($0.tonic),\"scale\":\"\($0.scale.rawValue)\",\"name\":\"\($0.name)\"}"
    }
    text += "\"key\":\(key ?? "null"),\"lead\":\(score.lead.map { UniMoEAudio.json($0.name) } ?? "null"),"
    list("tempo", score.tempo.changes) { change in
      let bpm = (6_000_000_000 + change.microseconds / 2) / change.microseconds
      return "[\(change.tick),\(change.microseconds),\(bpm / 100).\(Self.padded(bpm % 100, 2)),"
        + "\(Self.seconds(score.tempo.microseconds(at: change.tick)))]"
    }
    list("meters", score.meters) { "[\($0.tick),\($0.meter.beats),\($0.meter.unit)]" }
    list("sections", score.sections) { "[\(UniMoEAudio.json($0.name)),\($0.start)]" }
    list("chords", score.chords) { span in
      let chord = span.chord.map { "\($0.root),\"\($0.quality.rawValue)\",\"\($0.symbol)\"" } ?? "null,null,null"
      return "[\(span.start),\(span.duration),\(chord)]"
    }
    text += "\"parts\":["
    for (index, part) in score.parts.enumerated() {
      text += index > 0 ? ",{" : "{"
      text += "\"role\":\"\(part.role.rawValue)\",\"instrument\":\(UniMoEAudio.json(part.instrument.name)),"
      text += "\"program\":\(part.instrument.program.map(String.init) ?? "null"),\"notes\":["
      for (index, note) in part.notes.enumerated() {
        let start = score.tempo.microseconds(at: note.start)
        let held = score.tempo.microseconds(at: note.end) - start
        text += index > 0 ? ",[" : "["
        text += "\(note.start),\(note.duration),\(note.pitch),\(note.velocity),"
        text += Self.seconds(start)
        text += ","
        text += Self.seconds(held)
        text += "]"
      }
      text += "]}"
    }
    text += "]"
  }

  private mutating func list<Item>(_ name: String, _ items: [Item], item: (Item) -> String) {
    text += "\"\(name)\":[\(items.map(item).joined(separator: ","))],"
  }

  /// Seconds with four decimals, of microseconds rounded to the nearest.
  static func seconds(_ microseconds: Int) -> String {
    let tenths = (microseconds + 50) / 100
    return "\(tenths / 10_000).\(padded(tenths % 10_000, 4))"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Score {
  /// The version of the JSON form.
  public static let version = 1

  /// The score as JSON on one line; the reader is `Score.init(json:path:)`.
  public var json: String { "{" + ScoreText.members(of: self) + "}" }
}
