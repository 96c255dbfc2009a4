import CKernels

extension LanguageModel {
  /// Adds what the chosen and the shared experts give to the residual stream, expert after expert: each sees its own
  /// rows only.
  func prefillExperts(
    _ pass: DecoderPass, _ weights: DecoderLayerWeights, _ cancellation: Cancellation
  ) throws(UniMoEError) {
    let hidden = configuration.hiddenSize
    let assignment = pass.experts
    for group in assignment.groups {
      try cancellation.check()
      let expert = weights.expert(group.expert)
      pass.products.gated(
        expert.gate, expert.up, from: assignment.inputs(group), rows: group.count, into: assignment.intermediate,
        cancellation: cancellation)
      pass.products.project(
        [Projection(matrix: expert.down, output: pass.branch)], from: assignment.intermediate.inputs,
        rows: group.count, cancellation: cancellation)
      for index in 0..<group.count {
        let scale = assignment.scales(group)[index]
        umk_accumulate(pass.branch[index], scale, hidden, pass.hidden[assignment.rows[group.start + index]])
      }
    }
  }
}
