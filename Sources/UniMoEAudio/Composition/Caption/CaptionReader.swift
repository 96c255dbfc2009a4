/// Reads captions of music: what people write, in any order, with a typing error now and then.
public struct CaptionReader {
  private var words: CaptionWords
  private var attributes = MusicAttributes()
  /// Words that were understood and what they were taken for, in order of the caption.
  private var notes: [(place: Int, words: String, meaning: String)] = []
  /// The instruments in the order in which they are named, with the word's place.
  private var named: [(name: String, place: Int, style: MusicAttributes.Style?)] = []
  private var moods: [String] = []
  private var moodMode: MusicalKey.Mode?
  private var moodTempi: ClosedRange<Int>?

  /// What was understood, one phrase after the other.
  public struct Understanding: Equatable, Sendable {
    /// The words of the caption.
    public let words: String
    /// What they were taken for: "tempo: 90 bpm".
    public let meaning: String
  }

  /// The attributes of a caption.
  public static func attributes(of caption: String) -> MusicAttributes { read(caption).attributes }

  /// The attributes of a caption, and what each of its phrases was taken for.
  public static func read(_ caption: String) -> (attributes: MusicAttributes, understood: [Understanding]) {
    // A caption is a sentence or two; the rest of a book would not make it clearer.
    var reader = CaptionReader(String(caption.prefix(2000)))
    reader.run()
    let understood = reader.notes.sorted { $0.place < $1.place }.map {
      Understanding(words: $0.words, meaning: $0.meaning)
    }
    return (reader.attributes, understood)
  }

  private init(_ caption: String) { words = CaptionWords(caption) }

  private mutating func run() {
    correct()
    readMeters()
    readLengths()
    readTempi()
    readKeys()
    readPhrases()
    settle()
  }

  private mutating func note(_ range: Range<Int>, _ meaning: String) {
    words.use(range)
    notes.append((range.lowerBound, words.words[range].map(\.original).joined(separator: " "), meaning))
  }

  /// Mistyped words are read as what they stand for.
  private mutating func correct() {
    let known = CaptionVocabulary.shared
    let corrected = words.words.map { word -> CaptionWords.Word in
      guard let right = known.corrected(word.text) else { return word }
      return CaptionWords.Word(
        text: right, original: word.original, startsPhrase: word.startsPhrase, isJoined: word.isJoined)
    }
    words.replace(corrected)
  }

  // MARK: Numbers

  private mutating func readMeters() {
    for index in words.words.indices where words[index + 1] == "/" || words.isJoined(index + 1) {
      let hasSlash = words[index + 1] == "/"
      let next = hasSlash ? index + 2 : index + 1
      guard let beats = Int(words[index]), let unit = Int(words[next]), let meter = Meter(beats: beats, unit: unit),
        hasSlash || words[next + 1] == "time" || words[next + 1] == "meter" || words[next + 1] == "metre"
      else { continue }
      attributes.meter = meter
      note(index..<next + 1, "metre: \(beats)/\(unit)")
    }
  }

  private static let secondWords: Set<String> = ["s", "sec", "secs", "second", "seconds"]
  private static let minuteWords: Set<String> = ["min", "mins", "minute", "minutes"]

  private mutating func readLengths() {
    for index in words.words.indices where !words.isUsed[index] {
      if words[index].contains(":"), let length = Self.clock(words[index]) {
        setSeconds(length, index..<index + 1)
      } else if let (value, count) = words.number(at: index), !words.isUsed[index] {
        let unit = words[index + count]
        if Self.secondWords.contains(unit), !isDecade(index, value, unit) {
          setSeconds(value, index..<index + count + 1)
        } else if Self.minuteWords.contains(unit) {
          minutes(value, index, count + 1)
        } else if ["bar", "bars", "measure", "measures"].contains(unit), words[index + count + 1] != "blues",
          (1...1000).contains(value)
        {
          attributes.bars = Int(value)
          note(index..<index + count + 1, "length: \(Int(value)) bars")
        }
      } else if words.matches(["half", "a", "minute"], at: index) {
        setSeconds(30, index..<index + 3)
      } else if words.matches(["a", "minute"], at: index) || words.matches(["a", "min"], at: index) {
        minutes(1, index, 2)
      } else if words.matches(["a", "couple", "of", "minutes"], at: index) {
        setSeconds(120, index..<index + 4)
      }
    }
  }

  private mutating func minutes(_ value: Double, _ index: Int, _ count: Int) {
    var (seconds, end) = (value * 60, index + count)
    if words.matches(["and", "a", "half"], at: end) {
      (seconds, end) = (seconds + 30, end + 3)
    } else {
      let and = words[end] == "and" ? 1 : 0
      if let (more, count) = words.number(at: end + and), Self.secondWords.contains(words[end + and + count]) {
        (seconds, end) = (seconds + more, end + and + count + 1)
      }
    }
    setSeconds(seconds, index..<end)
  }

  private mutating func setSeconds(_ seconds: Double, _ range: Range<Int>) {
    guard seconds > 0, seconds <= Brief.lengths.upperBound else { return }
    attributes.seconds = seconds
    note(range, "length: \(seconds) s")
  }

  /// "80s rock" is rock of a decade; "60s of rock" is a minute of it.
  private func isDecade(_ index: Int, _ value: Double, _ unit: String) -> Bool {
    let next = index + 2
    guard unit == "s", value >= 50, value.truncatingRemainder(dividingBy: 10) == 0 || value >= 1900 else {
      return false
    }
    guard value < 1900, words.words.indices.contains(next) else { return value >= 1900 }
    return !words.words[next].startsPhrase
      && !["long", "of", "piece", "clip", "with", "in", "at"].contains(words[next])
  }

  private static func clock(_ text: String) -> Double? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, parts[1].count == 2, let minutes = Int(parts[0]), let seconds = Int(parts[1]), minutes < 60,
      seconds < 60
    else { return nil }
    return Double(60 * minutes + seconds)
  }

  private mutating func readTempi() {
    for index in words.words.indices where !words.isUsed[index] {
      guard let (value, count) = words.number(at: index), (20...400).contains(value) else { continue }
      var (bpm, end) = (value, index + count)
      // A range: its middle.
      let dash = words[end] == "to" ? 1 : 0
      if let (upper, more) = words.number(at: end + dash), words.isJoined(end) || dash == 1, upper > value,
        upper <= 400,
        tempoUnit(at: end + dash + more) > 0
      {
        (bpm, end) = ((value + upper) / 2, end + dash + more)
      }
      var start = index
      let unit = tempoUnit(at: end)
      let before = max(0, index - 1)
      let isLed =
        ["bpm", "tempo", "at", "around", "about", "mm", "speed", "=", "roughly", "circa"].contains(words[before])
        && index > 0
        || words[before] == "of" && words[before - 1] == "tempo"
      let next = words[end]
      let isOther =
        Self.secondWords.contains(next) || Self.minuteWords.contains(next)
        || ["bar", "bars", "/", "%", "s"].contains(next)
      let standsAlone =
        (words.startsPhrase(index) || end == words.words.count && attributes.bpm == nil) && words.startsPhrase(end)
        && (40...220).contains(bpm) && words.words.count > 1
      guard unit > 0 || (isLed && !isOther || standsAlone) && (30...300).contains(bpm) else { continue }
      end += unit
      while start > 0,
        ["bpm", "tempo", "at", "around", "about", "of", "=", "mm", "a", "is", "roughly", "circa"].contains(
          words[start - 1]),
        !words.isUsed[start - 1], !words.startsPhrase(start)
      { start -= 1 }
      attributes.bpm = Int(bpm.rounded())
      note(start..<end, "tempo: \(Int(bpm.rounded())) bpm")
    }
  }

  /// How many words of "beats per minute" stand at an index.
  private func tempoUnit(at index: Int) -> Int {
    if words[index] == "bpm" || words[index] == "bpms" { return 1 }
    if words[index] == "b", words[index + 1] == "p", words[index + 2] == "m" { return 3 }
    guard words[index] == "beats" || words[index] == "quarter" else { return 0 }
    let per = words[index] == "quarter" ? index + 2 : index + 1
    if ["per", "a", "in", "/", "each"].contains(words[per]),
      Self.minuteWords.contains(words[per + 1])
        || words[per + 1] == "a" && Self.minuteWords.contains(words[per + 2])
    {
      return per + 2 - index
    }
    return 0
  }

  // MARK: Key

  private static let letters: [Character: Int] = ["c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11]
  private static let modes: [String: MusicalKey.Scale] = [
    "major": .major, "maj": .major, "minor": .minor, "min": .minor, "m": .minor, "dorian": .dorian,
    "mixolydian": .mixolydian, "lydian": .lydian, "phrygian": .phrygian, "aeolian": .minor, "ionian": .major,
  ]
  /// Words before which "a minor" is no key but an article.
  private static let afterKey: Set<String> = [
    "", "with", "for", "at", "and", "on", "by", "played", "without", "no", "of", "in", "but", "please", "from", "as",
    "over",
    "using", "featuring", "solo", "/",
  ]

  private mutating func readKeys() {
    for index in words.words.indices where !words.isUsed[index] {
      guard let (tonic, scale, count) = key(at: index) else { continue }
      var start = index
      while start > 0, ["in", "key", "of", "the", "=", "scale"].contains(words[start - 1]), !words.isUsed[start - 1] {
        start -= 1
      }
      attributes.tonic = tonic
      var meaning = "key: \(MusicalKey.tonics[tonic])"
      if let scale {
        attributes.mode = scale.mode
        if scale != .major, scale != .minor { attributes.scale = scale }
        meaning += " \(scale.rawValue)"
      }
      let end = words[index + count] == "key" ? index + count + 1 : index + count
      note(start..<end, meaning)
      return
    }
    for index in words.words.indices where !words.isUsed[index] {
      if let scale = Self.modes[words[index]], scale != .major, scale != .minor {
        (attributes.scale, attributes.mode) = (scale, scale.mode)
        note(index..<index + 1, "mode: \(scale.rawValue)")
      }
    }
  }

  /// A key that is named at an index: its tonic, its scale if it is said, and how many words it takes.
  private func key(at index: Int) -> (tonic: Int, scale: MusicalKey.Scale?, count: Int)? {
    let word = words[index]
    guard let first = word.first, let letter = Self.letters[first], word.count <= 8 else { return nil }
    var (tonic, count, suffix) = (letter, 1, word.dropFirst())
    if let sign = suffix.first, sign == "#" || sign == "b" && suffix.count != 1 || sign == "b" && suffix.count == 1 {
      tonic += sign == "#" ? 1 : -1
      suffix = suffix.dropFirst()
    }
    let isLed = ["in", "of", "key"].contains(words[index - 1]) || words[index - 1] == "=" && words[index - 2] == "key"
    let isCapital = words.words[index].original.first?.isUppercase ?? false
    if !suffix.isEmpty {
      // "Am", "F#min": "am" and "em" are words, too.
      guard let scale = Self.modes[String(suffix)], isCapital || isLed || suffix.count > 1 && word.count > 3 else {
        return nil
      }
      return ((tonic + 12) % 12, scale, 1)
    }
    let accidental = words[index + 1]
    if word.count == 1, accidental == "sharp" || accidental == "flat" || accidental == "#" {
      tonic += accidental == "flat" ? -1 : 1
      count = 2
    }
    let isPlain = count == 1 && word.count == 1
    if let scale = Self.modes[words[index + count]], !words.startsPhrase(index + count),
      words[index + count] != "m" || !isPlain
    {
      let after = words.startsPhrase(index + count + 1) ? "" : words[index + count + 1]
      let isArticle =
        isPlain && first == "a" && !(isCapital && index > 0 && !words.startsPhrase(index))
        && !Self.afterKey.contains(after)
      return isArticle ? nil : ((tonic + 12) % 12, scale, count + 1)
    }
    // "B flat" may stand alone.
    if !isPlain, words.startsPhrase(index), words.startsPhrase(index + count) { return ((tonic + 12) % 12, nil, count) }
    guard isLed, !(isPlain && first == "a" && !isCapital) else { return nil }
    let after = words.startsPhrase(index + count) ? "" : words[index + count]
    return isPlain && !isCapital && !Self.afterKey.contains(after) ? nil : ((tonic + 12) % 12, nil, count)
  }

  // MARK: Phrases

  private static let negations: Set<String> = [
    "no", "without", "sans", "minus", "not", "excluding", "except", "skip", "zero", "never",
  ]
  private static let alone: Set<String> = [
    "solo", "alone", "only", "just", "unaccompanied", "lone", "single", "soloist", "solitary",
  ]

  private mutating func readPhrases() {
    var index = 0
    var isNegated = false
    var negation = 0
    while index < words.words.count {
      if words.startsPhrase(index) { isNegated = false }
      if words.isUsed[index] {
        index += 1
        continue
      }
      if let phrase = CaptionVocabulary.shared.phrase(in: words, at: index), !isHouse(index, phrase) {
        let range = index..<index + phrase.words.count
        take(phrase.meaning, range, isNegated: isNegated, since: negation)
        index = range.upperBound
        continue
      }
      let word = words[index]
      if Self.negations.contains(word) || word == "w" && words[index + 1] == "/" && words[index + 2] == "o"
        || word == "don't" || word == "dont"
      {
        (isNegated, negation) = (true, index)
        words.use(index..<min(words.words.count, word == "w" ? index + 3 : index + 1))
        index += word == "w" ? 3 : 1
        continue
      }
      if word == "drumless" || word == "bassless" {
        let name = word == "drumless" ? "drums" : "bass"
        attributes.without.append(name)
        note(index..<index + 1, "without \(name)")
      } else if Self.alone.contains(word) {
        attributes.isSolo = attributes.isSolo || !isSoloInside(index)
        note(index..<index + 1, "one instrument alone")
      } else if ["with", "but", "featuring", "plus"].contains(word) {
        isNegated = false
        words.use(index..<index + 1)
      } else if Self.fillers.contains(word)
        || word.count == 1 && !(word.first?.isNumber ?? false) && !words.isJoined(index)
      {
        words.use(index..<index + 1)
      } else if isNegated, !["any", "the", "and", "or", "nor", "use", "want", "of"].contains(word) {
        isNegated = false
      }
      index += 1
    }
  }

  /// "with a guitar solo" asks for a band.
  private func isSoloInside(_ index: Int) -> Bool {
    guard words[index] == "solo" || words[index] == "soloist" else { return false }
    let start = (0..<index).reversed().first { words.startsPhrase($0) } ?? 0
    return (start..<index).contains { words[$0] == "with" || words[$0] == "plus" || words[$0] == "featuring" }
  }

  /// "a haunted house" is no music.
  private func isHouse(_ index: Int, _ phrase: CaptionVocabulary.Phrase) -> Bool {
    phrase.words == ["house"]
      && ["a", "the", "haunted", "my", "old", "our", "your", "empty"].contains(words[index - 1])
  }

  private mutating func take(
    _ meaning: CaptionVocabulary.Meaning, _ range: Range<Int>, isNegated: Bool, since negation: Int
  ) {
    if isNegated {
      if case .instrument(let name) = meaning {
        if !attributes.without.contains(name) { attributes.without.append(name) }
        note(range, "without \(name)")
      } else if case .style(.chords) = meaning {
        attributes.without.append("chords")
        note(range, "without chords")
      } else {
        note(range, "not wanted")
      }
      return
    }
    switch meaning {
    case .instrument(let name):
      if !named.contains(where: { $0.name == name }) { named.append((name, range.lowerBound, nil)) }
      note(range, "instrument: \(name)")
    case .genre(let name, let style):
      if attributes.genre == nil || attributes.genre == name && attributes.style == nil {
        (attributes.genre, attributes.style) = (name, style ?? attributes.style)
      }
      note(range, "genre: \(name)" + (style.map { ", \($0)" } ?? ""))
    case .mood(let name):
      take(mood: name, range)
    case .tempo(let tempi, let bpm):
      if attributes.tempi == nil { attributes.tempi = tempi }
      if attributes.bpm == nil { attributes.bpm = bpm }
      note(range, "tempo: about \(bpm) bpm")
    case .style(let style):
      take(style: style, range)
    case .form(let form):
      attributes.form = form.rawValue
      note(range, "form: \(form.rawValue)")
    case .feel(let isSwung):
      attributes.isSwung = isSwung
      note(range, isSwung ? "swung" : "straight")
    case .tempoChange(let change):
      attributes.tempoChange = change
      note(range, "tempo: \(change.rawValue) on the way")
    case .meter(let meter):
      if attributes.meter == nil { attributes.meter = meter }
      note(range, "metre: \(meter.beats)/\(meter.unit)")
    case .mode(let mode):
      if attributes.mode == nil { attributes.mode = mode }
      note(range, "mode: \(mode.rawValue)")
    case .nothing:
      words.use(range)
    }
  }

  private mutating func take(mood name: String, _ range: Range<Int>) {
    guard let mood = Mood.named(name) else { return }
    moods.append(name)
    if moodMode == nil { moodMode = mood.mode }
    if moodTempi == nil { moodTempi = mood.tempi }
    note(range, "mood: \(name)")
  }

  /// The style of the instrument beside it: "piano chords", "a melody on the flute".
  private mutating func take(style: MusicAttributes.Style, _ range: Range<Int>) {
    note(range, "plays: \(style.rawValue)")
    if style == .bassLine {
      if !named.contains(where: { $0.name.hasSuffix("bass") }) { named.append(("bass", range.lowerBound, nil)) }
      return
    }
    if let last = named.indices.last, range.lowerBound - named[last].place <= 3, named[last].style == nil {
      named[last].style = style
    } else if style != .melody, attributes.leadStyle == nil {
      attributes.leadStyle = style
    }
  }

  private static let fillers: Set<String> = [
    "a", "an", "the", "piece", "music", "song", "track", "in", "of", "for", "with", "and", "on", "at", "style", "like",
    "please",
    "me", "some", "something", "make", "play", "give", "i", "want", "need", "to", "that", "is", "it", "sounds", "sound",
    "sounding",
    "by", "from", "as", "or", "nor", "key", "beat", "played", "playing", "plays", "feel", "feeling", "vibe", "vibes",
    "mood", "tempo",
    "short", "little", "bit", "very", "really", "quite", "kind", "sort", "type", "instrumental", "background", "bpm",
    "long",
    "time", "instrument", "instruments", "instrumentation", "over", "under", "clip", "loop", "riff", "number", "any",
    "use",
    "let's", "have", "be", "should", "would", "this", "compose", "write", "create", "generate", "using", "style",
    "minute", "&", "/",
    "=", "+", "but", "so", "my", "its", "it's", "i'd", "can", "you", "get", "got", "lot", "lots", "plenty", "about",
    "around",
    "section", "accompaniment", "accompanied", "featuring", "performed", "form", "plus", "also", "then", "too", "more",
    "less", "own",
  ]

  // MARK: The whole

  private mutating func settle() {
    orderInstruments()
    attributes.moods = moods
    if attributes.mode == nil { attributes.mode = attributes.scale?.mode ?? moodMode }
    if attributes.tempi == nil, attributes.bpm == nil, let tempi = moodTempi {
      attributes.tempi = tempi
      // Some moods are said for the tempo as much as for the mood.
      if moods.contains("calm") || moods.contains("energetic") {
        attributes.bpm = moods.contains("energetic") ? 140 : 70
      }
    }
    if attributes.bpm != nil,
      notes.contains(where: {
        $0.meaning.hasPrefix("tempo: ") && $0.meaning.hasSuffix("bpm") && !$0.meaning.contains("about")
      })
    {
      attributes.tempi = nil
    }
    if attributes.meter == nil, let genre = attributes.genre {
      let styles = Genre.styles(of: attributes.style ?? genre)
      // Of genres that are in three by their nature the metre is said.
      if genre == "waltz" || attributes.style == "jig" { attributes.meter = styles.first?.meter }
    }
    attributes.rest = words.words.indices.filter { !words.isUsed[$0] }.map { words.words[$0].original }.joined(
      separator: " ")
  }

  /// Who plays the melody comes first; who plays chords under it does not lead.
  private mutating func orderInstruments() {
    var order = named
    if let lead = order.firstIndex(where: { $0.style == .melody }), lead > 0 {
      order.insert(order.remove(at: lead), at: 0)
    }
    let melodic = order.filter { Instrument.named($0.name)?.roles.contains(.melody) ?? false }
    if let first = order.first, let style = first.style, style != .melody {
      if let other = melodic.first(where: { $0.name != first.name && $0.style == nil || $0.style == .melody }),
        let place = order.firstIndex(where: { $0.name == other.name })
      {
        order.insert(order.remove(at: place), at: 0)
      } else {
        attributes.leadStyle = style
      }
    } else if let first = order.first, first.style == .melody {
      attributes.leadStyle = .melody
    }
    attributes.instruments = order.map(\.name).filter { !attributes.without.contains($0) }
    if attributes.instruments.contains(where: { $0 != "bass" && $0.hasSuffix("bass") }) {
      attributes.instruments.removeAll { $0 == "bass" }
    }
    if attributes.instruments == ["drums"], attributes.isSolo { attributes.leadStyle = .drums }
    let pitched = attributes.instruments.filter { $0 != "drums" }
    if !pitched.isEmpty, pitched.allSatisfy({ $0 == "bass" || Instrument.named($0)?.roles == .bass }),
      attributes.isSolo,
      attributes.instruments.contains("drums")
    {
      attributes.leadStyle = .bassLine
    }
  }
}

extension CaptionWords {
  mutating func replace(_ words: [Word]) { self = CaptionWords(words: words) }

  private init(words: [Word]) {
    self.words = words
    isUsed = Array(repeating: false, count: words.count)
  }

  func isJoined(_ index: Int) -> Bool { words.indices.contains(index) && words[index].isJoined }

  /// Whether a comma or the like comes before a word; so does the end.
  func startsPhrase(_ index: Int) -> Bool { !words.indices.contains(index) || words[index].startsPhrase }
}
