/// A part of a text that is spoken in one go, as a request of its own.
public struct SpeechPiece: Sendable {
  /// What is made: the same for the same text, voice and seed, whatever becomes of the other pieces.
  public var request: Request
  /// What is said, normalised.
  public var text: String
  /// What follows it.
  public var pause: SilenceJoiner.Pause
  /// The place of its first word among those of the whole text.
  public var firstWord: Int
}

extension Engine {
  /// The pieces in which a request's text is spoken, so that it can be of any length: whole sentences up to what the model
  /// speaks well in one go (`SentenceSplitter`), joined at silences (`SilenceJoiner`). Piece `n`, counted from 0, has the
  /// request's seed plus `n`; its shortest and longest length are the request's. Parts without anything to say are left
  /// out. Music is one piece, as is a request that brings its plan.
  ///
  /// Throws as `plan(_:)`, for the text alone.
  public func pieces(of request: Request) throws(UniMoEError) -> [SpeechPiece] {
    guard case .speech(let text, let voice) = request.content, request.plan == nil else {
      return [SpeechPiece(request: request, text: request.content.text, pause: .sentence, firstWord: 0)]
    }
    let read = try read(text, request)
    let words = try model.hasSpeechPlan ? words(of: read.normalized) : nil
    let pieces = read.pieces.filter { piece in
      // What has no sound, as words of another script, is silence between the pieces.
      words.map { $0[read.words(of: piece)].contains { !$0.phonemes.isEmpty } } ?? true
    }
    guard !pieces.isEmpty else {
      throw UniMoEError(
        .request, "request", field: "text", expected: "at least one word that can be said", found: "none")
    }
    return zip(pieces, SentenceSplitter.spoken(pieces)).enumerated().map { index, piece in
      let range = read.words(of: piece.0)
      var part = request
      part.content = .speech(text: piece.1, voice: voice)
      part.seed = request.seed &+ UInt64(index)
      (part.reading, part.speaksCharacters) = (.verbatim, false)
      part.plan = words.map { .words(Array($0[range])) }
      return SpeechPiece(
        request: part, text: piece.0.text, pause: piece.0.endsParagraph ? .paragraph : .sentence,
        firstWord: range.lowerBound)
    }
  }

  private func read(_ text: String, _ request: Request) throws(UniMoEError) -> TextFrontEnd.Result {
    let frontEnd = TextFrontEnd(
      splitter: SentenceSplitter(longest: model.limits.textCharacters), isVerbatim: request.reading == .verbatim)
    var read = try request.speaksCharacters ? frontEnd.spell(text) : frontEnd.read(text)
    read.pieces = SentenceSplitter.sayable(read.pieces)
    guard !read.pieces.isEmpty else {
      throw UniMoEError(.request, "request", field: "text", expected: "letters or digits", found: "neither")
    }
    return read
  }
}
