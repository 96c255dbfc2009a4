import Foundation

@testable import UniMoEAudio

/// Tensors of a codec of any sizes, random, in memory.
struct RandomCodec {
  let configuration: CodecConfiguration
  var tensors: [String: (shape: [Int], values: [Float])] = [:]

  init(_ sizes: CodecTests.Sizes, seed: UInt64) {
    let text = """
      {"sample_rate": 16000, "encoder_dim": \(sizes.encoderWidth), "encoder_rates": \(sizes.encoderRates),
       "latent_dim": \(sizes.latentWidth), "decoder_dim": \(sizes.decoderWidth), "decoder_rates": \(sizes.decoderRates),
       "n_codebooks": \(sizes.codebooks), "codebook_size": \(sizes.codebookSize),
       "codebook_dim": \(sizes.codebookDimension), "analysis": [\(sizes.analysis)]}
      """
    do {
      configuration = try Data(text.utf8).withUnsafeBytes { try CodecConfiguration(json: $0, path: "config.json") }
    } catch { preconditionFailure("\(error)") }
    var generator = SplitMix(state: seed)
    for entry in configuration.tensors {
      let (name, shape) = (entry.name, entry.shape)
      var range: ClosedRange<Float> = name.hasSuffix("_g") || name.hasSuffix("alpha") ? 0.4...1.2 : -1...1
      // Small samples, so that the last tanh hides no difference.
      if name.hasPrefix("decoder.model.\(sizes.decoderRates.count + 2)."), !name.hasSuffix("_v") { range = 0...0.1 }
      let count = shape.reduce(1, *)
      tensors[name] = (shape, (0..<count).map { _ in Float.random(in: range, using: &generator) })
    }
  }

  /// The tensors as a file would hold them.
  var store: TensorStore {
    TensorStore(
      path: "model.safetensors",
      tensors: Dictionary(
        uniqueKeysWithValues: tensors.map { name, tensor in
          let bytes = SharedBytes(copying: tensor.values.withUnsafeBytes { Array($0) })
          return (
            name,
            Tensor(path: "model.safetensors", name: name, elementType: .f32, shape: tensor.shape, bytes: bytes)
          )
        }))
  }

  func codec() throws -> Codec { try Codec(configuration, store) }
}

/// The codec as the reference describes it, in double precision, one sum after the other.
struct PlainCodec {
  /// `[channels][time]`.
  typealias Signal = [[Double]]

  let sizes: CodecConfiguration
  let tensors: [String: (shape: [Int], values: [Float])]

  init(_ random: RandomCodec) {
    sizes = random.configuration
    tensors = random.tensors
  }

  func decode(_ codes: Codes) -> [Float] {
    var x: Signal = Array(repeating: Array(repeating: 0, count: codes.frameCount), count: sizes.latentWidth)
    for codebook in 0..<sizes.codebooks {
      let module = "quantizer.quantizers.\(codebook)"
      let entries = (0..<codes.frameCount).map { entry(module, Int(codes[$0, codebook])) }
      add(convolve(transposed(entries), "\(module).out_proj"), to: &x)
    }
    x = convolve(x, "decoder.model.0", padding: 3)
    for (index, rate) in sizes.decoderRates.enumerated() {
      let block = "decoder.model.\(index + 1).block"
      x = convolveTransposed(snake(x, "\(block).0"), "\(block).1", rate: rate)
      for (unit, dilation) in [1, 3, 9].enumerated() { x = residual(x, "\(block).\(unit + 2)", dilation) }
    }
    let end = sizes.decoderRates.count + 1
    x = convolve(snake(x, "decoder.model.\(end)"), "decoder.model.\(end + 1)", padding: 3)
    return x[0].map { Float(tanh($0)) }
  }

  func encode(_ samples: [Float]) -> Codes {
    let frames = (samples.count + sizes.hopLength - 1) / sizes.hopLength
    var x: Signal = [samples.map(Double.init)]
    x[0] += [Double](repeating: 0, count: frames * sizes.hopLength - samples.count)
    if !sizes.analysis.isEmpty { return quantize(analyse(x[0], frames: frames)) }
    x = convolve(x, "encoder.block.0", padding: 3)
    for (index, rate) in sizes.encoderRates.enumerated() {
      let block = "encoder.block.\(index + 1).block"
      for (unit, dilation) in [1, 3, 9].enumerated() { x = residual(x, "\(block).\(unit)", dilation) }
      x = convolve(snake(x, "\(block).3"), "\(block).4", stride: rate, padding: (rate + 1) / 2)
    }
    let end = sizes.encoderRates.count + 1
    x = convolve(snake(x, "encoder.block.\(end)"), "encoder.block.\(end + 1)", padding: 1)
    return quantize(x)
  }

  /// Log magnitudes of windows, every Fourier sum written down.
  private func analyse(_ signal: [Double], frames: Int) -> Signal {
    var rows: Signal = []
    for (index, spectra) in sizes.analysis.enumerated() {
      let (hop, bank) = (sizes.hopLength / spectra.perFrame, values("encoder.analysis.\(index).bank"))
      for part in 0..<spectra.perFrame {
        var bands = Signal(repeating: [], count: spectra.bands)
        for frame in 0..<frames {
          let start = (frame * spectra.perFrame + part) * hop + (hop - spectra.window) / 2
          let magnitudes = (0..<spectra.bins).map { bin in
            var (real, imaginary) = (0.0, 0.0)
            for tap in 0..<spectra.window where signal.indices.contains(start + tap) {
              let shaped = signal[start + tap] * (0.5 - 0.5 * cos(2 * .pi * Double(tap) / Double(spectra.window)))
              real += shaped * cos(2 * .pi * Double(bin * tap) / Double(spectra.transform))
              imaginary += shaped * sin(2 * .pi * Double(bin * tap) / Double(spectra.transform))
            }
            return (real * real + imaginary * imaginary).squareRoot()
          }
          for band in 0..<spectra.bands {
            let sum = (0..<spectra.bins).reduce(0.0) {
              $0 + Double(bank[band * spectra.bins + $1]) * magnitudes[$1]
            }
            bands[band].append(log10(max(sum, 3e-4)))
          }
        }
        rows += bands
      }
    }
    let (mean, scale) = (values("encoder.mean"), values("encoder.scale"))
    return rows.enumerated().map { row, values in
      values.map { ($0 - Double(mean[row])) * Double(scale[row]) }
    }
  }

  private func quantize(_ latents: Signal) -> Codes {
    var left = latents
    var codes = Codes(
      codebooks: sizes.codebooks, values: Array(repeating: 0, count: latents[0].count * sizes.codebooks))
    for codebook in 0..<sizes.codebooks {
      let module = "quantizer.quantizers.\(codebook)"
      let wanted = transposed(convolve(left, "\(module).in_proj")).map(unit)
      let entries = (0..<sizes.codebookSize).map { entry(module, $0) }
      let chosen = wanted.map { wanted in
        let distances = entries.map(unit).map { zip($0, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        return distances.indices.min { distances[$0] < distances[$1] } ?? 0
      }
      for (frame, code) in chosen.enumerated() { codes[frame, codebook] = Int32(code) }
      let described = convolve(transposed(chosen.map { entries[$0] }), "\(module).out_proj")
      add(described.map { $0.map { -$0 } }, to: &left)
    }
    return codes
  }

  private func entry(_ module: String, _ code: Int) -> [Double] {
    let range = code * sizes.codebookDimension..<(code + 1) * sizes.codebookDimension
    return values("\(module).codebook.weight")[range].map(Double.init)
  }

  private func unit(_ vector: [Double]) -> [Double] {
    let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return vector.map { $0 / max(norm, 1e-12) }
  }

  private func residual(_ x: Signal, _ module: String, _ dilation: Int) -> Signal {
    let inner = convolve(
      snake(x, "\(module).block.0"), "\(module).block.1", dilation: dilation, padding: 3 * dilation)
    var sum = convolve(snake(inner, "\(module).block.2"), "\(module).block.3")
    add(x, to: &sum)
    return sum
  }

  private func snake(_ x: Signal, _ module: String) -> Signal {
    zip(x, values("\(module).alpha")).map { row, alpha in
      row.map { $0 + pow(sin(Double(alpha) * $0), 2) / (Double(alpha) + 1e-9) }
    }
  }

  private func convolve(
    _ x: Signal, _ module: String, stride: Int = 1, dilation: Int = 1, padding: Int = 0
  ) -> Signal {
    let (shape, kernel) = kernel(module)
    let steps = (x[0].count + 2 * padding - dilation * (shape[2] - 1) - 1) / stride + 1
    return (0..<shape[0]).map { output in
      (0..<steps).map { step in
        var sum = Double(values("\(module).bias")[output])
        for input in 0..<shape[1] {
          for tap in 0..<shape[2] {
            let time = step * stride + tap * dilation - padding
            if x[input].indices.contains(time) {
              sum += kernel[(output * shape[1] + input) * shape[2] + tap] * x[input][time]
            }
          }
        }
        return sum
      }
    }
  }

  private func convolveTransposed(_ x: Signal, _ module: String, rate: Int) -> Signal {
    let (shape, kernel) = kernel(module)
    let padding = (rate + 1) / 2
    let length = max(0, (x[0].count - 1) * rate - 2 * padding + shape[2])
    var y = values("\(module).bias").map { [Double](repeating: Double($0), count: length) }
    for input in 0..<shape[0] {
      for output in 0..<shape[1] {
        for (time, value) in x[input].enumerated() {
          for tap in 0..<shape[2] {
            let target = time * rate + tap - padding
            if y[output].indices.contains(target) {
              y[output][target] += kernel[(input * shape[1] + output) * shape[2] + tap] * value
            }
          }
        }
      }
    }
    return y
  }

  private func kernel(_ module: String) -> (shape: [Int], values: [Double]) {
    guard let direction = tensors["\(module).weight_v"] else { preconditionFailure("no kernel of \(module)") }
    let row = direction.shape[1] * direction.shape[2]
    var kernel = direction.values.map(Double.init)
    for (index, gain) in values("\(module).weight_g").enumerated() {
      let range = index * row..<(index + 1) * row
      let norm = kernel[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for position in range { kernel[position] *= Double(gain) / norm }
    }
    return (direction.shape, kernel)
  }

  private func values(_ name: String) -> [Float] { tensors[name]?.values ?? [] }

  private func transposed(_ rows: [[Double]]) -> [[Double]] {
    (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column] } }
  }

  private func add(_ x: Signal, to y: inout Signal) {
    for channel in y.indices { for time in y[channel].indices { y[channel][time] += x[channel][time] } }
  }
}
