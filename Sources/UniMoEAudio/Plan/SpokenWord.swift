/// A word of a text as it is said.
public struct SpokenWord: Equatable, Sendable {
  /// Names of its phonemes: ARPAbet, vowels with their stress.
  public var phonemes: [String]
  /// Whether punctuation stands before it, so that the speaker may pause there.
  public var mayPauseBefore: Bool
  /// Where it stands in the text as it was written, in bytes of UTF-8.
  public var range: Range<Int>

  /// Creates a word.
  public init(phonemes: [String], mayPauseBefore: Bool = false, range: Range<Int>) {
    self.phonemes = phonemes
    self.mayPauseBefore = mayPauseBefore
    self.range = range
  }
}
