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
      for index in 0..<group.count {
        pass.gathered[index].update(from: pass.normed[assignment.rows[group.start + index]], count: hidden)
      }
      let intermediate = assignment.intermediate[0]
      MatrixProduct.gated(
        expert.gate, expert.up, x: pass.gathered[0], rows: group.count, into: intermediate, cancellation: cancellation)
      MatrixProduct.project(
        expert.down, x: intermediate, rows: group.count, into: pass.branch[0], cancellation: cancellation)
      for index in 0..<group.count {
        let scale = assignment.scales(group)[index]
        umk_accumulate(pass.branch[index], scale, hidden, pass.hidden[assignment.rows[group.start + index]])
      }
    }
  }
}
