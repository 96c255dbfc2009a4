import CKernels

/// The codec's periodic activation, `x + sin(αx)² / α` with one α per channel (Ziyin et al., arXiv 2006.08195).
struct Snake: Sendable {
  /// The module's path in the checkpoint.
  let name: String
  private let alpha: [Float]
  private let inverse: [Float]

  /// Floats per piece of work, small enough to spread and large enough to be worth a thread's while.
  private static let blockFloats = 16384

  /// Creates the activation from its `alpha`, one number per channel.
  init(name: String, alpha: [Float]) {
    self.name = name
    self.alpha = alpha
    inverse = alpha.map { 1 / ($0 + 1e-9) }
  }

  /// `y = snake(x)` for `rows` rows; y may be x.
  func apply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
    let channels = alpha.count
    let blockRows = max(1, Self.blockFloats / channels)
    alpha.withUnsafeBufferPointer { alpha in
      inverse.withUnsafeBufferPointer { inverse in
        WorkerPool.shared.run((rows + blockRows - 1) / blockRows) { block in
          let first = block * blockRows
          umk_snake(
            x + first * channels, alpha.baseAddress, inverse.baseAddress, min(blockRows, rows - first), channels,
            y + first * channels)
        }
      }
    }
  }
}
