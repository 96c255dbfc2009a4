/// The language model's side of one request: its caches, its code frames, and how the next ones are drawn.
final class RequestStream {
  /// A number in 0..<1 for a step and codebook.
  typealias Uniform = (_ step: Int, _ codebook: Int) -> Double

  let prompt: PromptRows
  let sampling: Sampling
  let minimumCodeFrames: Int?
  let conditional: KeyValueCache
  /// The unconditional stream's cache; `nil` where the guidance scale is 0.
  let unconditional: KeyValueCache?
  private(set) var sequence: DelayedSequence
  /// What the last step drew, before the delays and the end of sequence put their codes in its place; `[codebooks]`.
  private(set) var drawn: [Int32]

  private let guidance: Guidance
  private let uniform: Uniform
  private var sampler: Sampler
  private let logits: FloatBuffer  // [codebooks, codeVocabulary]

  /// Prepares a request.
  ///
  /// - Parameters:
  ///   - minimumCodeFrames: Code frames before the end may come; `nil` allows it at once.
  ///   - maximumTokens: Steps at the most, in the reference's terms.
  ///   - uniform: The random numbers.
  init(
    _ configuration: ModelConfiguration, prompt: PromptRows, sampling: Sampling, minimumCodeFrames: Int?,
    maximumTokens: Int, uniform: @escaping Uniform
  ) throws(UniMoEError) {
    self.prompt = prompt
    self.sampling = sampling
    self.minimumCodeFrames = minimumCodeFrames
    self.uniform = uniform
    sequence = DelayedSequence(configuration, maximumTokens: maximumTokens)
    drawn = Array(repeating: 0, count: configuration.codebooks)
    guidance = Guidance(configuration)
    sampler = Sampler(sampling, eos: Int(configuration.eos))
    logits = try FloatBuffer(configuration.codebooks * configuration.codeVocabulary)
    conditional = try KeyValueCache(configuration, capacity: prompt.conditional.count + maximumTokens)
    unconditional =
      sampling.guidanceScale == 0
      ? nil : try KeyValueCache(configuration, capacity: prompt.unconditional.count + maximumTokens)
  }

  /// Caches and ids of the streams that run, the unconditional one first.
  var rows: [(cache: KeyValueCache, ids: [Int32])] {
    let conditional = (cache: conditional, ids: prompt.conditional)
    return unconditional.map { [(cache: $0, ids: prompt.unconditional), conditional] } ?? [conditional]
  }

  /// The places of the next step, the unconditional stream first.
  var nextPlaces: [DecoderPass.Place] {
    rows.map { DecoderPass.Place(cache: $0.cache, position: $0.ids.count + sequence.steps) }
  }

  /// Draws the next code frame from the streams' logits, `[codebooks, codeVocabulary]` each.
  ///
  /// - Parameter look: Sees the logits that codes are drawn from.
  /// - Returns: Whether the streams' logits were all finite; otherwise the code frame means nothing.
  func draw(
    conditional: UnsafePointer<Float>, unconditional: UnsafePointer<Float>?,
    look: ((UnsafeBufferPointer<Float>) -> Void)? = nil
  ) -> Bool {
    let step = sequence.steps
    let width = guidance.codeVocabulary
    let areFinite = logits.withPointer { logits in
      let areFinite = guidance.apply(
        conditional: conditional, unconditional: unconditional, sampling: sampling,
        allowsEnd: minimumCodeFrames.map { step >= $0 } ?? true, into: logits)
      look?(UnsafeBufferPointer(start: logits, count: drawn.count * width))
      for codebook in drawn.indices {
        let row = UnsafeBufferPointer(start: logits + codebook * width, count: width)
        drawn[codebook] = Int32(sampler.draw(row, uniform: uniform(step, codebook)))
      }
      return areFinite
    }
    sequence.append(drawn)
    return areFinite
  }
}
