import CKernels

/// The language model: a Qwen2.5-style decoder with dynamic-capacity mixture-of-experts layers that predicts all
/// codebooks of the next code frame at once (paper, section III; reference semantics, sections 0 and a).
///
/// Thread: any; a pass belongs to one thread at a time.
final class LanguageModel: Sendable {
  /// The checkpoint directory as the caller named it.
  let directory: String
  let configuration: ModelConfiguration
  let weights: DecoderWeights
  let router: Router
  /// How prompts are computed.
  let promptArithmetic: PromptArithmetic
  private let rotary: Rotary

  /// Takes the decoder's weights from a checkpoint.
  ///
  /// - Parameters:
  ///   - router: A routing rule other than the configuration's.
  ///   - promptArithmetic: How prompts are computed.
  init(
    _ checkpoint: Checkpoint, router: Router? = nil, promptArithmetic: PromptArithmetic = .exact
  ) throws(UniMoEError) {
    self.promptArithmetic = promptArithmetic
    directory = checkpoint.directory
    configuration = checkpoint.configuration
    weights = try DecoderWeights(checkpoint)
    self.router = router ?? Router(configuration)
    rotary = Rotary(theta: Float(configuration.ropeTheta), headDimension: configuration.headDimension)
  }

  // MARK: Embedding

  /// Writes the embedding of a text token, `[hidden]`.
  ///
  /// - Precondition: `token` lies in the vocabulary.
  func embed(token: Int32, into row: UnsafeMutablePointer<Float>) {
    weights.tokenEmbedding.widen(row: Int(token), into: row)
  }

  /// Writes the embedding of a code frame, `[hidden]`: the sum over the plan channels that it has, and the codebooks.
  ///
  /// - Parameter plan: Plan channels, by their places among all channels, with their codes.
  /// - Precondition: one code per codebook, each below the code vocabulary; a channel's code is below its rows.
  func embed(
    codeFrame: some Sequence<Int32>, plan: some Sequence<(channel: Int, code: Int32)> = EmptyCollection(),
    into row: UnsafeMutablePointer<Float>
  ) {
    let hidden = configuration.hiddenSize
    row.update(repeating: 0, count: hidden)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: hidden) { scratch in
      guard let code = scratch.baseAddress else { return }
      for (channel, value) in plan {
        weights.planEmbeddings[channel].widen(row: Int(value), into: code)
        umk_accumulate(code, 1, hidden, row)
      }
      for (codebook, value) in codeFrame.enumerated() {
        weights.codeEmbeddings[codebook].widen(row: Int(value), into: code)
        umk_accumulate(code, 1, hidden, row)
      }
    }
  }

  // MARK: Forward pass

  /// Runs the layers over `pass.hidden` and fills the caches of its slots.
  ///
  /// - Parameters:
  ///   - fillsCacheOnly: Leaves out what no cache needs: all of the last layer but its keys and values.
  ///   - observer: Looks into the pass.
  ///   - cancellation: Looked at in every block of a product and every row of attention.
  /// - Throws: `UniMoEError.cancelled`; the caches are then filled in some layers only.
  func run(
    _ pass: DecoderPass, fillsCacheOnly: Bool = false, observer: DecoderObserver? = nil, cancellation: Cancellation
  ) throws(UniMoEError) {
    Activations.withRows(pass.cosines, pass.sines) { cosines, sines in
      for (row, place) in pass.slots.enumerated() {
        rotary.fill(position: place.position, cosines: cosines[row], sines: sines[row])
      }
    }
    for layer in 0..<configuration.layers {
      try cancellation.check()
      let weights = weights.layers[layer]
      if let observer {
        pass.hidden.withValues(rows: pass.slots.count) { observer.layer(layer, received: $0) }
      }
      normalize(pass, weights.attentionNorm)
      projectKeysAndQueries(pass, weights, cancellation)
      rotateAndStore(pass, layer)
      if fillsCacheOnly && layer == configuration.layers - 1 { break }
      try observed(pass, observer.map { observer in { observer.layer(layer, attended: $0) } }) {
        () throws(UniMoEError) in
        attend(pass, layer, cancellation)
        addAttention(pass, weights, cancellation)
        try cancellation.check()
      }
      normalize(pass, weights.expertNorm)
      route(pass, weights, layer, observer)
      try observed(pass, observer.map { observer in { observer.layer(layer, mixed: $0) } }) { () throws(UniMoEError) in
        try addExperts(pass, weights, cancellation)
        try cancellation.check()
      }
    }
    try cancellation.check()
    for place in pass.slots {
      place.cache.advance(to: max(place.cache.count, place.position + 1))
      if let twin = place.twin { twin.advance(to: max(twin.count, place.position + 1)) }
    }
  }

  /// Computes `pass.codeLogits` and `pass.planLogits` from `pass.hidden` of a step; `pass.normed` then holds the final
  /// norm's output.
  func computeCodeLogits(_ pass: DecoderPass, cancellation: Cancellation? = nil) {
    normalize(pass, weights.finalNorm)
    var heads = [Projection(matrix: weights.codeHead, output: pass.codeLogits)]
    if let planHead = weights.planHead { heads.append(Projection(matrix: planHead, output: pass.planLogits)) }
    stepProject(heads, from: pass.normed, rows: pass.slots.count, cancellation: cancellation)
  }

  /// `pass.normed` = RMS norm of `pass.hidden`.
  func normalize(_ pass: DecoderPass, _ norm: Vector) {
    let hidden = configuration.hiddenSize
    let epsilon = configuration.rmsNormEpsilon
    Activations.withRows(pass.hidden, pass.normed) { input, normed in
      for row in 0..<pass.slots.count { umk_rms_norm(input[row], norm, hidden, epsilon, normed[row]) }
    }
  }

  private func projectKeysAndQueries(
    _ pass: DecoderPass, _ weights: DecoderLayerWeights, _ cancellation: Cancellation
  ) {
    let rows = pass.slots.count
    let projections = [
      Projection(matrix: weights.query, bias: weights.queryBias, output: pass.query),
      Projection(matrix: weights.key, bias: weights.keyBias, output: pass.key),
      Projection(matrix: weights.value, bias: weights.valueBias, output: pass.value),
    ]
    switch pass.kind {
    case .step: stepProject(projections, from: pass.normed, rows: rows, cancellation: cancellation)
    case .prefill:
      pass.normed.withRows {
        pass.products.project(projections, from: $0.inputs, rows: rows, cancellation: cancellation)
      }
    }
  }

  private func rotateAndStore(_ pass: DecoderPass, _ layer: Int) {
    rotate(pass.query, heads: configuration.heads, pass)
    rotate(pass.key, heads: configuration.kvHeads, pass)
    Activations.withRows(pass.key, pass.value) { keys, values in
      for (row, place) in pass.slots.enumerated() {
        place.cache.store(layer: layer, position: place.position, keys: keys[row], values: values[row])
        place.twin?.store(layer: layer, position: place.position, keys: keys[row], values: values[row])
      }
    }
  }

  private func rotate(_ heads: Activations, heads count: Int, _ pass: DecoderPass) {
    Activations.withRows(heads, pass.cosines, pass.sines) { heads, cosines, sines in
      for row in pass.slots.indices {
        umk_rotate(heads[row], count, configuration.headDimension / 2, cosines[row], sines[row])
      }
    }
  }

  /// `pass.attended` = causal attention of every row over its own stream's cache.
  private func attend(_ pass: DecoderPass, _ layer: Int, _ cancellation: Cancellation) {
    let dimension = configuration.headDimension
    let kvHeads = configuration.kvHeads
    let group = configuration.heads / kvHeads
    let scale = 1 / Float(dimension).squareRoot()
    let rows = pass.slots.count
    let blocks = min(rows, pass.attentionBlocks)
    Activations.withRows(pass.query, pass.attended) { query, attended in
      pass.scores.withPointer { scores in
        WorkerPool.shared.run(blocks * kvHeads) { task in
          let head = task % kvHeads
          // Rows of a block lie apart, because later positions cost more.
          for row in stride(from: task / kvHeads, to: rows, by: blocks) {
            if cancellation.isCancelled { return }
            let place = pass.slots[row]
            let offset = head * group * dimension
            place.cache.withRows(layer: layer, head: head) { keys, values in
              umk_attend(
                query[row] + offset, group, keys, values, place.position + 1, dimension, scale,
                scores + task * pass.scoresPerTask, attended[row] + offset)
            }
          }
        }
      }
    }
  }

  private func addAttention(_ pass: DecoderPass, _ weights: DecoderLayerWeights, _ cancellation: Cancellation) {
    switch pass.kind {
    case .step:
      pass.ones.withPointer { ones in
        stepAccumulate(
          weights.output, from: pass.attended, scales: ones, into: pass.hidden, rows: pass.slots.count,
          cancellation: cancellation)
      }
    case .prefill:
      let rows = pass.slots.count
      pass.attended.withRows {
        pass.products.project(
          [Projection(matrix: weights.output, output: pass.branch)], from: $0.inputs, rows: rows,
          cancellation: cancellation)
      }
      Activations.withRows(pass.branch, pass.hidden) { branch, hidden in
        umk_accumulate(branch[0], 1, rows * configuration.hiddenSize, hidden[0])
      }
    }
  }

  /// Routes `pass.normed` and groups the rows by expert.
  ///
  /// - Parameter padding: Which rows are masked; generation computes no padding, so it has none.
  func route(
    _ pass: DecoderPass, _ weights: DecoderLayerWeights, _ layer: Int, _ observer: DecoderObserver?,
    padding: [Bool]? = nil
  ) {
    let rows = pass.slots.count
    weights.router.withKernelMatrix { matrix in
      Activations.withRows(pass.normed, pass.routerLogits) { input, logits in
        umk_linear(matrix, 0, matrix.pointee.rows, input.inputs, rows, nil, logits.outputs)
      }
    }
    let experts = router.experts
    withUnsafeTemporaryAllocation(of: Bool.self, capacity: rows * experts) { isChosen in
      guard let isChosen = isChosen.baseAddress else { return }
      Activations.withRows(pass.routerLogits, pass.routerWeights) { logits, weights in
        for row in 0..<rows {
          let chosen = isChosen + row * experts
          let capacity = router.route(
            logits[row], isPadding: padding?[row] ?? false, weights: weights[row], isChosen: chosen)
          observer?.layer(
            layer, row: row,
            routed: Routing(
              logits: UnsafeBufferPointer(start: logits[row], count: experts),
              weights: UnsafeBufferPointer(start: weights[row], count: experts),
              isChosen: UnsafeBufferPointer(start: chosen, count: experts), capacity: capacity))
        }
      }
      pass.experts.assign(
        rows: rows, weights: pass.routerWeights, isChosen: isChosen, input: pass.normed, output: pass.hidden)
    }
  }

  /// Adds what the experts give for `pass.normed` to `pass.hidden`.
  func addExperts(
    _ pass: DecoderPass, _ weights: DecoderLayerWeights, _ cancellation: Cancellation
  ) throws(UniMoEError) {
    switch pass.kind {
    case .step: stepExperts(weights, pass.experts, cancellation)
    case .prefill: try prefillExperts(pass, weights, cancellation)
    }
  }

  /// Runs `body`; if somebody looks, hands over what it added to the residual stream.
  private func observed(
    _ pass: DecoderPass, _ report: ((UnsafeBufferPointer<Float>) -> Void)?, _ body: () throws(UniMoEError) -> Void
  ) throws(UniMoEError) {
    guard let report else { return try body() }
    let before = pass.hidden.values(rows: pass.slots.count)
    try body()
    let added = zip(pass.hidden.values(rows: pass.slots.count), before).map { $0 - $1 }
    added.withUnsafeBufferPointer(report)
  }
}
