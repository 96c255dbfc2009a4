/// The plan's side of one request: who says what stands in its channels, and the rows that follow from it.
final class PlanTrack {
  /// Who says.
  let source: any PlanSource
  /// What each position of the decoder's audio part reads; as many rows as the sequence has frames.
  private(set) var rows: PlanRows

  private let configuration: PlanConfiguration
  private let uniforms: PlanLogits.Uniforms

  /// Begins with the BOS row.
  init(
    _ source: any PlanSource, _ configuration: PlanConfiguration, _ domain: PlanChannel.Domain,
    uniforms: @escaping PlanLogits.Uniforms
  ) {
    self.source = source
    self.configuration = configuration
    self.uniforms = uniforms
    rows = PlanRows(configuration, domain) { source.isUnknown($0) }
    rows.append(length: nil) { _, _ in nil }
  }

  /// What the model says of the plan in a step, from the conditional stream's logits of all heads.
  func logits(_ values: UnsafePointer<Float>, isGreedy: Bool) -> PlanLogits {
    PlanLogits(values: values, configuration: configuration, isGreedy: isGreedy, uniforms: uniforms)
  }

  /// Appends the row that a step's answer makes, once the sequence's length is known as far as it can be.
  func append(length: Int?, _ logits: PlanLogits) {
    rows.append(length: length) { source.code(of: $0, in: $1, logits) }
  }

  /// What stood in the channels, code frame by code frame in time order.
  ///
  /// - Precondition: all codes of these code frames are complete.
  func codes(_ codeFrames: Int) -> GivenPlan {
    var plan = GivenPlan(codeFrames: codeFrames)
    for (place, (_, channel)) in rows.channels.enumerated() {
      plan.give(
        channel.name.rawValue,
        (0..<codeFrames).map { codeFrame in
          let code = rows.values[(codeFrame + channel.delay + 1) * rows.channels.count + place]
          return code < channel.codes ? code : GivenPlan.unknown
        })
    }
    return plan
  }
}
