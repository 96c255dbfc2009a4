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
      assignment.withRows(group) { rows in
        pass.products.gated(
          expert.gate, expert.up, from: rows.inputs, rows: group.count, into: assignment.intermediate,
          cancellation: cancellation)
        assignment.intermediate.withRows {
          pass.products.project(
            [Projection(matrix: expert.down, output: pass.branch)], from: $0.inputs, rows: group.count,
            cancellation: cancellation)
        }
        pass.branch.withRows { branch in
          for index in 0..<group.count {
            umk_accumulate(branch[index], rows.scales[index], hidden, rows.outputs[index])
          }
        }
      }
    }
  }
}
