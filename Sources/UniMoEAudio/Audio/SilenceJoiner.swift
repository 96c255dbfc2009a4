import Glibc

/// Joins spoken pieces of a long text at silences, as their samples come.
///
/// Each piece loses the near-silence at its ends but for a short margin, is faded there so that no click arises, and is
/// set off from the one before by a pause. The result depends on nothing but the pieces and their pauses, however their
/// samples are cut.
///
/// Thread: one at a time.
public struct SilenceJoiner: Sendable {
  /// What comes between two pieces.
  public enum Pause: Sendable {
    /// A sentence ended.
    case sentence
    /// A paragraph ended.
    case paragraph
  }

  /// Times in seconds and levels.
  public struct Options: Equatable, Sendable {
    /// Silence between two sentences.
    public var sentencePause = 0.25
    /// Silence between two paragraphs.
    public var paragraphPause = 0.5
    /// Near-silence that stays before and after what is heard of a piece.
    public var margin = 0.06
    /// Length of the fades.
    public var fade = 0.005
    /// Near-silence: at most this level over a hundredth of a second, in dB of full scale. Not measured by the piece's
    /// loudest part, which nobody knows when its first samples are played.
    public var threshold = -57.0

    /// Creates the usual options.
    public init() {}
  }

  /// Where a piece lies in the joined sound.
  public struct Place: Equatable, Sendable {
    /// The first sample of the piece that was kept.
    public var kept: Int
    /// The sample of the joined sound at which it lies.
    public var start: Int
  }

  /// The piece that is coming.
  private struct Incoming {
    /// Samples that came.
    var position = 0
    /// The latest samples, not yet handed on.
    var held: [Float] = []
    /// Energy and samples of the window that is not full yet.
    var energy = 0.0
    var windowCount = 0
    /// The first sample that is kept; `nil` before anything is heard.
    var start: Int?
    /// Where the last window that is heard ends.
    var soundEnd = 0
    /// Samples handed on.
    var given = 0
  }

  private let options: Options
  private let window: Int
  private let margin: Int
  private let fade: Int
  private let threshold: Double
  private let pauses: (sentence: Int, paragraph: Int)
  /// The longest joined sound in samples; it is faded out there.
  private let limit: Int
  /// What ended the last piece that was heard.
  private var pending: Pause?
  private var piece = Incoming()
  /// Where the piece that is coming lies, or the last one; `nil` before anything is heard of it.
  public private(set) var place: Place?
  /// Which samples of the last piece were kept and returned.
  public private(set) var kept = 0..<0
  /// The sample of the piece that is coming up to which what is kept was returned; `nil` before anything was.
  public var keptUntil: Int? {
    guard piece.given > 0, let place else { return nil }
    return place.kept + min(piece.given, count - place.start)
  }
  /// Samples of the joined sound so far.
  public private(set) var count = 0
  /// Whether the longest length was reached: what still comes is left out.
  public var isFull: Bool { count >= limit }

  /// Creates a joiner of mono pieces.
  ///
  /// - Parameter longest: The longest joined sound in seconds; `nil` sets no limit.
  /// - Throws: `UniMoEError` of kind `request` for a rate outside `AudioFile`'s and for times that are negative or longer
  ///   than a minute.
  public init(sampleRate: Int, longest: Double? = nil, options: Options = Options()) throws(UniMoEError) {
    if !AudioFile.sampleRates.contains(sampleRate) {
      throw UniMoEError(.request, "joiner", field: "sample rate", expected: "1000 to 768000 Hz", found: "\(sampleRate)")
    }
    let times = [options.sentencePause, options.paragraphPause, options.margin, options.fade]
    if let bad = times.first(where: { !(0...60).contains($0) }) {
      throw UniMoEError(.request, "joiner", expected: "times from 0 to 60 seconds", found: "\(bad)")
    }
    func samples(_ seconds: Double) -> Int { Int((seconds * Double(sampleRate)).rounded()) }
    self.options = options
    window = max(1, sampleRate / 100)
    margin = samples(options.margin)
    fade = samples(options.fade)
    threshold = pow(10, options.threshold / 20)
    pauses = (samples(options.sentencePause), samples(options.paragraphPause))
    limit = longest.map { samples(min(max($0, 0), 1e9)) } ?? .max
  }

  /// Takes the next samples of a piece; returns the samples of the joined sound that follow those returned before.
  public mutating func push(_ samples: some Sequence<Float>) -> [Float] {
    for sample in samples {
      piece.held.append(sample)
      piece.position += 1
      piece.energy += Double(sample) * Double(sample)
      piece.windowCount += 1
      if piece.windowCount == window { closeWindow() }
    }
    return give(until: min(piece.position, piece.soundEnd + margin) - fade)
  }

  /// Ends a piece; returns the samples that follow those returned before.
  ///
  /// A piece of nothing but near-silence adds nothing; its pause counts if it is the longer one.
  public mutating func end(with pause: Pause) -> [Float] {
    defer { piece = Incoming() }
    if piece.windowCount > 0 { closeWindow() }
    guard let start = piece.start else {
      (kept, place) = (0..<0, nil)
      if pending != nil && pause == .paragraph { pending = .paragraph }
      return []
    }
    kept = start..<min(piece.position, piece.soundEnd + margin)
    for back in 0..<min(fade, kept.count / 2) {
      piece.held[piece.held.count - (piece.position - kept.upperBound) - 1 - back] *= gain(back)
    }
    let rest = give(until: kept.upperBound)
    // What was cut off at the longest length was not kept.
    if let place { kept = kept.prefix(max(0, count - place.start)) }
    pending = pause
    return rest
  }

  /// Takes a whole piece and what ends it; returns the samples that follow those returned before.
  public mutating func append(_ piece: [Float], endingWith pause: Pause) -> [Float] {
    let samples = push(piece)
    return samples + end(with: pause)
  }

  /// Decides whether the window that is full is heard.
  private mutating func closeWindow() {
    let isHeard = (piece.energy / Double(piece.windowCount)).squareRoot() > threshold
    if isHeard {
      if piece.start == nil { begin(at: max(0, piece.position - piece.windowCount - margin)) }
      piece.soundEnd = piece.position
    } else if piece.start == nil {
      piece.held.removeFirst(max(0, piece.held.count - margin))
    }
    (piece.energy, piece.windowCount) = (0, 0)
  }

  /// Something is heard of the piece: it begins here.
  private mutating func begin(at start: Int) {
    piece.start = start
    piece.held.removeFirst(max(0, piece.held.count - (piece.position - start)))
    place = Place(kept: start, start: count + pauseLength)
  }

  private var pauseLength: Int {
    switch pending {
    case nil: 0
    case .sentence: pauses.sentence
    case .paragraph: pauses.paragraph
    }
  }

  /// Hands on what is kept of the piece up to one of its samples, after the pause that goes before it.
  private mutating func give(until end: Int) -> [Float] {
    guard let start = piece.start, end > start + piece.given else { return [] }
    var result: [Float] = []
    if piece.given == 0 {
      result = [Float](repeating: 0, count: pauseLength)
      pending = nil
    }
    let ready = end - start - piece.given
    for index in 0..<ready {
      let position = piece.given + index
      result.append(position < fade ? piece.held[index] * gain(position) : piece.held[index])
    }
    piece.held.removeFirst(ready)
    piece.given += ready
    return limited(result)
  }

  /// Fades out and cuts what reaches the longest length.
  private mutating func limited(_ samples: [Float]) -> [Float] {
    var samples = samples.prefix(max(0, limit - count))
    for index in samples.indices where count + index >= limit - fade {
      samples[index] *= gain(limit - 1 - count - index)
    }
    count += samples.count
    return Array(samples)
  }

  /// Raised cosine: the gain of a sample in a fade from silence.
  private func gain(_ index: Int) -> Float {
    Float(0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(fade)))
  }
}
