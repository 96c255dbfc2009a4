/// Audio codes in time order: `[codeFrames, codebooks]`, row-major.
public struct Codes: Equatable, Sendable {
  /// How many codebooks each code frame has.
  public let codebooks: Int
  /// The codes, one code frame after the other; count is `frameCount * codebooks`.
  public private(set) var values: [Int32]

  /// How many code frames there are.
  public var frameCount: Int { codebooks == 0 ? 0 : values.count / codebooks }

  /// Creates codes from whole code frames.
  ///
  /// - Precondition: `values.count` is a multiple of `codebooks`, and `codebooks` is positive.
  public init(codebooks: Int, values: [Int32] = []) {
    precondition(codebooks > 0 && values.count % codebooks == 0, "codes come in whole code frames")
    self.codebooks = codebooks
    self.values = values
  }

  /// The codes of one code frame, one per codebook.
  public subscript(frame: Int) -> ArraySlice<Int32> {
    values[frame * codebooks..<(frame + 1) * codebooks]
  }

  /// The code of one codebook in one code frame.
  public subscript(frame: Int, codebook: Int) -> Int32 {
    get { values[frame * codebooks + codebook] }
    set { values[frame * codebooks + codebook] = newValue }
  }

  /// Appends one code frame.
  ///
  /// - Precondition: `frame.count == codebooks`.
  public mutating func append(_ frame: some Collection<Int32>) {
    precondition(frame.count == codebooks, "a code frame has one code per codebook")
    values.append(contentsOf: frame)
  }

  /// The code frames of a range.
  public func slice(_ frames: Range<Int>) -> Codes {
    Codes(codebooks: codebooks, values: Array(values[frames.lowerBound * codebooks..<frames.upperBound * codebooks]))
  }
}
