/// Classifier-free guidance and the masking of codes that may not come (reference semantics, section c, rules 1 to 3).
struct Guidance: Sendable {
  /// Codes per codebook, the special ones included.
  let codeVocabulary: Int
  /// How many codebooks there are.
  let codebooks: Int
  /// The end-of-sequence code; codes above it may never come.
  let eos: Int

  /// Takes the sizes from a configuration.
  init(_ configuration: ModelConfiguration) {
    codeVocabulary = configuration.codeVocabulary
    codebooks = configuration.codebooks
    eos = Int(configuration.eos)
  }

  /// Combines both streams' logits `[codebooks, codeVocabulary]` and masks them.
  ///
  /// - Parameters:
  ///   - unconditional: The unconditional stream's logits; `nil` where the guidance scale is 0.
  ///   - allowsEnd: Whether the first codebook may end the sequence.
  /// - Returns: Whether the streams' logits were all finite; broken weights give others.
  @discardableResult
  func apply(
    conditional: UnsafePointer<Float>, unconditional: UnsafePointer<Float>?, sampling: Sampling, allowsEnd: Bool,
    into logits: UnsafeMutablePointer<Float>
  ) -> Bool {
    var areFinite = true
    let scale = sampling.guidanceScale
    for index in 0..<codebooks * codeVocabulary {
      let value = conditional[index]
      let other = unconditional.map { $0[index] } ?? value
      logits[index] = unconditional == nil ? value : value + scale * (value - other)
      areFinite = areFinite && value.isFinite && other.isFinite
    }
    for codebook in 0..<codebooks {
      let row = logits + codebook * codeVocabulary
      for code in eos..<codeVocabulary where code > eos || codebook > 0 || !allowsEnd { row[code] = -.infinity }
    }
    if allowsEnd { logits[eos] *= sampling.endFactor }
    return areFinite
  }
}
