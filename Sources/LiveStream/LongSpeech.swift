import UniMoEAudio

/// Makes texts of any length: their pieces one after the other, joined at silences, so that sound begins with the first
/// one and memory does not grow with the text.
struct LongSpeechMaker: SoundMaker {
  let engine: Engine
  let pieces: [SpeechPiece]
  /// The most code frames of all pieces together.
  private let codeFrames: Int

  /// Throws what is wrong with the pieces' requests.
  init(_ engine: Engine, _ pieces: [SpeechPiece]) throws(UniMoEError) {
    self.engine = engine
    self.pieces = pieces
    var sum = 0
    for piece in pieces { sum += try engine.plan(piece.request).maximumCodeFrames }
    codeFrames = sum
  }

  var sampleRate: Int { engine.sampleRate }
  var codeRate: Double { engine.codeRate }

  func maximumCodeFrames(of request: Request) throws(UniMoEError) -> Int {
    request.maximumSeconds.map { min(codeFrames, Int(($0 * codeRate).rounded(.up))) } ?? codeFrames
  }

  func begin(
    _ request: Request, cancellation: Cancellation, observer: any GenerationObserver
  ) throws(UniMoEError) -> any SoundInTheMaking {
    try LongSpeech(self, request, cancellation, observer)
  }
}

/// A text of several pieces on its way through an engine.
private final class LongSpeech: SoundInTheMaking {
  private let engine: Engine
  private let pieces: [SpeechPiece]
  private let cancellation: Cancellation
  private let joint: Joint
  private var index = 0
  private var generator: Generator?
  private(set) var stopReason = StopReason.end

  init(
    _ maker: LongSpeechMaker, _ request: Request, _ cancellation: Cancellation, _ observer: any GenerationObserver
  ) throws(UniMoEError) {
    engine = maker.engine
    pieces = maker.pieces
    self.cancellation = cancellation
    joint = Joint(
      try SilenceJoiner(sampleRate: engine.sampleRate, longest: request.maximumSeconds), observer,
      codeFrames: try maker.maximumCodeFrames(of: request))
  }

  func advance() throws(UniMoEError) -> Bool {
    let generator = if let generator { generator } else { try begin() }
    let goesOn = try generator.advance()
    if joint.isFull {
      joint.endPiece(with: pieces[index].pause)
      stopReason = .length
      return false
    }
    if goesOn { return true }
    self.generator = nil
    note(generator.results[0].stopReason)
    if stopReason == .cancelled { return false }
    joint.endPiece(with: pieces[index].pause)
    index += 1
    return index < pieces.count
  }

  private func begin() throws(UniMoEError) -> Generator {
    joint.beginPiece(firstWord: pieces[index].firstWord)
    let made = try engine.begin([pieces[index].request], cancellation: cancellation, observer: joint)
    generator = made
    return made
  }

  /// The whole ended as its least fortunate piece.
  private func note(_ reason: StopReason) {
    switch reason {
    case .end: break
    case .length: if stopReason == .end { stopReason = .length }
    case .watchdog: stopReason = .watchdog
    case .cancelled: stopReason = .cancelled
    }
  }
}

/// Hands on what comes of the pieces as what comes of one text.
private final class Joint: GenerationObserver {
  private var joiner: SilenceJoiner
  private let observer: any GenerationObserver
  /// The most code frames of the whole, and those of the pieces that are made.
  private let codeFrames: Int
  private var earlierFrames = 0
  private var frames = 0
  private var firstWord = 0
  /// Marks whose place in the joined sound is not known yet, with their samples of the piece.
  private var marks: [(mark: Mark, sample: Int)] = []
  /// The beginning of the word of the piece that has not ended yet.
  private var openWord: Mark?

  init(_ joiner: SilenceJoiner, _ observer: any GenerationObserver, codeFrames: Int) {
    self.joiner = joiner
    self.observer = observer
    self.codeFrames = codeFrames
  }

  var isFull: Bool { joiner.isFull }

  func beginPiece(firstWord: Int) { self.firstWord = firstWord }

  func endPiece(with pause: SilenceJoiner.Pause) {
    let samples = joiner.end(with: pause)
    // Words of a piece that is not heard are not told.
    if let place = joiner.place {
      tellMarks(until: joiner.kept.upperBound, isEnd: true)
      if let word = openWord { tell(.init(ending: word), at: joiner.kept.upperBound, place) }
    }
    (marks, openWord) = ([], nil)
    emit(samples)
    earlierFrames += frames
    frames = 0
  }

  func request(_ index: Int, progressed progress: GenerationProgress) {
    frames = progress.codeFramesDone
    observer.request(
      0,
      progressed: GenerationProgress(
        phase: progress.phase, codeFramesDone: earlierFrames + frames, codeFramesExpected: codeFrames))
  }

  func request(_ index: Int, reached mark: Mark, atSample sample: Int) {
    marks.append((mark, sample))
  }

  func request(_ index: Int, produced samples: UnsafeBufferPointer<Float>) {
    let joined = joiner.push(samples)
    if let end = joiner.keptUntil { tellMarks(until: end) }
    emit(joined)
  }

  /// Tells the marks of the piece before one of its samples, each before its sound. Those before what is kept of the piece
  /// happen where that begins; when it ends, words that end behind what is kept end there, and those that begin behind it
  /// are not told.
  private func tellMarks(until end: Int, isEnd: Bool = false) {
    guard let place = joiner.place else { return }
    let known = isEnd ? marks.endIndex : marks.firstIndex { $0.sample >= end } ?? marks.endIndex
    for (mark, sample) in marks[..<known] {
      switch mark.kind {
      case .wordStart:
        if sample >= end { continue }
        openWord = mark
      case .wordEnd:
        if openWord?.word != mark.word { continue }
        openWord = nil
      }
      tell(mark, at: min(sample, end), place)
    }
    marks.removeSubrange(..<known)
  }

  /// Tells one mark at a sample of the piece.
  private func tell(_ mark: Mark, at sample: Int, _ place: SilenceJoiner.Place) {
    var mark = mark
    mark.word += firstWord
    mark.codeFrame += earlierFrames
    observer.request(0, reached: mark, atSample: max(place.kept, sample) - place.kept + place.start)
  }

  private func emit(_ samples: [Float]) {
    if !samples.isEmpty { samples.withUnsafeBufferPointer { observer.request(0, produced: $0) } }
  }
}

extension Mark {
  /// The end of a word whose beginning is known.
  fileprivate init(ending start: Mark) {
    self = start
    kind = .wordEnd
  }
}
