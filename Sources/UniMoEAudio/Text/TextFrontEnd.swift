/// From a text to what is said: normalised words, phonemes, pieces.
public struct TextFrontEnd: Sendable {
  /// What says how words sound; `nil` where there is no lexicon.
  public var pronouncer: Pronouncer?
  /// Cuts a long text.
  public var splitter: SentenceSplitter
  /// Whether figures, abbreviations and signs stay as they are written.
  public var isVerbatim: Bool

  /// Creates a front end.
  public init(pronouncer: Pronouncer? = nil, splitter: SentenceSplitter, isVerbatim: Bool = false) {
    self.pronouncer = pronouncer
    self.splitter = splitter
    self.isVerbatim = isVerbatim
  }

  /// What is said for a text.
  public struct Result: Sendable {
    /// The words.
    public var normalized: NormalizedText
    /// The phonemes of each word; `nil` without a lexicon.
    public var phonemes: [[Phoneme]]?
    /// The parts that are spoken in one go.
    public var pieces: [SentenceSplitter.Piece]

    /// The words of one of the pieces, by their places among all words.
    public func words(of piece: SentenceSplitter.Piece) -> Range<Int> {
      let first = firstWord { $0.place.upperBound > piece.range.lowerBound }
      return first..<max(first, firstWord { $0.place.lowerBound >= piece.range.upperBound })
    }

    /// The first word of which something holds that holds of all that follow.
    private func firstWord(where holds: (NormalizedText.Word) -> Bool) -> Int {
      var (low, high) = (0, normalized.words.count)
      while low < high {
        let middle = (low + high) / 2
        if holds(normalized.words[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  /// What is said for a text that is spoken character by character.
  public func spell(_ text: String) throws(UniMoEError) -> Result {
    let normalized = try Normalizer.spell(text)
    return Result(
      normalized: normalized, phonemes: pronouncer?.phonemes(of: normalized),
      pieces: splitter.pieces(of: normalized.text))
  }

  /// What is said for a text.
  ///
  /// Throws an error of kind `request` for a spelling in braces that names no phoneme.
  public func read(_ text: String) throws(UniMoEError) -> Result {
    var known: [String: [Phoneme]] = [:]
    return try read(text, known: &known)
  }

  /// The same for one text of many: what was found out about a word is kept in `known`.
  public func read(_ text: String, known: inout [String: [Phoneme]]) throws(UniMoEError) -> Result {
    var splitter = splitter
    let normalized = try Normalizer(isVerbatim: isVerbatim).normalize(text)
    splitter.hasAbbreviations = isVerbatim || normalized.text == text
    return Result(
      normalized: normalized, phonemes: pronouncer?.phonemes(of: normalized, known: &known),
      pieces: splitter.pieces(of: normalized.text))
  }
}
