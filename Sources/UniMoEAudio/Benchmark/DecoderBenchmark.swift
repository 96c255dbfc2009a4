/// Runs the language model on fixed inputs and says how long it took: for the benchmark program alone.
///
/// Thread: one at a time.
package final class DecoderBenchmark {
  /// What the steps of a preparation read.
  package struct Traffic: Sendable {
    /// Bytes of weights that one step reads, on average: dense ones, and each expert that any row chose.
    package let weightBytesPerStep: Double
    /// Routed experts that a step uses, summed over the layers, on average.
    package let routedExpertsPerStep: Double
  }

  private let model: LanguageModel
  private let clock: BenchmarkClock
  private let cancellation = Cancellation()
  private var pass: DecoderPass?
  private var caches: [KeyValueCache] = []
  private var context = 0
  private var frames: [[[Int32]]] = []  // [steps][requests][codebooks]

  /// Opens a checkpoint directory.
  package init(
    modelDirectory: String, clock: BenchmarkClock = .wall, promptArithmetic: PromptArithmetic = .exact
  ) throws(UniMoEError) {
    self.clock = clock
    model = try LanguageModel(try Checkpoint(directory: modelDirectory), promptArithmetic: promptArithmetic)
  }

  /// Puts the prompt of one request, conditional and unconditional stream of `positions` tokens, into fresh caches; returns the
  /// seconds that took.
  package func prefill(positions: Int) throws(UniMoEError) -> Double {
    let stream = try makeStream(request: 0, positions: positions, steps: 0)
    let batch = try StepBatch(model, [stream])
    return try clock.measure { () throws(UniMoEError) in try batch.prefill(stream, cancellation: cancellation) }
  }

  /// Prepares `steps` steps of `requests` requests, two streams each, after prompts of `context` tokens.
  package func prepareSteps(requests: Int, context: Int, steps: Int) throws(UniMoEError) {
    self.context = context
    caches = []
    for request in 0..<requests {
      let stream = try makeStream(request: request, positions: context, steps: steps)
      try StepBatch(model, [stream]).prefill(stream, cancellation: cancellation)
      caches += stream.rows.map(\.cache)
    }
    pass = try DecoderPass(.step, model.configuration, rows: caches.count, positions: context + steps)
    frames = (0..<steps).map { step in
      (0..<requests).map { BenchmarkWorkload.codeFrame(model.configuration, step: step, request: $0) }
    }
  }

  /// Runs all prepared steps, guidance and drawing included; the next step is fed the prepared code frame, so that
  /// every run does the same. Returns the seconds that took.
  package func runSteps() throws(UniMoEError) -> Double {
    guard let pass else { return 0 }
    let sampling = Sampling(guidanceScale: 1)
    let guidance = Guidance(model.configuration)
    var sampler = Sampler(sampling, eos: guidance.eos)
    let logits = try FloatBuffer(guidance.codebooks * guidance.codeVocabulary)
    return try clock.measure { () throws(UniMoEError) in
      for step in frames.indices {
        try run(step, pass, observer: nil)
        for request in frames[step].indices {
          pass.codeLogits.withRows { rows in
            logits.withPointer { logits in
              guidance.apply(
                conditional: rows[2 * request + 1], unconditional: rows[2 * request], sampling: sampling,
                allowsEnd: true, into: logits)
              for codebook in 0..<guidance.codebooks {
                let row = UnsafeBufferPointer(
                  start: logits + codebook * guidance.codeVocabulary, count: guidance.codeVocabulary)
                _ = sampler.draw(row, uniform: 0.5)
              }
            }
          }
        }
      }
    }
  }

  /// Runs all prepared steps and counts what they read.
  package func measureTraffic() throws(UniMoEError) -> Traffic {
    guard let pass, !frames.isEmpty else { return Traffic(weightBytesPerStep: 0, routedExpertsPerStep: 0) }
    let counter = TrafficCounter(model)
    for step in frames.indices { try run(step, pass, observer: counter) }
    counter.finishLayer()
    let dense = model.weights.layers.reduce(model.weights.codeHead.byteCount) { $0 + $1.denseByteCount }
    return Traffic(
      weightBytesPerStep: Double(dense) + Double(counter.routedBytes) / Double(frames.count),
      routedExpertsPerStep: Double(counter.routedExperts) / Double(frames.count))
  }

  /// The logits of the last step, `[streams, codebooks, codeVocabulary]`, the unconditional stream of each request first.
  package var logits: [Float] { pass.map { $0.codeLogits.values(rows: $0.slots.count) } ?? [] }

  private func run(_ step: Int, _ pass: DecoderPass, observer: DecoderObserver?) throws(UniMoEError) {
    pass.slots.removeAll(keepingCapacity: true)
    for (row, cache) in caches.enumerated() {
      pass.hidden.withRows { model.embed(codeFrame: frames[step][row / 2], into: $0[row]) }
      pass.slots.append(DecoderPass.Slot(cache: cache, position: context + step))
    }
    try model.run(pass, observer: observer, cancellation: cancellation)
    model.computeCodeLogits(pass)
  }

  private func makeStream(request: Int, positions: Int, steps: Int) throws(UniMoEError) -> RequestStream {
    let ids = [2 * request, 2 * request + 1].map { stream in
      (0..<positions).map { BenchmarkWorkload.token(model.configuration, stream: stream, position: $0) }
    }
    return try RequestStream(
      model.configuration, prompt: PromptRows(conditional: ids[1], unconditional: ids[0], voiceFrames: []),
      sampling: Sampling(guidanceScale: 1), minimumCodeFrames: nil, maximumTokens: steps, uniform: { _, _ in 0.5 })
  }
}

/// Counts the distinct routed experts of every layer and step, and their bytes.
private final class TrafficCounter: DecoderObserver {
  private(set) var routedExperts = 0
  private(set) var routedBytes = 0
  private let model: LanguageModel
  private var layer = 0
  private var used: Set<Int> = []

  init(_ model: LanguageModel) { self.model = model }

  func layer(_ layer: Int, received input: UnsafeBufferPointer<Float>) {
    finishLayer()
    self.layer = layer
  }

  func layer(_ layer: Int, row: Int, routed routing: Routing) {
    for expert in 0..<model.configuration.routedExperts where routing.isChosen[expert] { used.insert(expert) }
  }

  /// Takes the experts of the layer that was looked at last into the sums.
  func finishLayer() {
    routedExperts += used.count
    routedBytes += used.reduce(0) { $0 + model.weights.layers[layer].routed[$1].byteCount }
    used.removeAll()
  }
}

extension FeedForwardWeights {
  fileprivate var byteCount: Int { gate.byteCount + up.byteCount + down.byteCount }
}

extension DecoderLayerWeights {
  /// Bytes of the matrices that every step reads.
  fileprivate var denseByteCount: Int {
    [query, key, value, output, router].reduce(0) { $0 + $1.byteCount } + shared.reduce(0) { $0 + $1.byteCount }
  }
}
