/// The states of a text in the order in which they are spoken: its words' phonemes, and pauses that may be left out
/// before the first word, after the last one, and at punctuation (docs/plan-channels.md, "Speech").
struct PhonemeStates: Equatable, Sendable {
  /// The number of the pause among the phonemes.
  static let pause = 0
  /// How many phonemes ahead are told.
  static let lookahead = 2

  /// What lies between a state and a phoneme ahead of it.
  private enum Kind: Int, Comparable {
    case sameWord, laterWord, punctuation
    static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  /// One state.
  struct State: Equatable, Sendable {
    /// The phoneme's number.
    let phoneme: Int
    /// Which word it belongs to; `nil` in a pause, which may be left out.
    let word: Int?
    /// The codes of `ahead1` and `ahead2`.
    fileprivate(set) var ahead: [Int32] = []
  }

  /// The states in order; the first and the last one are pauses.
  let states: [State]

  /// The states of words.
  ///
  /// - Parameter phonemes: Names of the model's phonemes by their numbers.
  /// - Throws: kind `request` for a phoneme that the model does not know, or words without any.
  init(_ words: [SpokenWord], phonemes: [String]) throws(UniMoEError) {
    var numbers: [String: Int] = [:]
    for (number, name) in phonemes.enumerated() { numbers[name] = number }
    var states = [State(phoneme: Self.pause, word: nil)]
    var kinds: [Kind] = [.sameWord]
    for (index, word) in words.enumerated() where !word.phonemes.isEmpty {
      let isFirst = states.count == 1
      if !isFirst && word.mayPauseBefore {
        states.append(State(phoneme: Self.pause, word: nil))
        kinds.append(.sameWord)
      }
      for (place, name) in word.phonemes.enumerated() {
        guard let number = numbers[name], number != Self.pause else {
          throw UniMoEError(
            .request, "text", field: "phonemes of word \(index + 1)", expected: "phonemes that the model was taught",
            found: quoted(name))
        }
        states.append(State(phoneme: number, word: index))
        kinds.append(place > 0 ? .sameWord : !isFirst && word.mayPauseBefore ? .punctuation : .laterWord)
      }
    }
    guard states.count > 1 else {
      throw UniMoEError(.request, "text", expected: "at least one word that can be said", found: "none")
    }
    states.append(State(phoneme: Self.pause, word: nil))
    kinds.append(.sameWord)
    self.states = Self.lookingAhead(states, kinds, nothing: Int32(3 * phonemes.count))
  }

  /// Fills in what lies ahead of each state, from the last one backwards.
  private static func lookingAhead(_ states: [State], _ kinds: [Kind], nothing: Int32) -> [State] {
    var result = states
    /// The spoken states after the present one, nearest first.
    var following: [Int] = []
    for state in states.indices.reversed() {
      var kind = Kind.sameWord
      result[state].ahead = following.map { later in
        kind = max(kind, kinds[later])
        return Int32(3 * states[later].phoneme + kind.rawValue)
      }
      result[state].ahead += repeatElement(nothing, count: lookahead - following.count)
      if states[state].word != nil { following = [state] + following.prefix(lookahead - 1) }
    }
    return result
  }

  /// The states that may follow one (`nil`: before the first), up to and including the first that is no pause.
  func options(after state: Int?) -> Range<Int> {
    let first = (state ?? -1) + 1
    let spoken = states[first...].firstIndex { $0.word != nil }
    return first..<(spoken.map { $0 + 1 } ?? states.count)
  }

  /// Whether the text may end after a state: all that is left may be left out.
  func mayEnd(after state: Int?) -> Bool {
    guard let state else { return false }
    return !states[(state + 1)...].contains { $0.word != nil }
  }
}
