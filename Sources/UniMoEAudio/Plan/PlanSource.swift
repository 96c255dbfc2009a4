/// Says what stands in a request's plan channels: draws it from the model's logits, constrains it, or gives it.
///
/// Calls come once per step: `begins` for the code frame of the step's number, then `code` for each channel with the code
/// frame that its delay leaves. Code frames come in order.
protocol PlanSource: AnyObject {
  /// Whether the source says where the result ends; otherwise the first codebook does.
  var decidesEnd: Bool { get }
  /// Code frames at the most, where the source decides the end.
  var longestCodeFrames: Int? { get }
  /// The word that is said, or that was said last; `nil` before the first one, and in music.
  var word: Int? { get }
  /// What happens in the text or score, as soon as it is known; emptied by whoever reads it.
  var marks: [Mark] { get set }

  /// Whether nobody knows anything of a channel in the whole request.
  func isUnknown(_ channel: PlanChannel) -> Bool
  /// Decides whether a code frame comes, and what is decided at once in it.
  func begins(codeFrame: Int, _ logits: PlanLogits) -> Bool
  /// The code of a channel in a code frame; `nil` where nobody says.
  func code(of channel: PlanChannel, in codeFrame: Int, _ logits: PlanLogits) -> Int32?
}

/// What the model says of the plan's written channels in one step.
struct PlanLogits {
  /// Two uniform numbers in 0..<1 for a code frame and a channel's place among all channels.
  typealias Uniforms = (_ codeFrame: Int, _ channel: Int) -> (first: Double, second: Double)

  /// Logits of all heads below each other.
  let values: UnsafePointer<Float>
  let configuration: PlanConfiguration
  /// Whether the likeliest code is taken without a draw.
  let isGreedy: Bool
  let uniforms: Uniforms

  /// The logits of a written channel: its codes, then the end.
  func row(_ channel: PlanChannel) -> UnsafeBufferPointer<Float> {
    guard let index = index(of: channel), channel.isWritten else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: values + configuration.headStarts[index], count: channel.headRows)
  }

  /// The uniform numbers of a channel in a code frame.
  func uniforms(of channel: PlanChannel, in codeFrame: Int) -> (first: Double, second: Double) {
    index(of: channel).map { uniforms(codeFrame, $0) } ?? (0, 0)
  }

  private func index(of channel: PlanChannel) -> Int? {
    configuration.channels.firstIndex { $0.name == channel.name }
  }
}

/// Something that happens in a text or a score while it is made.
public struct Mark: Equatable, Sendable {
  /// What happens.
  public enum Kind: String, Sendable {
    /// A word begins, or has ended.
    case wordStart, wordEnd
  }

  /// What happens.
  public var kind: Kind
  /// The word's place among the words of the text.
  public var word: Int
  /// Where it stands in the text as it was written, in bytes of UTF-8.
  public var textRange: Range<Int>
  /// The code frame at whose beginning it happens.
  public var codeFrame: Int

  /// Creates a mark.
  public init(kind: Kind, word: Int, textRange: Range<Int>, codeFrame: Int) {
    self.kind = kind
    self.word = word
    self.textRange = textRange
    self.codeFrame = codeFrame
  }
}
