/// Writes captions of a piece that was composed, as people write them: in many wordings, most of what could be said left
/// out, in small letters or in sentences, with what is missing named now and then, and a typing error here and there.
///
/// Whatever a caption says is true of the piece, and the reader understands it.
public struct CaptionWriter {
  private let brief: Brief
  private var random: RandomStream

  /// Captions of a brief's piece, all different.
  public static func captions(of brief: Brief, count: Int) -> [String] {
    var writer = CaptionWriter(brief)
    var captions: [String] = []
    for _ in 0..<(8 * count) where captions.count < count {
      let caption = writer.caption()
      if !captions.contains(caption) { captions.append(caption) }
    }
    return captions
  }

  private init(_ brief: Brief) {
    self.brief = brief
    random = RandomStream(seed: brief.seed, stream: 8)
  }

  // MARK: Phrases; empty where nothing is said

  private mutating func maybe(_ percent: Int, _ phrase: (inout CaptionWriter) -> String) -> String {
    random.chance(percent) ? phrase(&self) : ""
  }

  private mutating func tempoWord() -> String {
    let fit = CaptionVocabulary.tempi.filter { $0.1.contains(brief.bpm) }.flatMap(\.0).filter { !$0.hasSuffix("ly") }
    let plain = fit.filter {
      ["slow", "fast", "quick", "moderate", "medium tempo", "mid-tempo", "uptempo"].contains($0)
    }
    if !plain.isEmpty, random.chance(65) { return random.choose(plain) }
    return fit.isEmpty ? "" : random.choose(fit)
  }

  private mutating func bpm() -> String {
    let number = "\(brief.bpm)"
    return random.choose([
      "\(number) bpm", "\(number) bpm", "\(number)bpm", "at \(number) bpm", "\(number) beats per minute",
      "tempo \(number)",
    ])
  }

  private mutating func mood() -> String {
    let fit = Mood.all.filter { mood in
      (mood.mode == nil || mood.mode == brief.key.mode) && (mood.tempi?.contains(brief.bpm) ?? true)
        && (mood.genres.isEmpty || mood.genres.contains(brief.genreName)) && (mood.energy == 0 || mood.tempi != nil)
    }
    guard brief.lead != .drums, !fit.isEmpty else { return "" }
    let mood = random.choose(fit)
    return random.choose([mood.name] + mood.words)
  }

  private mutating func key() -> String {
    guard brief.lead != .drums else { return "" }
    let mode = brief.key.mode.rawValue
    if random.chance(45) {
      return random.choose(["in a \(mode) key", "in \(mode)", "in a \(mode) key", "\(mode) key"])
    }
    let name = MusicalKey.tonics[brief.key.tonic]
    let symbol = name.replacing(" sharp", with: "#").replacing(" flat", with: "b")
    let short = brief.key.mode == .minor ? "\(symbol)m" : "\(symbol) major"
    let scale =
      brief.key.scale == brief.key.mode.plainScale ? mode : random.chance(50) ? brief.key.scale.rawValue : mode
    return "in " + random.choose(["\(name) \(scale)", "\(name) \(scale)", "\(symbol) \(scale)", short])
  }

  private mutating func genre() -> String {
    brief.genre.words.isEmpty ? "" : random.chance(60) ? brief.genre.words[0] : random.choose(brief.genre.words)
  }

  private mutating func name(_ instrument: Instrument) -> String {
    instrument.synonyms.isEmpty || random.chance(75) ? instrument.name : random.choose(instrument.synonyms)
  }

  private mutating func lead() -> String {
    let name = name(brief.lead)
    switch brief.leadStyle {
    case .melody: return random.chance(25) ? "\(name) melody" : name
    case .chords: return random.chance(60) ? "\(name) chords" : name
    case .arpeggio: return random.chance(60) ? "\(name) arpeggio" : name
    case .bassLine, .drums: return name
    }
  }

  /// The players behind the lead, some of them left out.
  private mutating func others() -> [String] {
    var names: [String] = []
    if let backing = brief.backing, backing != brief.lead, random.chance(75) { names.append(name(backing)) }
    if let bass = brief.bass, bass != brief.lead, bass != brief.backing, random.chance(65) {
      names.append(random.chance(70) ? name(bass) : "bass")
    }
    if brief.hasDrums, brief.lead != .drums, random.chance(75) {
      names.append(random.choose(["drums", "drums", "a drum beat", "percussion"]))
    }
    return names
  }

  /// What does not play.
  private mutating func absence() -> String {
    var missing: [String] = []
    if !brief.hasDrums { missing.append("drums") }
    if brief.bass == nil, brief.lead != .drums { missing.append("bass") }
    guard !missing.isEmpty else { return "" }
    if missing.count == 2, random.chance(35) {
      return random.choose(["no bass or drums", "without drums and bass", "no drums, no bass"])
    }
    let name = random.choose(missing)
    return random.choose(["no \(name)", "without \(name)", "without any \(name)"])
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }

  private mutating func company() -> String {
    let names = others()
    if !names.isEmpty { return "with \(Self.list(names))" }
    let isAlone = !brief.hasDrums && brief.bass == nil && (brief.backing == nil || brief.isOnePlayer)
    return isAlone && random.chance(40) ? random.choose(["solo", "alone", "solo"]) : maybe(35) { $0.absence() }
  }

  private mutating func meter() -> String {
    guard brief.meter != .common || random.chance(10) else { return "" }
    return "in \(brief.meter.beats)/\(brief.meter.unit)"
  }

  private mutating func length() -> String {
    guard random.chance(6), brief.hasEnding else { return "" }
    return "\(Int(brief.seconds.rounded())) seconds"
  }

  // MARK: Wordings

  private mutating func caption() -> String {
    if brief.leadStyle == .drums || brief.leadStyle == .bassLine { return finished(rhythm()) }
    let text =
      switch random.below(10) {
      case 0, 1: telegram()
      case 2: sentence()
      case 3: request()
      case 4: likeness()
      default: template()
      }
    return finished(text)
  }

  /// slow sad folk violin melody in C minor with guitar and drums, 90 bpm
  private mutating func template() -> String {
    let hasNumber = random.chance(55)
    let word = hasNumber ? maybe(40) { $0.tempoWord() } : maybe(80) { $0.tempoWord() }
    let number = hasNumber ? bpm() : ""
    let (mood, key) = (maybe(50) { $0.mood() }, maybe(50) { $0.key() })
    let (genre, lead, company, meter) = (maybe(75) { $0.genre() }, lead(), company(), maybe(60) { $0.meter() })
    let length = length()
    return random.choose([
      "\(word) \(mood) \(genre) \(lead) \(key) \(company), \(meter), \(number), \(length)",
      "\(Self.article("\(mood) \(genre)".trimmed.isEmpty ? "short" : "\(mood) \(genre)".trimmed)) piece \(key) for \(lead) \(company), \(word), \(number), \(meter)",
      "\(lead), \(word), \(mood) \(key), \(genre), \(company), \(number), \(length)",
      "\(mood) \(genre) music, \(lead) \(company), \(key), \(word), \(number), \(meter)",
      "\(genre) \(lead) \(company), \(mood), \(word), \(key), \(number), \(meter)",
    ])
  }

  /// lofi hip hop beat 90 bpm
  private mutating func telegram() -> String {
    let genre = genre()
    let lead = lead()
    let word = tempoWord()
    let mood = mood()
    return random.choose([
      "\(word) \(lead)", "\(mood) \(lead)", "\(genre) \(bpm())", "\(word) \(genre)", "\(mood) \(genre) \(bpm())",
      "\(lead) \(key())", "\(genre) \(lead)", "\(mood) \(genre) \(lead) \(bpm())", "\(word) \(genre) \(key()) \(bpm())",
      "\(genre), \(absence())", "\(lead), \(absence())", "\(genre) \(company())",
    ])
  }

  /// A slow, sad folk piece in A minor for violin with guitar and drums at 90 bpm.
  private mutating func sentence() -> String {
    let adjectives = [maybe(50) { $0.tempoWord() }, maybe(60) { $0.mood() }].filter { !$0.isEmpty }.joined(
      separator: ", ")
    let genre = maybe(70) { $0.genre() }
    let noun = random.choose(["piece", "tune", "song", "track"])
    let subject = Self.article("\(adjectives) \(genre) \(noun)".trimmed)
    let (key, company) = (maybe(45) { $0.key() }, company())
    let at = maybe(45) { "at \($0.brief.bpm) bpm" }
    return random.choose([
      "\(subject) \(key) for \(lead()) \(company) \(at).", "\(subject) \(at) \(key) with \(Self.article(lead())).",
      "\(subject) played by \(Self.article(name(brief.lead))) \(company) \(at).",
    ])
  }

  /// play something sad on the cello
  private mutating func request() -> String {
    let opening = random.choose([
      "play something", "give me something", "i want something", "something", "make something",
    ])
    let quality = [mood(), tempoWord()].filter { !$0.isEmpty }
    let word = quality.isEmpty ? "" : random.choose(quality)
    return random.choose([
      "\(opening) \(word) on the \(name(brief.lead))", "\(opening) \(word) with \(Self.list([lead()] + others()))",
      "\(opening) \(word), \(genre()), \(absence())",
      "can you make \(Self.article("\(word) \(genre())".trimmed)) track \(maybe(50) { $0.bpm() })",
    ])
  }

  /// like a music box
  private mutating func likeness() -> String {
    random.choose([
      "like \(Self.article(brief.lead.name))", "sounds like \(genre()), \(tempoWord())",
      "\(mood()) music for \(lead()) \(company())",
      "\(genre()) with \(lead()), \(mood()) and \(tempoWord())", "\(lead()) playing \(tempoWord()) \(genre()) \(key())",
    ])
  }

  /// fast rock drums with electric bass, 140 bpm
  private mutating func rhythm() -> String {
    let company = brief.leadStyle == .drums ? random.choose(["alone", "only", "solo", ""]) : "with \(name(brief.lead))"
    let (word, number) = (maybe(60) { $0.tempoWord() }, maybe(60) { $0.bpm() })
    let key = brief.leadStyle == .drums ? "" : maybe(45) { $0.key() }
    return random.choose([
      "\(word) \(genre()) drums \(company) \(key), \(number)",
      "\(genre()) drum beat \(company), \(word), \(key), \(number)",
      "\(word) \(genre()) \(brief.leadStyle == .drums ? "drums \(company)" : "drums and \(name(brief.lead))") \(number)",
    ])
  }

  // MARK: Finish

  private static func article(_ text: String) -> String {
    text.first.map { "aeiouAEIOU".contains($0) } ?? false ? "an \(text)" : "a \(text)"
  }

  /// Blanks and commas around what was left empty go; then small letters, a sentence, or a typing error.
  private mutating func finished(_ text: String) -> String {
    let end = text.hasSuffix(".") ? "." : ""
    let phrases = text.split(separator: ",").map { String($0.filter { $0 != "." }).trimmed }.filter { phrase in
      !phrase.isEmpty && !["for", "with", "with a", "and"].contains(phrase)
    }
    var result = phrases.joined(separator: ", ")
    result = result.replacing(" , ", with: ", ")
    if result.isEmpty { result = brief.lead.name }
    if random.chance(4) { result = mistyped(result) }
    if end == "." || random.chance(12) { return result.prefix(1).uppercased() + result.dropFirst() + end }
    return result
  }

  /// One long word with two letters in the wrong order, which the reader can mend.
  private mutating func mistyped(_ text: String) -> String {
    var words = text.split(separator: " ").map(String.init)
    let long = words.indices.filter { words[$0].count >= 6 && words[$0].allSatisfy(\.isLetter) }
    guard !long.isEmpty else { return text }
    let index = random.choose(long)
    var letters = Array(words[index])
    let place = random.number(in: 1...(letters.count - 3))
    letters.swapAt(place, place + 1)
    let wrong = String(letters)
    guard CaptionVocabulary.shared.corrected(wrong) == words[index] else { return text }
    words[index] = wrong
    return words.joined(separator: " ")
  }
}

extension String {
  /// Without blanks at the ends or several in a row.
  fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}

extension MusicalKey.Mode {
  /// The scale that a mode means where none is named.
  var plainScale: MusicalKey.Scale { self == .major ? .major : .minor }
}
