import CKernels

/// An activation, if any, a convolution of any kind, and a tanh, if any.
final class ConvolutionStage: PipelineStage {
  let input: RowQueue
  let pieceSteps: Int
  private let snake: Snake?
  private let convolution: Convolution
  private let tanhName: String?
  private var absorbed = 0
  /// Output rows still to be dropped at the signal's start.
  private var skip = 0

  var name: String { tanhName ?? convolution.name }
  var outputWidth: Int { convolution.outputs }
  var rowsPerStep: Int { convolution.upsampling }

  /// Creates a stage at the start of a signal; `tanhName` is the module path of a tanh after the convolution.
  init(snake: Snake? = nil, _ convolution: Convolution, tanhName: String? = nil) {
    self.snake = snake
    self.convolution = convolution
    self.tanhName = tanhName
    pieceSteps = UniMoEAudio.pieceSteps(
      floatsPerStep: max(convolution.stepWidth, convolution.stride * convolution.inputs))
    input = RowQueue(width: convolution.inputs)
    reset()
  }

  func prepare(for rows: Int) { input.prepare(for: convolution.span + convolution.stride + 2 * rows) }

  func reset() {
    input.removeAll()
    input.appendZeros(convolution.padding)
    absorbed = input.count
    skip = convolution.trim
  }

  func absorb(tap: ModuleTap?) {
    let rows = input.count - absorbed
    if let snake, rows > 0 {
      input.withRows(from: absorbed) { new in
        snake.apply(new, rows: rows, into: new)
        tap?(snake.name, new, rows, input.width)
      }
    }
    absorbed = input.count
  }

  func end() {
    input.appendZeros(convolution.endPadding)
    absorbed = input.count
  }

  var readySteps: Int {
    absorbed < convolution.span ? 0 : (absorbed - convolution.span) / convolution.stride + 1
  }

  func produce(_ steps: Int, last: Bool, into output: RowQueue, cancellation: Cancellation, tap: ModuleTap?) {
    let rows = steps * convolution.upsampling
    output.reserve(rows) { y in
      input.withRows(from: 0) { convolution.apply($0, steps: steps, into: y, cancellation: cancellation) }
      if tanhName != nil {
        tap?(convolution.name, y, rows, output.width)
        WorkerPool.shared.run(1) { _ in umk_tanh(y, rows * output.width, y) }
      }
    }
    let skipped = min(rows, skip)
    skip -= skipped
    output.commit(max(0, rows - skipped - (last ? convolution.trim : 0)), skipping: skipped)
    input.removeFirst(steps * convolution.stride)
    absorbed -= steps * convolution.stride
  }
}
