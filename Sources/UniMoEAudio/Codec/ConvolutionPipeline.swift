/// Looks at what a codec module put out: module path, rows `[rows, width]`, row count, width. For tests.
typealias ModuleTap = (_ module: String, _ rows: UnsafePointer<Float>, _ count: Int, _ width: Int) -> Void

/// A part of the encoder or the decoder that turns rows into rows as soon as it has all that a result depends on.
protocol PipelineStage: AnyObject {
  /// The module's path in the checkpoint.
  var name: String { get }
  /// Where the stage before puts its rows.
  var input: RowQueue { get }
  /// Numbers per output row.
  var outputWidth: Int { get }
  /// Steps that the absorbed rows allow.
  var readySteps: Int { get }
  /// Steps that are computed at a time, so that their rows stay in the cache until the next stage reads them.
  var pieceSteps: Int { get }
  /// Output rows per step.
  var rowsPerStep: Int { get }

  /// Makes room for the most rows that come at a time.
  func prepare(for rows: Int)
  /// Takes note of new rows in `input`.
  func absorb(tap: ModuleTap?)
  /// Tells the stage that no more rows come.
  func end()
  /// Computes steps and appends their rows; `last` says that these are the signal's last.
  func produce(_ steps: Int, last: Bool, into output: RowQueue, cancellation: Cancellation, tap: ModuleTap?)
  /// Forgets the signal.
  func reset()
}

/// Stages in a row, with the state between them: any way of cutting a signal gives the same bits.
///
/// A stage computes a piece that fits the cache and hands it on before it computes the next, so memory does not grow
/// with the length of the signal. Thread: one at a time.
final class ConvolutionPipeline {
  /// Receives finished rows `[rows, width]`; they are valid during the call.
  typealias Sink = (_ rows: UnsafePointer<Float>, _ count: Int) throws(UniMoEError) -> Void

  /// Looks at every module's output; for tests.
  var tap: ModuleTap?
  private let stages: [any PipelineStage]
  private let output: RowQueue

  /// Where the signal goes in.
  ///
  /// - Precondition: a pipeline has stages.
  var input: RowQueue { stages[0].input }

  /// Creates a pipeline from its stages; `longestPush` is the most rows that are put in at a time.
  init(_ stages: [any PipelineStage], longestPush: Int) {
    precondition(!stages.isEmpty, "a pipeline has stages")
    self.stages = stages
    output = RowQueue(width: stages[stages.count - 1].outputWidth)
    stages[0].prepare(for: longestPush)
    for (stage, next) in zip(stages, stages.dropFirst()) { next.prepare(for: stage.pieceSteps * stage.rowsPerStep) }
  }

  /// Computes everything that the rows in `input` allow; with `ending` also what is left at the signal's end.
  ///
  /// Throws when cancelled, and what the sink throws; the state is undefined then, until `reset`.
  func advance(ending: Bool, cancellation: Cancellation, sink: Sink) throws(UniMoEError) {
    try advance(from: 0, ending: ending, cancellation: cancellation, sink: sink)
  }

  /// Forgets the signal.
  func reset() {
    for stage in stages { stage.reset() }
    output.removeAll()
  }

  private func advance(
    from index: Int, ending: Bool, cancellation: Cancellation, sink: Sink
  ) throws(UniMoEError) {
    if index == stages.count {
      if output.count > 0 {
        try output.withRows(from: 0) { (rows) throws(UniMoEError) in try sink(rows, output.count) }
      }
      output.removeAll()
      return
    }
    let stage = stages[index]
    let next = index + 1 < stages.count ? stages[index + 1].input : output
    stage.absorb(tap: tap)
    if ending { stage.end() }
    while stage.readySteps > 0 {
      let ready = stage.readySteps
      let steps = min(ready, stage.pieceSteps)
      let before = next.count
      stage.produce(steps, last: ending && steps == ready, into: next, cancellation: cancellation, tap: tap)
      try cancellation.check()
      if let tap { next.withRows(from: before) { tap(stage.name, $0, next.count - before, next.width) } }
      try advance(from: index + 1, ending: false, cancellation: cancellation, sink: sink)
    }
    if ending { try advance(from: index + 1, ending: true, cancellation: cancellation, sink: sink) }
  }
}

/// Floats of the rows that a stage computes at a time.
private let pieceFloats = 1 << 17

/// Steps whose rows, on the wider side, fill a piece.
func pieceSteps(floatsPerStep: Int) -> Int { max(64, pieceFloats / floatsPerStep) }
