/// How long the voice rests before a word.
public enum Pause: String, Sendable, CaseIterable, Comparable {
  /// Before the first word.
  case start
  /// A plain space or a hyphen: no rest.
  case space
  /// A comma, a semicolon, a colon, a dash, a bracket.
  case comma
  /// A sentence's end, or that of a line which is one.
  case sentence
  /// The end of a paragraph, a heading or a list's item.
  case paragraph

  /// Whether one is shorter.
  public static func < (one: Pause, other: Pause) -> Bool {
    (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
  }
}

/// A text as it is said: figures, abbreviations and signs in words.
///
/// Two kinds of places are told: `source` and `bytes` of a word lie in the text as it was written, before anything was
/// changed, so that marks and messages refer to what the user sees; `place` lies in `text`, as the pieces of a
/// `SentenceSplitter` do.
public struct NormalizedText: Equatable, Sendable {
  /// The whole text; line ends and empty lines where the original has them.
  public var text = ""
  /// The words in order.
  public var words: [Word] = []
  /// The mark behind the last word, as `.`; empty without one.
  public var closingMark = ""
  /// The first letter of a script that English is not written in.
  public var foreign: ForeignCharacter?

  /// One word.
  public struct Word: Equatable, Sendable {
    /// What is said: letters in lower case, with apostrophes.
    public var spoken: String
    /// Whether it is a letter's name.
    public var isLetter = false
    /// Its phonemes where the text spells them.
    public var phonemes: [Phoneme]?
    /// Where the text that it stands for begins and ends in the original, in Unicode scalars. Words that one expression
    /// gives can have the same range.
    public var source: Range<Int>
    /// The same in bytes of UTF-8.
    public var bytes: Range<Int> = 0..<0
    /// Where it stands in the normalised text, in Unicode scalars.
    public var place: Range<Int>
    /// The rest before it.
    public var pause: Pause
    /// The mark before it, as `,`; empty without one.
    public var mark: String
  }

  /// A letter of another script.
  public struct ForeignCharacter: Equatable, Sendable {
    /// The letter.
    public var character: Unicode.Scalar
    /// Where it stands in the original, in Unicode scalars.
    public var offset: Int
  }
}
