import UniMoEAudio

/// When the words of a text are heard in the sound that was made of it.
struct WordTimes {
  /// A word, or an expression of several words, as "$5".
  struct Word: Equatable {
    /// Where it stands in the text as it was written, in bytes of UTF-8.
    var range: Range<Int>
    /// Seconds of the sound at which it begins and has ended.
    var start: Double
    var end: Double
  }

  /// Where the sound of a piece lies in that of the whole text.
  struct Place {
    /// The samples of the piece that were kept, and the sample of the whole at which they begin.
    var kept: Range<Int>
    var start: Int
  }

  /// The words in the order in which they are heard.
  private(set) var words: [Word] = []

  /// The words of results whose sounds lie at some places.
  ///
  /// - Parameter hopLength: Samples of a code frame.
  init(_ results: [GenerationResult], at places: [Place], sampleRate: Int, hopLength: Int) {
    for (result, place) in zip(results, places) {
      func seconds(_ codeFrame: Int) -> Double {
        let sample = min(max(codeFrame * hopLength, place.kept.lowerBound), place.kept.upperBound)
        return Double(sample - place.kept.lowerBound + place.start) / Double(sampleRate)
      }
      let end = seconds(Int.max / hopLength)
      var open: (word: Int, index: Int)?
      for mark in result.marks {
        let time = seconds(mark.codeFrame)
        switch mark.kind {
        case .wordStart where mark.codeFrame * hopLength >= place.kept.upperBound: open = nil  // Not heard any more.
        case .wordStart:
          if words.last?.range != mark.textRange {
            words.append(Word(range: mark.textRange, start: time, end: end))
          }
          open = (mark.word, words.count - 1)
        case .wordEnd:
          if let open, open.word == mark.word { words[open.index].end = time }
        }
      }
    }
  }
}
