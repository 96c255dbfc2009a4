/// Runs the language model for several requests at once: each prompt by itself, then one step of all together, so that
/// every weight is read once per step.
final class StepBatch {
  /// Sees the logits that the codes of a request's step are drawn from.
  typealias LogitsLook = (_ stream: RequestStream, _ logits: UnsafeBufferPointer<Float>) -> Void

  /// Rows of a prompt that go through the layers together: enough that reading the weights costs little, few enough that
  /// memory does not grow with the prompt.
  static let prefillRows = 512

  private let model: LanguageModel
  private let pass: DecoderPass
  /// Looks into the steps.
  var observer: DecoderObserver?
  /// Looks at the logits of the steps.
  var logitsLook: LogitsLook?

  /// Prepares for the steps of some requests.
  init(_ model: LanguageModel, _ streams: [RequestStream]) throws(UniMoEError) {
    self.model = model
    let rows = streams.reduce(0) { $0 + ($1.unconditional == nil ? 1 : 2) }
    let positions = streams.reduce(0) { max($0, $1.conditional.capacity, $1.unconditional?.capacity ?? 0) }
    pass = try DecoderPass(.step, model.configuration, rows: rows, positions: positions)
  }

  /// Puts a request's prompt into its caches. Its logits are not needed: the BOS frame is the first step's input.
  ///
  /// What both streams begin with (a voice prompt, for example) is computed once and stored twice.
  func prefill(_ stream: RequestStream, cancellation: Cancellation) throws(UniMoEError) {
    let rows = stream.rows
    let placeholder = model.configuration.placeholder
    let voicePlan = stream.prompt.voicePlan
    // A plan that is known in one stream and not in the other sets them apart.
    let isPlanShared = voicePlan?.isUnknown ?? true
    let shared =
      rows.count == 2
      ? zip(rows[0].ids, rows[1].ids).prefix { $0 == $1 && (isPlanShared || $0 != placeholder) }.count : 0
    let count = rows.reduce(0) { $0 + $1.ids.count } - shared
    let longest = rows.reduce(0) { max($0, $1.ids.count) }
    let prefill = try DecoderPass(
      .prefill, model.configuration, rows: min(count, Self.prefillRows), positions: longest,
      arithmetic: model.promptArithmetic)
    for (index, (cache, ids)) in rows.enumerated() {
      var voiceFrame = 0
      for (position, id) in ids.enumerated() {
        let isVoice = id == placeholder
        defer { voiceFrame += isVoice ? 1 : 0 }
        if index > 0 && position < shared { continue }
        prefill.hidden.withRows { hidden in
          let row = hidden[prefill.slots.count]
          if isVoice {
            let isConditional = cache === stream.conditional
            model.embed(
              codeFrame: stream.prompt.voiceFrame(voiceFrame, codebooks: model.configuration.codebooks),
              plan: voicePlan.map { isConditional ? $0.embedded(voiceFrame) : $0.unknown } ?? [], into: row)
          } else {
            model.embed(token: id, into: row)
          }
        }
        let twin = position < shared ? rows[1].cache : nil
        prefill.slots.append(DecoderPass.Slot(cache: cache, position: position, twin: twin))
        if prefill.slots.count == Self.prefillRows { try fillCaches(prefill, cancellation) }
      }
    }
    try fillCaches(prefill, cancellation)
  }

  /// Fills the caches anew with the frames that a full window keeps.
  private func refill(
    _ stream: RequestStream, _ frames: [(frame: Int, position: Int)], _ cancellation: Cancellation
  ) throws(UniMoEError) {
    let rows = stream.rows
    let refill = try DecoderPass(
      .prefill, model.configuration, rows: frames.count, positions: rows.reduce(0) { max($0, $1.cache.capacity) },
      arithmetic: model.promptArithmetic)
    for (cache, ids) in rows {
      for (frame, position) in frames {
        let plan = stream.plan.map {
          cache === stream.conditional ? $0.rows.embedded(frame, inWindowRow: position) : $0.rows.unknown
        }
        refill.hidden.withRows {
          model.embed(
            codeFrame: stream.sequence.frame(frame, inWindowAt: position), plan: plan ?? [],
            into: $0[refill.slots.count])
        }
        refill.slots.append(DecoderPass.Slot(cache: cache, position: ids.count + position))
      }
      try fillCaches(refill, cancellation)
    }
  }

  /// Runs the slots collected so far, if any, and makes room for the next.
  private func fillCaches(_ prefill: DecoderPass, _ cancellation: Cancellation) throws(UniMoEError) {
    if prefill.slots.isEmpty { return }
    try model.run(prefill, fillsCacheOnly: true, cancellation: cancellation)
    prefill.slots.removeAll(keepingCapacity: true)
  }

  /// Runs one step of some of the requests and draws their next code frames.
  ///
  /// Throws an error of kind `model` if the weights give logits that are not finite numbers.
  func step(_ streams: [RequestStream], cancellation: Cancellation) throws(UniMoEError) {
    for stream in streams {
      guard let move = try stream.moveWindow() else { continue }
      if move.changesPrompt { try prefill(stream, cancellation: cancellation) }
      try refill(stream, move.frames, cancellation)
    }
    pass.slots.removeAll(keepingCapacity: true)
    for stream in streams {
      for (place, plan) in stream.nextPlaces {
        pass.hidden.withRows {
          model.embed(codeFrame: stream.sequence.lastFrame, plan: plan, into: $0[pass.slots.count])
        }
        pass.slots.append(place)
      }
    }
    try model.run(pass, observer: observer, cancellation: cancellation)
    model.computeCodeLogits(pass, cancellation: cancellation)
    try cancellation.check()
    var row = 0
    for stream in streams {
      let look = logitsLook.map { look in { look(stream, $0) } }
      let areFinite = pass.codeLogits.withRows { logits in
        pass.planLogits.withRows { planLogits in
          let unconditional = stream.unconditional == nil ? nil : UnsafePointer(logits[row])
          row += stream.unconditional == nil ? 0 : 1
          return stream.draw(
            conditional: logits[row], unconditional: unconditional, planLogits: planLogits[row], look: look)
        }
      }
      guard areFinite else {
        throw UniMoEError(
          .model, model.directory, field: "code logits", expected: "finite numbers", found: "others: broken weights")
      }
      row += 1
    }
  }
}
