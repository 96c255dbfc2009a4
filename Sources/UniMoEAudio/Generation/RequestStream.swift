/// The language model's side of one request: its caches, its code frames, and how the next ones are drawn.
final class RequestStream {
  /// A number in 0..<1 for a step and codebook.
  typealias Uniform = (_ step: Int, _ codebook: Int) -> Double

  /// What is read before the frames: in a text of several pieces, the piece that the window shows.
  private(set) var prompt: PromptRows
  let sampling: Sampling
  let minimumCodeFrames: Int?
  let conditional: KeyValueCache
  /// The unconditional stream's cache; `nil` where the guidance scale is 0.
  let unconditional: KeyValueCache?
  private(set) var sequence: DelayedSequence
  /// What the last step drew, before the delays and the end of sequence put their codes in its place; `[codebooks]`.
  private(set) var drawn: [Int32]
  /// The plan; `nil` in a model without one.
  let plan: PlanTrack?
  /// The first frame of the window that the caches hold behind the prompt.
  private(set) var windowStart = 0

  private let pieces: PiecePrompts?
  private var piece = 0
  private let firstDelay: Int
  private let guidance: Guidance
  private let uniform: Uniform
  private var sampler: Sampler
  private let logits: FloatBuffer  // [codebooks, codeVocabulary]

  /// Prepares a request.
  ///
  /// - Parameters:
  ///   - minimumCodeFrames: Code frames before the end may come; `nil` allows it at once.
  ///   - maximumTokens: Steps at the most, in the reference's terms.
  ///   - plan: What the plan says; `nil` in a model without one.
  ///   - pieces: The prompts of a text of several pieces, the first of which is `prompt`.
  ///   - uniform: The random numbers.
  init(
    _ configuration: ModelConfiguration, prompt: PromptRows, sampling: Sampling, minimumCodeFrames: Int?,
    maximumTokens: Int, plan: PlanTrack? = nil, pieces: PiecePrompts? = nil, uniform: @escaping Uniform
  ) throws(UniMoEError) {
    self.plan = plan
    self.pieces = pieces
    firstDelay = configuration.delays[0]
    self.prompt = prompt
    self.sampling = sampling
    self.minimumCodeFrames = minimumCodeFrames
    self.uniform = uniform
    sequence = DelayedSequence(configuration, maximumTokens: maximumTokens)
    drawn = Array(repeating: 0, count: configuration.codebooks)
    guidance = Guidance(configuration)
    sampler = Sampler(sampling, eos: Int(configuration.eos))
    logits = try FloatBuffer(configuration.codebooks * configuration.codeVocabulary)
    let capacity = Self.positions(maximumTokens: maximumTokens, hasPlan: plan != nil)
    conditional = try KeyValueCache(
      configuration, capacity: max(prompt.conditional.count, pieces?.longest ?? 0) + capacity)
    unconditional =
      sampling.guidanceScale == 0
      ? nil : try KeyValueCache(configuration, capacity: prompt.unconditional.count + capacity)
  }

  /// The most positions that a result takes behind its prompt: all of its steps, or those of the window in which a model
  /// with a plan makes long ones.
  static func positions(maximumTokens: Int, hasPlan: Bool) -> Int {
    hasPlan ? min(maximumTokens, Window.frames) : maximumTokens
  }

  /// Caches and ids of the streams that run, the unconditional one first.
  var rows: [(cache: KeyValueCache, ids: [Int32])] {
    let conditional = (cache: conditional, ids: prompt.conditional)
    return unconditional.map { [(cache: $0, ids: prompt.unconditional), conditional] } ?? [conditional]
  }

  /// A row that a pass computes, and what the plan's channels hold in it.
  typealias PlannedSlot = (place: DecoderPass.Slot, plan: [(channel: Int, code: Int32)])

  /// The slots of the next step, the unconditional stream first.
  var nextPlaces: [PlannedSlot] {
    rows.map { cache, ids in
      let place = DecoderPass.Slot(cache: cache, position: ids.count + sequence.steps - windowStart)
      return (place, plan.map { cache === conditional ? $0.rows.embedded(sequence.steps) : $0.rows.unknown } ?? [])
    }
  }

  /// What the caches need anew once the window has moved.
  struct WindowMove {
    /// Whether the prompt is another one.
    let changesPrompt: Bool
    /// Frames and their positions behind the prompt.
    let frames: [(frame: Int, position: Int)]
  }

  /// Moves the window where it is full; `nil` otherwise (docs/plan-channels.md, "The window").
  func moveWindow() throws(UniMoEError) -> WindowMove? {
    guard let plan, sequence.steps - windowStart >= Window.frames else { return nil }
    windowStart = sequence.steps - Window.kept
    var changesPrompt = false
    if let pieces, let word = plan.source.word, pieces.piece(ofWord: word) != piece {
      piece = pieces.piece(ofWord: word)
      prompt = try pieces.prompt(piece)
      changesPrompt = true
    }
    return WindowMove(changesPrompt: changesPrompt, frames: (0..<Window.kept).map { (windowStart + $0, $0) })
  }

  /// Draws the next code frame from the streams' logits, `[codebooks, codeVocabulary]` each.
  ///
  /// - Parameters:
  ///   - planLogits: The conditional stream's logits of the plan's heads.
  ///   - look: Sees the logits that codes are drawn from.
  /// - Returns: Whether the streams' logits were all finite; otherwise the code frame means nothing.
  func draw(
    conditional: UnsafePointer<Float>, unconditional: UnsafePointer<Float>?, planLogits: UnsafePointer<Float>,
    look: ((UnsafeBufferPointer<Float>) -> Void)? = nil
  ) -> Bool {
    let step = sequence.steps
    let planned = plan.map { $0.logits(planLogits, isGreedy: sampler.isGreedy) }
    let ends = sequence.length == nil && planned.map { plan?.source.begins(codeFrame: step, $0) == false } == true
    let allowsEnd = plan?.source.decidesEnd != true && step - firstDelay >= max(0, minimumCodeFrames ?? 0)
    let width = guidance.codeVocabulary
    let areFinite = logits.withPointer { logits in
      let areFinite = guidance.apply(
        conditional: conditional, unconditional: unconditional, sampling: sampling, allowsEnd: allowsEnd, into: logits)
      look?(UnsafeBufferPointer(start: logits, count: drawn.count * width))
      for codebook in drawn.indices {
        let row = UnsafeBufferPointer(start: logits + codebook * width, count: width)
        drawn[codebook] = Int32(sampler.draw(row, uniform: uniform(step, codebook)))
      }
      return areFinite
    }
    sequence.append(drawn, ends: ends)
    if let planned { plan?.append(length: sequence.length, planned) }
    return areFinite
  }
}

/// How a model with a plan makes results that are longer than what it was trained on.
enum Window {
  /// Frames that are read behind the prompt before the window moves.
  static let frames = 400
  /// Frames that it keeps.
  static let kept = 200
}
