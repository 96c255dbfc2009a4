import CKernels

/// A convolution over time-major rows, ready to run: filter packed, shape fixed.
///
/// A product step `t` reads input rows `t * stride + tap * dilation` and writes `upsampling` output rows. A transposed
/// convolution with kernel `2s` and stride `s` is such a product too: two taps, and the `s` output rows that lie between
/// two input rows side by side.
struct Convolution: Sendable {
  /// The module's path in the checkpoint.
  let name: String
  /// Channels of an input row.
  let inputs: Int
  /// Channels of an output row.
  let outputs: Int
  /// Rows that a step reads.
  let taps: Int
  /// Input rows between two steps.
  let stride: Int
  /// Input rows between two taps.
  let dilation: Int
  /// Output rows per step.
  let upsampling: Int
  /// Zero rows before the signal.
  let padding: Int
  /// Zero rows after the signal.
  let endPadding: Int
  /// Output rows that are dropped at both ends of the signal.
  let trim: Int
  private let filter: FloatBuffer
  private let bias: [Float]

  /// Input rows from the first to the last that a step reads.
  var span: Int { (taps - 1) * dilation + 1 }
  /// Numbers that a step writes.
  var stepWidth: Int { outputs * upsampling }
  /// Multiplications that a step takes.
  var stepCost: Int { stepWidth * taps * inputs }

  /// A plain convolution; `weight` is `[outputs, inputs, taps]`.
  ///
  /// Taps at the end that are zero are left out, so that a result does not wait for rows that it does not depend on: a
  /// decoder that was trained to look ahead less than its kernels reach streams with less delay.
  init(
    name: String, weight: [Float], bias: [Float], inputs: Int, taps: Int, stride: Int = 1, dilation: Int = 1,
    padding: Int = 0
  ) {
    let used = max(Self.usedTaps(weight, of: taps), taps - padding / dilation)
    self.init(
      name: name, inputs: inputs, outputs: bias.count, taps: used, stride: stride, dilation: dilation,
      padding: padding, endPadding: padding - (taps - used) * dilation,
      filter: Self.pack(weight, outputs: bias.count, inputs: inputs, taps: used, of: taps), bias: bias)
  }

  /// A transposed convolution with kernel `2 * rate` and padding `ceil(rate / 2)`; `weight` is
  /// `[inputs, outputs, 2 * rate]`.
  init(name: String, transposed weight: [Float], bias: [Float], inputs: Int, rate: Int) {
    let outputs = bias.count
    // Output row `phase` of a step is `w[phase + rate] · previous input row + w[phase] · this input row`.
    let phases = FloatBuffer(bounded: weight.count)
    let filter = phases.withPointer { phases in
      weight.withUnsafeBufferPointer { weight in
        WorkerPool.shared.run(outputs) { output in
          for phase in 0..<rate {
            for input in 0..<inputs {
              let from = (input * outputs + output) * 2 * rate + phase
              let to = ((phase * outputs + output) * inputs + input) * 2
              phases[to] = weight[from + rate]
              phases[to + 1] = weight[from]
            }
          }
        }
      }
      return Self.pack(phases, outputs: outputs * rate, inputs: inputs, taps: 2, of: 2)
    }
    self.init(
      name: name, inputs: inputs, outputs: outputs, taps: 2, upsampling: rate, padding: 1, endPadding: 1,
      trim: (rate + 1) / 2, filter: filter, bias: (0..<rate).flatMap { _ in bias })
  }

  private init(
    name: String, inputs: Int, outputs: Int, taps: Int, stride: Int = 1, dilation: Int = 1, upsampling: Int = 1,
    padding: Int, endPadding: Int, trim: Int = 0, filter: FloatBuffer, bias: [Float]
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.taps = taps
    self.stride = stride
    self.dilation = dilation
    self.upsampling = upsampling
    self.padding = padding
    self.endPadding = endPadding
    self.trim = trim
    self.filter = filter
    self.bias = bias
  }

  /// Taps up to the last one that is not zero everywhere, at least one.
  private static func usedTaps(_ weight: [Float], of taps: Int) -> Int {
    var used = taps
    while used > 1, Swift.stride(from: used - 1, to: weight.count, by: taps).allSatisfy({ weight[$0] == 0 }) {
      used -= 1
    }
    return used
  }

  /// Packs the first `taps` of a weight `[outputs, inputs, all]`.
  private static func pack(
    _ weight: UnsafePointer<Float>, outputs: Int, inputs: Int, taps: Int, of all: Int
  ) -> FloatBuffer {
    let filter = FloatBuffer(bounded: umk_packed_size(outputs, inputs, taps))
    let panel = Int(UMK_PANEL)
    filter.withPointer { filter in
      WorkerPool.shared.run((outputs + panel - 1) / panel) { index in
        let first = index * panel * inputs
        umk_pack(
          weight + first * all, min(panel, outputs - index * panel), inputs, taps, inputs * all, all, 1,
          filter + first * taps)
      }
    }
    return filter
  }

  /// Rows that a signal of `rows` rows becomes.
  func outputRows(for rows: Int) -> Int {
    let padded = rows + padding + endPadding
    return rows == 0 || padded < span ? 0 : max(0, ((padded - span) / stride + 1) * upsampling - 2 * trim)
  }
}

extension Convolution {
  /// Computes `steps` steps: x points to the first row that the first step reads, y to the first row written.
  ///
  /// `addend`, rows like y's, is added to the result. The bits of a row depend neither on the other rows nor on the
  /// number of threads. A raised flag leaves y half-written.
  func apply(
    _ x: UnsafePointer<Float>, steps: Int, addend: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>,
    cancellation: Cancellation
  ) {
    let tiles = Tiles(steps: steps, features: stepWidth, stepCost: stepCost, inputs: inputs * stride)
    let width = stepWidth
    filter.withPointer { filter in
      bias.withUnsafeBufferPointer { bias in
        WorkerPool.shared.run(tiles.count) { index in
          if cancellation.isCancelled { return }
          let (rows, features) = tiles[index]
          umk_packed_product(
            filter, width, inputs, taps, features.lowerBound, features.upperBound,
            x + rows.lowerBound * stride * inputs, stride * inputs, dilation * inputs, rows.count, bias.baseAddress,
            addend.map { $0 + rows.lowerBound * width }, width, y + rows.lowerBound * width, width)
        }
      }
    }
  }
}

/// How a product of `steps` x `features` is cut into pieces of work.
private struct Tiles {
  private let steps: Int
  private let features: Int
  private let blockSteps: Int
  private let blockFeatures: Int
  private let across: Int

  /// How many tiles there are.
  let count: Int

  /// Multiplications per tile that are worth handing to another thread.
  private static let cost = 1 << 20

  init(steps: Int, features: Int, stepCost: Int, inputs: Int) {
    self.steps = steps
    self.features = features
    // Rows of a tile stay in the second-level cache while all panels of its features pass by.
    blockSteps = min(steps, max(32, 65536 / inputs))
    let down = (steps + blockSteps - 1) / blockSteps
    let wanted = max(1, min(steps * stepCost / Self.cost, 8 * WorkerPool.shared.threads) / down)
    let panels = (features + Int(UMK_PANEL) - 1) / Int(UMK_PANEL)
    // Kernels take two panels at a time.
    let pairs = (panels + 1) / 2
    blockFeatures = (pairs + wanted - 1) / wanted * 2 * Int(UMK_PANEL)
    across = (features + blockFeatures - 1) / blockFeatures
    count = down * across
  }

  /// The steps and features of a tile.
  subscript(index: Int) -> (steps: Range<Int>, features: Range<Int>) {
    let (row, column) = (index / across, index % across)
    return (
      row * blockSteps..<min(steps, (row + 1) * blockSteps),
      column * blockFeatures..<min(features, (column + 1) * blockFeatures)
    )
  }
}
