import AudioRing
import LiveStream
import Synchronization
import TestSupport
import Testing
import UniMoEAudio

/// Texts of any length as one stream.
@Suite(.timeLimit(.minutes(10))) struct LongSpeechTests {
  private static let text =
    (1...5).map { "Sentence number \($0) costs $\($0) and has words enough to fill most of a piece of its own." }
    .joined(separator: " ") + "\n\nThe end."

  /// What a stream gave.
  private struct Heard: Equatable {
    var samples: [Float] = []
    var words: [Word] = []
    var end: LiveStream.End?
  }

  private struct Word: Equatable {
    var kind: Mark.Kind
    var range: Range<Int>
    var sample: Int
  }

  private func with(_ body: (Engine, Request) throws -> Void) throws {
    let folder = try ScratchFolder()
    let engine = try Engine(modelDirectory: PlanModel.make(in: folder.path))
    let voice = try VoiceStore(modelDirectory: engine.model.directory, directory: "/nonexistent").load(
      "default", codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    var request = Request(.speech(text: Self.text, voice: voice), seed: 7)
    request.reading = .english
    try body(engine, request)
  }

  private func stream(
    _ engine: Engine, _ request: Request, bufferSeconds: Double? = nil
  ) throws -> (heard: Heard, capacity: Int) {
    let words = Mutex<[Word]>([])
    var options = LiveStream.Options()
    options.isLongText = true
    options.bufferSeconds = bufferSeconds
    options.onMark = { mark, sample in
      words.withLock { $0.append(Word(kind: mark.kind, range: mark.textRange, sample: sample)) }
    }
    let stream = try LiveStream(engine, request, options: options, schedule: StreamSchedule())
    var heard = Heard()
    var part = [Float](repeating: 0, count: 1000)
    let reader = stream.ring.reader
    while !reader.isAtEnd {
      let count = part.withUnsafeMutableBufferPointer { part in
        part.baseAddress.map { reader.waitingRead(into: $0, count: part.count, timeout: .seconds(20)) } ?? 0
      }
      heard.samples += part[..<count]
    }
    #expect(stream.wait(for: .seconds(20)))
    heard.words = words.withLock { $0 }
    heard.end = stream.state.end
    return (heard, stream.ring.capacity)
  }

  /// The pieces made one by one and joined at silences.
  private func joined(_ engine: Engine, _ request: Request) throws -> Heard {
    var heard = Heard(end: .stopped(.end))
    var joiner = try SilenceJoiner(sampleRate: engine.sampleRate, longest: request.maximumSeconds)
    for piece in try engine.pieces(of: request) where !joiner.isFull {
      let result = try engine.generate([piece.request])[0]
      heard.samples += joiner.append(result.samples, endingWith: piece.pause)
      guard let place = joiner.place else { continue }
      for mark in result.marks {
        let sample = mark.codeFrame * engine.codec.hopLength
        if mark.kind == .wordStart && sample >= joiner.kept.upperBound { break }
        let kept = min(max(sample, joiner.kept.lowerBound), joiner.kept.upperBound)
        heard.words.append(Word(kind: mark.kind, range: mark.textRange, sample: kept - place.kept + place.start))
      }
    }
    if joiner.isFull { heard.end = .stopped(.length) }
    return heard
  }

  @Test func aStreamGivesThePiecesJoined() throws {
    try with { (engine, request) throws in
      #expect(try engine.pieces(of: request).count > 3)
      let heard = try stream(engine, request).heard
      #expect(heard == (try joined(engine, request)))
      #expect(
        heard.words.contains { $0.kind == .wordStart }
          && heard.words.map(\.sample) == heard.words.map(\.sample).sorted())
    }
  }

  @Test func theLongestLengthIsThatOfTheWhole() throws {
    try with { (engine, request) throws in
      var request = request
      request.maximumSeconds = try joined(engine, request).samples.count.seconds(at: engine.sampleRate) / 2
      let heard = try stream(engine, request).heard
      #expect(heard.end == .stopped(.length))
      #expect(abs(heard.samples.count.seconds(at: engine.sampleRate) - (request.maximumSeconds ?? 0)) < 0.001)
      #expect(heard == (try joined(engine, request)))
    }
  }

  @Test func eachPieceHasASeedOfItsOwnAndTheVoiceAndWordsOfTheText() throws {
    try with { (engine, request) throws in
      let pieces = try engine.pieces(of: request)
      #expect(pieces.map(\.request.seed) == pieces.indices.map { 7 + UInt64($0) })
      #expect(pieces.last?.text == "The end." && pieces.dropLast().last?.pause == .paragraph)
      #expect(pieces[0].text.hasPrefix("Sentence number one costs one dollar"))
      #expect(pieces.map(\.firstWord) == pieces.map(\.firstWord).sorted())
    }
  }

  @Test func memoryDoesNotGrowWithTheText() throws {
    try with { (engine, request) throws in
      guard case .speech(let text, let voice) = request.content else { return }
      var long = request
      long.content = .speech(text: Array(repeating: text, count: 40).joined(separator: "\n\n"), voice: voice)
      var options = LiveStream.Options()
      options.isLongText = true
      let schedule = StreamSchedule()
      let streams = try [request, long].map { try LiveStream(engine, $0, options: options, schedule: schedule) }
      defer { for stream in streams { stream.cancel() } }
      #expect(
        streams.allSatisfy { $0.ring.capacity <= AudioRing(minimumCapacity: 60 * engine.sampleRate + 8192).capacity })
    }
  }

  @Test func aTextWithNothingToSayIsRefused() throws {
    try with { (engine, request) throws in
      guard case .speech(_, let voice) = request.content else { return }
      for text in ["", " ", "…!"] {
        var silent = request
        silent.content = .speech(text: text, voice: voice)
        #expect(throws: UniMoEError.self) { _ = try engine.pieces(of: silent) }
      }
    }
  }
}

extension Int {
  fileprivate func seconds(at rate: Int) -> Double { Double(self) / Double(rate) }
}
