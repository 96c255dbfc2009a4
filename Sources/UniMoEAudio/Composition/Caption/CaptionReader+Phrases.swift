/// Instruments, genres, moods and what else has a name, wanted or not.
extension CaptionReader {
  private static let negations: Set<String> = [
    "no", "without", "sans", "minus", "not", "excluding", "except", "skip", "zero", "never",
  ]
  private static let alone: Set<String> = [
    "solo", "alone", "only", "just", "unaccompanied", "lone", "single", "soloist", "solitary",
  ]

  mutating func readPhrases() {
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
}
