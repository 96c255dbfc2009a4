/// The words that captions use, and what they mean.
struct CaptionVocabulary: Sendable {
  /// What a phrase means.
  enum Meaning: Equatable, Sendable {
    case instrument(String)
    case genre(name: String, style: String?)
    case mood(String)
    case tempo(ClosedRange<Int>, bpm: Int)
    case style(MusicAttributes.Style)
    case form(Genre.Form)
    case feel(isSwung: Bool)
    case tempoChange(MusicAttributes.TempoChange)
    case meter(Meter)
    case mode(MusicalKey.Mode)
    /// Says nothing that a piece could follow, such as singing.
    case nothing
  }

  /// A phrase in the words of captions.
  struct Phrase: Sendable {
    let words: [String]
    let meaning: Meaning
  }

  /// All phrases by their first word, longest first.
  private let phrases: [String: [Phrase]]
  /// Long single words, which a typing error may hide, by their length.
  private let long: [Int: [String]]

  static let shared = CaptionVocabulary()

  private init() {
    var all: [Phrase] = []
    func add(_ text: String, _ meaning: Meaning) {
      all.append(Phrase(words: CaptionWords(text).words.map(\.text), meaning: meaning))
    }
    for instrument in Instrument.all {
      for name in [instrument.name] + instrument.synonyms {
        add(name, .instrument(instrument.name))
        if !name.hasSuffix("s"), !name.hasSuffix("ed") { add(name + "s", .instrument(instrument.name)) }
      }
    }
    for genre in Genre.all {
      for word in genre.words {
        add(word, .genre(name: genre.name, style: genre.style == genre.name ? nil : genre.style))
      }
    }
    for mood in Mood.all { for word in [mood.name] + mood.words { add(word, .mood(mood.name)) } }
    for (words, range, bpm) in Self.tempi { for word in words { add(word, .tempo(range, bpm: bpm)) } }
    for (words, meaning) in Self.others { for word in words { add(word, meaning) } }
    // Of two meanings of the same words the first holds.
    var seen: Set<[String]> = []
    all = all.filter { seen.insert($0.words).inserted }
    phrases = Dictionary(grouping: all) { $0.words[0] }.mapValues { $0.sorted { $0.words.count > $1.words.count } }
    long = Dictionary(
      grouping: Set(all.flatMap(\.words)).union(Self.units).filter { $0.count >= 5 }.sorted(), by: \.count)
  }

  /// The longest phrase that begins with a word of a caption.
  func phrase(in words: CaptionWords, at index: Int) -> Phrase? {
    phrases[words[index]]?.first { words.matches($0.words, at: index) }
  }

  /// The word that a mistyped one stands for: one letter too many, too few, wrong, or two in the wrong order.
  func corrected(_ word: String) -> String? {
    guard word.count >= 5, !Self.common.contains(word), phrases[word] == nil else { return nil }
    let letters = Array(word)
    if long[letters.count]?.contains(word) ?? false { return nil }
    for length in [letters.count, letters.count + 1, letters.count - 1] {
      if let known = long[length]?.first(where: { Self.isNear(letters, Array($0)) }) { return known }
    }
    return nil
  }

  private static func isNear(_ one: [Character], _ other: [Character]) -> Bool {
    // The first letter is seldom wrong, and tells words apart.
    guard one.first == other.first else { return false }
    let prefix = zip(one, other).prefix { $0 == $1 }.count
    let (left, right) = (one.dropFirst(prefix), other.dropFirst(prefix))
    if left.count == right.count {
      if left.dropFirst().elementsEqual(right.dropFirst()) { return true }
      return left.count >= 2 && Array(left.prefix(2).reversed()) == Array(right.prefix(2))
        && left.dropFirst(2).elementsEqual(right.dropFirst(2))
    }
    return left.count > right.count ? left.dropFirst().elementsEqual(right) : left.elementsEqual(right.dropFirst())
  }

  /// Words that are near to one of ours and mean something else.
  private static let common: Set<String> = [
    "house", "sweet", "street", "string", "strange", "brash", "grass", "ghost", "glass", "class", "plane", "place",
    "plain", "drama", "dream", "dreams", "cells", "drunk", "happen", "heavy", "later", "light", "night", "might",
    "story", "stormy", "valley", "violent", "violet", "guide", "march", "watch", "match", "quit", "quite", "quiet",
    "clear", "marks", "flutter", "tropical", "orange", "organic", "country", "county", "sound", "sounds", "round",
    "ground", "after", "other", "beat", "beast", "beats", "feast", "least", "black", "blue", "bluest", "rough", "tough",
    "though", "major", "manor", "miner", "minor", "loving", "living", "moving", "missing", "singing", "swinging",
    "shining", "slope", "slower", "soulful", "epics", "grand", "brand", "stand", "stride", "strike", "bring", "being",
    "chair", "chain", "choice", "chores", "score", "score's", "world", "words", "winter", "water", "waste", "piece",
    "pieces", "peace", "place", "planet", "plant", "party", "path", "patch", "trains", "train", "dance", "dancer",
    "rocky", "rocket", "locks", "socks", "fork", "forth", "north", "horror", "hours", "horse", "morning", "evening",
    "summer", "spring", "springs", "stars", "starts", "start", "power", "tower", "flower", "lower", "grown", "brown",
    "crown", "sadly", "badly", "safely", "never", "river", "driver", "diving", "fancy", "france", "french", "latino",
  ]

  /// Long words of phrases that are read elsewhere.
  private static let units: Set<String> = [
    "seconds", "second", "minute", "minutes", "measures", "without", "major", "minor", "sharp", "bars",
  ]

  /// Words for the tempo, the beats a minute that they allow, and a middle one.
  static let tempi: [([String], ClosedRange<Int>, bpm: Int)] = [
    (["grave", "larghissimo", "extremely slow", "super slow", "very very slow"], 40...52, 46),
    (["largo", "very slow", "really slow", "very slowly", "lento", "so slow"], 46...62, 54),
    (
      ["slow", "slowly", "downtempo", "down tempo", "slow tempo", "low tempo", "unhurried", "leisurely", "slow paced"],
      56...82, 70
    ),
    (["adagio", "larghetto"], 62...76, 68),
    (["andante", "walking pace", "at a walking pace", "slowish", "a bit slow"], 76...96, 84),
    (["andantino"], 80...100, 90),
    (
      [
        "medium tempo", "moderate", "mid-tempo", "midtempo", "medium", "moderately", "medium speed", "moderate tempo",
        "medium pace",
        "not too fast", "not too slow", "mid tempo",
      ], 90...116, 104
    ),
    (["moderato"], 98...116, 108), (["allegretto"], 110...122, 116),
    (["uptempo", "up-tempo", "up tempo", "brisk", "briskly", "high tempo"], 120...144, 128),
    (["allegro"], 122...152, 132),
    (["fast", "quick", "quickly", "rapid", "speedy", "fast paced", "hurried", "fast tempo"], 124...160, 140),
    (["vivace"], 152...170, 160),
    (["very fast", "really fast", "super fast", "very quick", "extremely fast", "so fast"], 160...190, 172),
    (["presto"], 168...192, 180), (["prestissimo", "breakneck"], 188...205, 196),
  ]

  private static let others: [([String], Meaning)] = [
    (["bass", "a bass", "bass part"], .instrument("bass")),
    (["strings quartet", "string trio", "orchestral string section", "violin section"], .instrument("strings")),
    (["ukulele", "uke", "mandolin", "lute"], .instrument("guitar")),
    (["vocals", "vocal", "singing", "singer", "lyrics", "voice", "words", "vox", "rapping"], .nothing),
    (
      ["arpeggio", "arpeggios", "arpeggiated", "arpeggiated chords", "broken chords", "arpeggiating", "arps"],
      .style(.arpeggio)
    ),
    (["chords", "chord", "strummed", "strumming", "block chords", "strums"], .style(.chords)),
    (["melody", "tune", "theme", "lead", "melodies", "melodic"], .style(.melody)),
    (["bass line", "bassline", "bass riff", "bass groove"], .style(.bassLine)),
    (["theme and variations", "variations", "with variations"], .form(.variations)),
    (["round", "canon"], .form(.round)), (["rondo"], .form(.rondo)),
    (["aaba", "song form", "32 bar form"], .form(.song)),
    (["verse and refrain", "verse and chorus", "verse chorus", "verse-chorus"], .form(.refrain)),
    (["swung", "swinging", "shuffle", "shuffled", "with swing", "swing feel", "shuffle feel"], .feel(isSwung: true)),
    (["straight", "straight eighths", "not swung"], .feel(isSwung: false)),
    (
      [
        "accelerando", "getting faster", "gets faster", "speeding up", "speeds up", "faster and faster", "accelerating",
        "that speeds up", "becoming faster", "slow to fast",
      ], .tempoChange(.faster)
    ),
    (
      [
        "ritardando", "rallentando", "getting slower", "gets slower", "slowing down", "slows down", "slower and slower",
        "becoming slower",
        "fast to slow",
      ], .tempoChange(.slower)
    ),
    (["common time", "four four", "four-four time", "quadruple time"], .meter(.common)),
    (
      [
        "three four", "three-four time", "three quarter time", "triple time", "triple meter", "triple metre",
        "in three", "in 3",
      ], .meter(.waltz)
    ),
    (["six eight", "six-eight time", "compound time", "compound meter"], .meter(.sixEight)),
    (["minor", "minor key", "in minor", "in a minor key", "minor mode", "minor scale"], .mode(.minor)),
    (["major", "major key", "in major", "in a major key", "major mode", "major scale"], .mode(.major)),
  ]
}
