/// Reads captions of music: what people write, in any order, with a typing error now and then.
public struct CaptionReader {
  var words: CaptionWords
  var attributes = MusicAttributes()
  /// Words that were understood and what they were taken for, in order of the caption.
  private var notes: [(place: Int, words: String, meaning: String)] = []
  /// The instruments in the order in which they are named, with the word's place.
  var named: [(name: String, place: Int, style: MusicAttributes.Style?)] = []
  var moods: [String] = []
  var moodMode: MusicalKey.Mode?
  var moodTempi: ClosedRange<Int>?

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

  mutating func note(_ range: Range<Int>, _ meaning: String) {
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
