/// A chord by its place in a key, as music theory writes it: "ii7", "V7", "bVII", "viiø".
///
/// Degrees count in the major scale where the key is major, in the natural minor scale where it is minor, so that the
/// "VI" of a minor key is its flat sixth.
struct RomanChord: Hashable, Sendable {
  /// Degree of the scale, 0 to 6.
  let degree: Int
  /// Semitones by which the root is moved: -1, 0 or 1.
  let accidental: Int
  /// The kind of chord.
  let quality: Chord.Quality

  /// Reads a numeral; capital letters are major, small ones minor.
  init?(_ text: some StringProtocol) {
    var rest = text[...]
    accidental = rest.first == "b" ? -1 : rest.first == "#" ? 1 : 0
    if accidental != 0 { rest = rest.dropFirst() }
    let numeral = rest.prefix { "IViv".contains($0) }
    guard let degree = ["I", "II", "III", "IV", "V", "VI", "VII"].firstIndex(of: numeral.uppercased()) else {
      return nil
    }
    self.degree = degree
    var suffix = String(rest.dropFirst(numeral.count))
    let isMinor = numeral.first?.isLowercase ?? false
    // "im7" is "i7".
    if isMinor, suffix.hasPrefix("m") { suffix.removeFirst() }
    let name =
      ["o": "dim", "o7": "dim7", "ø": "m7b5", "+": "aug"][suffix] ?? (isMinor && suffix != "5" ? "m" + suffix : suffix)
    guard let quality = Chord.Quality(rawValue: name) else { return nil }
    self.quality = quality
  }

  init(degree: Int, accidental: Int = 0, quality: Chord.Quality) {
    (self.degree, self.accidental, self.quality) = (degree, accidental, quality)
  }

  /// Semitones of the root above the tonic.
  func root(in mode: MusicalKey.Mode) -> Int {
    (mode == .major ? MusicalKey.Scale.major : .minor).steps[degree] + accidental
  }

  /// The chord that it is in a key.
  func chord(in key: MusicalKey) -> Chord {
    Chord(root: (key.tonic + root(in: key.mode) + 12) % 12, quality: quality)
  }

  /// Whether it is the tonic.
  var isTonic: Bool { degree == 0 && accidental == 0 }
  /// Whether it wants to go to the tonic.
  var isDominant: Bool { accidental == 0 && degree == 4 || degree == 6 && quality != .major && quality != .minor }

  /// The tonic chord of a mode.
  static func tonic(_ mode: MusicalKey.Mode, like quality: Chord.Quality? = nil) -> RomanChord {
    RomanChord(degree: 0, quality: quality ?? (mode == .major ? .major : .minor))
  }
}

/// The scale over one chord: the key's seven degrees, bent where the chord has other tones.
struct Ladder: Equatable, Sendable {
  /// Semitones of the seven degrees above the tonic.
  private(set) var steps: [Int]
  /// Degrees, 0 to 6, that belong to the chord.
  private(set) var chordDegrees: [Int] = []

  init(_ chord: RomanChord, in scale: MusicalKey.Scale) {
    steps = scale.steps
    let root = chord.root(in: scale.mode)
    for interval in chord.quality.intervals {
      let letter = chord.degree + Self.letter(of: interval, in: chord.quality)
      steps[letter % 7] = root + interval - 12 * (letter / 7)
      chordDegrees.append(letter % 7)
    }
    // A bare fifth leaves its third to the scale.
    if chord.quality == .power { chordDegrees.append((chord.degree + 2) % 7) }
    // A leading note is reached from a whole tone below.
    if scale.mode == .minor, chord.isDominant, steps[6] == 11, steps[5] == 8, !chordDegrees.contains(5) {
      raisesSixth = true
    }
  }

  /// Whether the sixth degree is raised on its way up to a leading note.
  private var raisesSixth = false

  private static func letter(of interval: Int, in quality: Chord.Quality) -> Int {
    switch interval {
    case 0: 0
    case 2, 14: 1
    case 3, 4: 2
    case 5: 3
    case 6, 7, 8: 4
    case 9 where quality != .diminishedSeventh: 5
    default: 6
    }
  }

  /// Semitones above the tonic of a degree that may lie in any octave; `next` is where the line goes from there.
  func semitones(_ degree: Int, next: Int? = nil) -> Int {
    let octave = (degree >= 0 ? degree : degree - 6) / 7
    let step = degree - 7 * octave
    let isRaised = raisesSixth && step == 5 && next == degree + 1
    return 12 * octave + steps[step] + (isRaised ? 1 : 0)
  }

  /// Whether a degree belongs to the chord.
  func isChordTone(_ degree: Int) -> Bool { chordDegrees.contains(((degree % 7) + 7) % 7) }

  /// The chord tone nearest to a degree; of two the one on the side of `direction`.
  func nearestChordTone(to degree: Int, towards direction: Int = 1) -> Int {
    for distance in 0..<7 {
      let step = direction < 0 ? -distance : distance
      if isChordTone(degree + step) { return degree + step }
      if isChordTone(degree - step) { return degree - step }
    }
    return degree
  }
}
