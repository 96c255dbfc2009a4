/// A residual unit: `x + conv1(snake(conv7(snake(x))))`, the longer convolution dilated.
final class ResidualStage: PipelineStage {
  /// The weights of a unit.
  struct Weights: Sendable {
    /// The module's path in the checkpoint.
    let name: String
    let outerSnake: Snake
    let dilated: Convolution
    let innerSnake: Snake
    let pointwise: Convolution
  }

  /// Rows as they came; the first is the one that the next result is added to.
  let input: RowQueue
  let pieceSteps: Int
  /// The same rows after the outer activation, and the ones before them that the dilated convolution reaches back to.
  private let activated: RowQueue
  private let hidden: FloatBuffer
  private let weights: Weights
  private var absorbed = 0

  var name: String { weights.name }
  var outputWidth: Int { weights.pointwise.outputs }
  var rowsPerStep: Int { 1 }

  /// Creates a unit at the start of a signal.
  init(_ weights: Weights) {
    self.weights = weights
    let width = weights.dilated.inputs
    pieceSteps = UniMoEAudio.pieceSteps(floatsPerStep: width)
    input = RowQueue(width: width)
    activated = RowQueue(width: width)
    hidden = FloatBuffer(bounded: pieceSteps * width)
    reset()
  }

  func reset() {
    input.removeAll()
    activated.removeAll()
    activated.appendZeros(weights.dilated.padding)
    absorbed = 0
  }

  func prepare(for rows: Int) {
    input.prepare(for: weights.dilated.span + 2 * rows)
    activated.prepare(for: weights.dilated.span + 2 * rows)
  }

  func absorb(tap: ModuleTap?) {
    let rows = input.count - absorbed
    if rows == 0 { return }
    activated.reserve(rows) { y in
      input.withRows(from: absorbed) { weights.outerSnake.apply($0, rows: rows, into: y) }
    }
    activated.commit(rows)
    absorbed = input.count
  }

  func end() { activated.appendZeros(weights.dilated.endPadding) }

  var readySteps: Int { max(0, activated.count - weights.dilated.span + 1) }

  func produce(_ steps: Int, last: Bool, into output: RowQueue, cancellation: Cancellation, tap: ModuleTap?) {
    hidden.withPointer { hidden in
      activated.withRows(from: 0) {
        weights.dilated.apply($0, steps: steps, into: hidden, cancellation: cancellation)
      }
      weights.innerSnake.apply(hidden, rows: steps, into: hidden)
      output.reserve(steps) { y in
        input.withRows(from: 0) {
          weights.pointwise.apply(hidden, steps: steps, addend: $0, into: y, cancellation: cancellation)
        }
      }
    }
    output.commit(steps)
    activated.removeFirst(steps)
    input.removeFirst(steps)
    absorbed -= steps
  }
}
