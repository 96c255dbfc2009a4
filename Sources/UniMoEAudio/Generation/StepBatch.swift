/// Runs the language model for several requests at once: each prompt by itself, then one step of all together, so that
/// every weight is read once per step.
final class StepBatch {
  /// Sees the logits that the codes of a request's step are drawn from.
  typealias LogitsLook = (_ stream: RequestStream, _ logits: UnsafeBufferPointer<Float>) -> Void

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
  func prefill(_ stream: RequestStream, cancellation: Cancellation) throws(UniMoEError) {
    let count = stream.rows.reduce(0) { $0 + $1.ids.count }
    let longest = stream.rows.reduce(0) { max($0, $1.ids.count) }
    let prefill = try DecoderPass(.prefill, model.configuration, rows: count, positions: longest)
    let codebooks = model.configuration.codebooks
    for (cache, ids) in stream.rows {
      var voiceFrame = 0
      for (position, id) in ids.enumerated() {
        let row = prefill.hidden[prefill.places.count]
        if id == model.configuration.placeholder {
          model.embed(
            codeFrame: stream.prompt.voiceFrames[voiceFrame * codebooks..<(voiceFrame + 1) * codebooks], into: row)
          voiceFrame += 1
        } else {
          model.embed(token: id, into: row)
        }
        prefill.places.append(DecoderPass.Place(cache: cache, position: position))
      }
    }
    try model.run(prefill, fillsCacheOnly: true, cancellation: cancellation)
  }

  /// Runs one step of some of the requests and draws their next code frames.
  func step(_ streams: [RequestStream], cancellation: Cancellation) throws(UniMoEError) {
    pass.places.removeAll(keepingCapacity: true)
    for stream in streams {
      for place in stream.nextPlaces {
        model.embed(codeFrame: stream.sequence.lastFrame, into: pass.hidden[pass.places.count])
        pass.places.append(place)
      }
    }
    try model.run(pass, observer: observer, cancellation: cancellation)
    model.computeCodeLogits(pass)
    var row = 0
    for stream in streams {
      let unconditional = stream.unconditional == nil ? nil : UnsafePointer(pass.codeLogits[row])
      row += stream.unconditional == nil ? 0 : 1
      let look = logitsLook.map { look in { look(stream, $0) } }
      stream.draw(conditional: pass.codeLogits[row], unconditional: unconditional, look: look)
      row += 1
    }
  }
}
