/// An instrument by the name that captions use, with its General MIDI program and what it is good for.
public struct Instrument: Hashable, Sendable {
  /// What an instrument is asked to do.
  public struct Roles: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Creates a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Plays melodies.
    public static let melody = Roles(rawValue: 1)
    /// Plays chords.
    public static let chords = Roles(rawValue: 2)
    /// Plays the bass.
    public static let bass = Roles(rawValue: 4)
  }

  /// Its name, in lower case.
  public let name: String
  /// The General MIDI program, from 0; none for the drum kit.
  public let program: Int?
  /// The family that judges tell apart.
  public let family: String
  /// MIDI note numbers between which it sounds well.
  public let range: ClosedRange<Int>
  /// What it is good for.
  public let roles: Roles
  /// Other words for it in captions.
  public let synonyms: [String]

  fileprivate init(
    _ name: String, _ program: Int?, _ family: String, _ range: ClosedRange<Int>, _ roles: Roles,
    _ synonyms: [String] = []
  ) {
    (self.name, self.program, self.family) = (name, program, family)
    (self.range, self.roles, self.synonyms) = (range, roles, synonyms)
  }

  /// The instrument of a name, if there is one.
  public static func named(_ name: String) -> Instrument? { byName[name].map { all[$0] } }

  /// The instrument that a General MIDI program stands for: itself, else the one of its family that comes next.
  static func playing(program: Int) -> Instrument {
    let pitched = all.filter { $0.program != nil }
    if let exact = pitched.first(where: { $0.program == program }) { return exact }
    func distance(_ other: Int?) -> Int {
      guard let other else { return Int.max }
      return abs(other - program) + (other / 8 == program / 8 ? 0 : 1000)
    }
    return pitched.min { distance($0.program) < distance($1.program) } ?? piano
  }

  /// The place in `all`, which the plan's lead channel counts by.
  public var index: Int { Self.byName[name] ?? 0 }

  /// The piano.
  static let piano = all[0]
  /// The drum kit.
  public static let drums = all[30]

  private static let byName = Dictionary(
    all.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })

  /// All instruments. The plan's lead channel counts by this order: new ones go to the end.
  public static let all: [Instrument] = [
    Instrument(
      "piano", 0, "piano", 36...96, [.melody, .chords], ["grand piano", "pianoforte", "keys", "upright piano"]),
    Instrument(
      "electric piano", 4, "piano", 40...88, [.melody, .chords], ["rhodes", "e-piano", "epiano", "wurlitzer"]),
    Instrument("harpsichord", 6, "piano", 41...86, [.melody, .chords], ["cembalo"]),
    Instrument("music box", 10, "mallets", 60...96, [.melody, .chords], ["musicbox", "musical box"]),
    Instrument("vibraphone", 11, "mallets", 53...89, [.melody, .chords], ["vibes", "vibraphones"]),
    Instrument("marimba", 12, "mallets", 48...88, [.melody, .chords], ["marimbas"]),
    Instrument("organ", 19, "organ", 36...90, [.melody, .chords], ["church organ", "pipe organ"]),
    Instrument("accordion", 21, "organ", 53...88, [.melody, .chords], ["accordeon", "squeezebox", "concertina"]),
    Instrument(
      "guitar", 24, "guitar", 40...80, [.melody, .chords], ["nylon guitar", "classical guitar", "spanish guitar"]),
    Instrument(
      "acoustic guitar", 25, "guitar", 40...82, [.melody, .chords], ["steel guitar", "steel string guitar"]),
    Instrument("electric guitar", 27, "guitar", 40...86, [.melody, .chords], ["clean guitar", "e-guitar"]),
    Instrument(
      "distorted guitar", 30, "guitar", 40...86, [.melody, .chords],
      ["distortion guitar", "overdriven guitar", "heavy guitar", "fuzz guitar", "crunchy guitar"]),
    Instrument("acoustic bass", 32, "bass", 28...55, [.bass], ["upright bass", "stand-up bass"]),
    Instrument("electric bass", 33, "bass", 28...58, [.bass], ["bass guitar", "fingered bass", "e-bass"]),
    Instrument("slap bass", 36, "bass", 28...58, [.bass], ["slapped bass", "slapping bass"]),
    Instrument("synth bass", 38, "bass", 28...58, [.bass], ["synthesizer bass", "sub bass", "808 bass", "bass synth"]),
    Instrument("violin", 40, "strings", 55...96, [.melody], ["violins", "solo violin"]),
    Instrument("cello", 42, "strings", 36...76, [.melody, .bass], ["cellos", "violoncello", "celli"]),
    Instrument(
      "strings", 48, "strings", 40...91, [.melody, .chords],
      ["string section", "string ensemble", "string orchestra", "string quartet", "orchestral strings", "string"]),
    Instrument("choir", 52, "choir", 48...79, [.melody, .chords], ["choral", "choirs", "voices", "chorus of voices"]),
    Instrument("trumpet", 56, "brass", 55...84, [.melody], ["trumpets"]),
    Instrument("trombone", 57, "brass", 40...70, [.melody, .chords, .bass], ["trombones"]),
    Instrument(
      "brass", 61, "brass", 48...80, [.melody, .chords], ["brass section", "horn section", "horns", "brass band"]),
    Instrument(
      "saxophone", 65, "reed", 49...81, [.melody], ["sax", "saxophones", "alto sax", "alto saxophone", "saxes"]),
    Instrument("oboe", 68, "reed", 58...88, [.melody], ["oboes"]),
    Instrument("clarinet", 71, "reed", 50...89, [.melody], ["clarinets"]),
    Instrument("flute", 73, "flute", 60...94, [.melody], ["flutes", "transverse flute"]),
    Instrument("pan flute", 75, "flute", 60...91, [.melody], ["panflute", "panpipes", "pan pipes", "panpipe"]),
    Instrument(
      "synthesizer", 81, "synthesizer", 40...91, [.melody, .chords],
      ["synth", "synths", "synth lead", "lead synth", "saw lead", "synthesizers", "synthesiser"]),
    Instrument(
      "synth pad", 89, "synthesizer", 40...86, [.melody, .chords], ["pad", "pads", "synth pads", "warm pad"]),
    Instrument(
      "drums", nil, "drums", 35...81, [],
      [
        "drum kit", "drumkit", "drum set", "drum beat", "drumbeat", "percussion", "drum machine", "drum", "drumming",
        "percussions", "drummer",
        "breakbeats",
      ]),
    Instrument("honky-tonk piano", 3, "piano", 40...88, [.melody, .chords], ["honky tonk piano", "saloon piano"]),
    Instrument("clavinet", 7, "piano", 41...86, [.melody, .chords], ["clav", "clavi"]),
    Instrument("celesta", 8, "mallets", 60...96, [.melody, .chords], ["celeste"]),
    Instrument("glockenspiel", 9, "mallets", 67...100, [.melody], ["bells", "chimes", "bell"]),
    Instrument("xylophone", 13, "mallets", 65...96, [.melody], ["xylophones"]),
    Instrument("tubular bells", 14, "mallets", 60...77, [.melody], ["church bells"]),
    Instrument("dulcimer", 15, "mallets", 50...84, [.melody, .chords], ["hammered dulcimer", "zither"]),
    Instrument("hammond organ", 16, "organ", 40...90, [.melody, .chords], ["hammond", "drawbar organ"]),
    Instrument("harmonica", 22, "organ", 60...88, [.melody], ["mouth organ", "blues harp"]),
    Instrument(
      "muted guitar", 28, "guitar", 40...80, [.melody, .chords], ["palm muted guitar", "chicken scratch guitar"]),
    Instrument("fretless bass", 35, "bass", 28...58, [.bass], []),
    Instrument("viola", 41, "strings", 48...84, [.melody], ["violas"]),
    Instrument("double bass", 43, "bass", 28...55, [.bass], ["contrabass", "double-bass", "string bass"]),
    Instrument(
      "pizzicato strings", 45, "strings", 40...88, [.melody, .chords], ["pizzicato", "plucked strings", "pizz strings"]),
    Instrument("harp", 46, "guitar", 36...96, [.melody, .chords], ["harps", "concert harp"]),
    Instrument("timpani", 47, "drums", 36...57, [.bass], ["kettledrums", "kettle drums"]),
    Instrument(
      "synth strings", 50, "synthesizer", 40...88, [.melody, .chords], ["synthetic strings", "string synth"]),
    Instrument("tuba", 58, "brass", 28...55, [.bass], ["sousaphone", "tubas"]),
    Instrument("muted trumpet", 59, "brass", 55...84, [.melody], ["harmon mute trumpet"]),
    Instrument("french horn", 60, "brass", 41...77, [.melody, .chords], ["horn", "french horns"]),
    Instrument("soprano saxophone", 64, "reed", 56...87, [.melody], ["soprano sax"]),
    Instrument("english horn", 69, "reed", 52...81, [.melody], ["cor anglais"]),
    Instrument("bassoon", 70, "reed", 34...67, [.melody, .bass], ["bassoons"]),
    Instrument("piccolo", 72, "flute", 74...102, [.melody], ["piccolo flute"]),
    Instrument("recorder", 74, "flute", 60...91, [.melody], ["recorders", "block flute"]),
    Instrument("whistle", 78, "flute", 67...96, [.melody], ["tin whistle", "whistling", "penny whistle"]),
    Instrument("ocarina", 79, "flute", 65...91, [.melody], []),
    Instrument("sitar", 104, "guitar", 48...77, [.melody], []),
    Instrument("banjo", 105, "guitar", 48...84, [.melody, .chords], ["banjos"]),
    Instrument("koto", 107, "guitar", 55...84, [.melody, .chords], []),
    Instrument("kalimba", 108, "mallets", 55...84, [.melody, .chords], ["thumb piano", "mbira"]),
    Instrument("bagpipe", 109, "reed", 55...81, [.melody], ["bagpipes", "pipes"]),
    Instrument("fiddle", 110, "strings", 55...93, [.melody], ["fiddles"]),
    Instrument("steel drums", 114, "mallets", 55...84, [.melody, .chords], ["steel drum", "steelpan", "steel pan"]),
  ]
}
