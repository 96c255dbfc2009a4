/// The code frames of one request as the decoder writes them: codebook `c` lags `delays[c]` code frames behind, and
/// after the end of sequence the codebooks end one by one (paper, delay pattern; reference semantics, section d).
struct DelayedSequence: Sendable {
  private let delays: [Int]
  private let longestDelay: Int
  private let bos: Int32
  private let eos: Int32
  private let pad: Int32
  private let maximumTokens: Int

  /// All frames so far, the BOS frame first: `[frames, codebooks]`.
  private(set) var frames: [Int32]
  /// Code frames of the finished sequence; `nil` before its end is known.
  private(set) var length: Int?
  /// Whether the model itself ended the sequence, not the limit.
  private(set) var endedByModel = false

  /// Starts with the BOS frame.
  ///
  /// - Parameter maximumTokens: The reference's `max_tokens`: one more than the longest delay plus the longest length.
  init(_ configuration: ModelConfiguration, maximumTokens: Int) {
    delays = configuration.delays
    longestDelay = delays.max() ?? 0
    bos = configuration.bos
    eos = configuration.eos
    pad = configuration.pad
    self.maximumTokens = maximumTokens
    frames = Array(repeating: configuration.bos, count: delays.count)
  }

  /// Codebooks of a frame.
  var codebooks: Int { delays.count }
  /// Steps taken.
  var steps: Int { frames.count / codebooks - 1 }
  /// Whether no further step is needed.
  var isFinished: Bool { steps >= maximumTokens || length.map { steps >= $0 + max(1, longestDelay) } == true }
  /// The frame that the next step reads.
  var lastFrame: ArraySlice<Int32> { frames.suffix(codebooks) }

  /// Appends what a step predicted, `[codebooks]`, with the end of sequence and the delays' BOS forced.
  ///
  /// - Parameter ends: Whether it is known without the codebooks that the step's code frame does not come any more.
  mutating func append(_ predicted: [Int32], ends: Bool = false) {
    let step = steps
    if length == nil {
      endedByModel = ends || predicted[0] == eos
      if ends {
        length = step
      } else if endedByModel {
        length = max(0, step - delays[0])
      } else if step + 1 >= maximumTokens - longestDelay {
        length = step
      }
    }
    for codebook in 0..<codebooks {
      let codeFrame = step - delays[codebook]
      frames.append(
        codeFrame < 0
          ? bos
          : length.map { codeFrame >= $0 } == true ? (codeFrame == length ? eos : pad) : predicted[codebook])
    }
  }

  /// Code frames that are known in every codebook.
  var completeCodeFrames: Int { min(max(0, steps - longestDelay), length ?? Int.max) }

  /// A frame as a window shows it whose first frame it is `position` frames behind: BOS where nothing stands there yet.
  func frame(_ index: Int, inWindowAt position: Int) -> [Int32] {
    (0..<codebooks).map { position <= delays[$0] ? bos : frames[index * codebooks + $0] }
  }

  /// The codes of a range of complete code frames, in time order.
  ///
  /// - Precondition: the range ends at `completeCodeFrames` at the most.
  func codes(_ range: Range<Int>) -> Codes {
    precondition(range.upperBound <= completeCodeFrames, "only complete code frames have all their codes")
    var codes = Codes(codebooks: codebooks)
    for index in range {
      codes.append((0..<codebooks).map { frames[(index + delays[$0] + 1) * codebooks + $0] })
    }
    return codes
  }
}
