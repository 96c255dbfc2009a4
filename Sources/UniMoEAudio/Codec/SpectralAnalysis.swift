import Glibc

/// An encoder that is computed instead of learned: log magnitudes of windows, the features that the codes tell of.
///
/// A codec whose codes were fitted to such features gives a recording the very codes that a training had of it, where a
/// network only comes near them. A latent row is a code frame's: of every analysis the bands of its windows, one window
/// after the other, less their mean and scaled.
struct SpectralAnalysis: Sendable {
  /// An analysis and its filters `[bands, bins]`.
  struct Part: Sendable {
    let spectra: CodecConfiguration.Spectra
    let bank: [Float]
  }

  /// The analyses in the order of a latent row.
  let parts: [Part]
  /// Samples per code frame.
  let hopLength: Int
  /// What is taken off each number of a row.
  let mean: [Float]
  /// What each number is multiplied by then.
  let scale: [Float]

  /// Magnitude below which nothing is heard.
  static let floor: Float = 3e-4

  /// Numbers of a latent row.
  var width: Int { mean.count }
}

extension CodecConfiguration.Spectra {
  /// The windowed transform as a convolution: the real parts of all bins, then the imaginary ones.
  func transformation(hop: Int) -> Convolution {
    let angles = (0..<transform).map { 2 * Double.pi * Double($0) / Double(transform) }
    let (cosines, sines) = (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
    let shape = (0..<window).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(window))) }
    var weight = [Float](repeating: 0, count: 2 * bins * window)
    for bin in 0..<bins {
      for tap in 0..<window {
        let angle = bin * tap % transform
        weight[bin * window + tap] = shape[tap] * cosines[angle]
        weight[(bins + bin) * window + tap] = shape[tap] * sines[angle]
      }
    }
    return Convolution(
      name: "encoder.transform", weight: weight, bias: [Float](repeating: 0, count: 2 * bins), inputs: 1, taps: window,
      stride: hop)
  }
}

/// The encoder's only stage where it is a `SpectralAnalysis`: PCM `[samples, 1]` to latents `[code frames, width]`.
final class SpectralStage: PipelineStage {
  /// One analysis at work.
  private struct Worker {
    let spectra: CodecConfiguration.Spectra
    let transformation: Convolution
    let bank: Convolution
    /// Samples from the queue's front to the first window.
    let offset: Int
  }

  let name = "encoder.analysis"
  let input = RowQueue(width: 1)
  let outputWidth: Int
  let pieceSteps = SpectralStage.piece
  let rowsPerStep = 1
  private static let piece = 16
  private let analysis: SpectralAnalysis
  private let workers: [Worker]
  /// Samples that a window reaches beyond its code frame, on either side.
  private let reach: Int
  private let transformed: FloatBuffer
  private let magnitudes: FloatBuffer
  private let bands: FloatBuffer

  /// Creates the stage at the start of a signal.
  init(_ analysis: SpectralAnalysis) {
    self.analysis = analysis
    outputWidth = analysis.width
    let hop = analysis.hopLength
    let reach = analysis.parts.map { max(0, ($0.spectra.window - hop / $0.spectra.perFrame) / 2) }.max() ?? 0
    self.reach = reach
    workers = analysis.parts.map { part in
      let spectra = part.spectra
      let part = (step: hop / spectra.perFrame, bank: part.bank)
      return Worker(
        spectra: spectra, transformation: spectra.transformation(hop: part.step),
        bank: Convolution(
          name: "encoder.bank", weight: part.bank, bias: [Float](repeating: 0, count: spectra.bands),
          inputs: spectra.bins, taps: 1),
        offset: reach + (part.step - spectra.window) / 2)
    }
    let windows = workers.map { (rows: Self.piece * $0.spectra.perFrame, spectra: $0.spectra) }
    transformed = FloatBuffer(bounded: windows.map { $0.rows * 2 * $0.spectra.bins }.max() ?? 0)
    magnitudes = FloatBuffer(bounded: windows.map { $0.rows * $0.spectra.bins }.max() ?? 0)
    bands = FloatBuffer(bounded: windows.map { $0.rows * $0.spectra.bands }.max() ?? 0)
    reset()
  }

  func prepare(for rows: Int) { input.prepare(for: 2 * (reach + analysis.hopLength) + 2 * rows) }

  func reset() {
    input.removeAll()
    input.appendZeros(reach)
  }

  func absorb(tap: ModuleTap?) {}

  func end() { input.appendZeros(reach) }

  var readySteps: Int { max(0, (input.count - 2 * reach) / analysis.hopLength) }

  func produce(_ steps: Int, last: Bool, into output: RowQueue, cancellation: Cancellation, tap: ModuleTap?) {
    output.reserve(steps) { y in
      var column = 0
      for worker in workers {
        write(worker, steps: steps, to: y + column, column: column, cancellation)
        column += worker.spectra.width
      }
    }
    output.commit(steps)
    input.removeFirst(steps * analysis.hopLength)
  }

  /// Writes one analysis of `steps` code frames into their rows, from a column on.
  private func write(
    _ worker: Worker, steps: Int, to y: UnsafeMutablePointer<Float>, column: Int, _ cancellation: Cancellation
  ) {
    let spectra = worker.spectra
    let (windows, bins) = (steps * spectra.perFrame, spectra.bins)
    transformed.withPointer { transformed in
      magnitudes.withPointer { magnitudes in
        bands.withPointer { bands in
          input.withRows(from: worker.offset) {
            worker.transformation.apply($0, steps: windows, into: transformed, cancellation: cancellation)
          }
          for window in 0..<windows {
            let (real, imaginary) = (transformed + 2 * window * bins, transformed + (2 * window + 1) * bins)
            for bin in 0..<bins {
              magnitudes[window * bins + bin] =
                (real[bin] * real[bin] + imaginary[bin] * imaginary[bin]).squareRoot()
            }
          }
          worker.bank.apply(magnitudes, steps: windows, into: bands, cancellation: cancellation)
          for step in 0..<steps {
            for index in 0..<spectra.width {
              let heard = log10(max(bands[step * spectra.width + index], SpectralAnalysis.floor))
              y[step * outputWidth + index] = (heard - analysis.mean[column + index]) * analysis.scale[column + index]
            }
          }
        }
      }
    }
  }
}
