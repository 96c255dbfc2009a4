import CKernels

/// The residual vector quantizer between encoder and decoder: every codebook describes what the ones before it left.
///
/// Source: Zeghidour et al., arXiv 2107.03312; factorised, cosine-matched codes of Kumar et al., arXiv 2306.06546.
struct Quantizer: Sendable {
  /// One codebook and its projections.
  struct Codebook: Sendable {
    /// Entries `[size, dimension]` as they are looked up.
    let entries: [Float]
    /// The inward projection, latent width to dimension.
    let inward: Convolution
    /// The outward projection, dimension to latent width.
    let outward: Convolution
    /// The outward projection's kernel `[latent width, dimension]` and bias.
    let outwardKernel: [Float]
    let outwardBias: [Float]
    /// Gives `cos(e, entry) - |entry|² / 2` of every entry scaled to length 1: the largest is the nearest.
    let nearness: Convolution

    /// Prepares a codebook.
    init(entries: [Float], size: Int, inward: Convolution, outwardKernel: [Float], outwardBias: [Float]) {
      let dimension = entries.count / size
      var units = entries
      var bias = [Float](repeating: 0, count: size)
      for row in 0..<size {
        let range = row * dimension..<(row + 1) * dimension
        let norm = entries[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        // An entry of length 0 keeps it: it lies nearer than one that points away by more than 60 degrees.
        let scale = 1 / max(norm, 1e-12)
        for index in range { units[index] = Float(Double(entries[index]) * scale) }
        bias[row] = norm > 1e-12 ? -0.5 : 0
      }
      self.entries = entries
      self.inward = inward
      self.outwardKernel = outwardKernel
      self.outwardBias = outwardBias
      outward = Convolution(name: "out_proj", weight: outwardKernel, bias: outwardBias, inputs: dimension, taps: 1)
      nearness = Convolution(name: "codebook", weight: units, bias: bias, inputs: dimension, taps: 1)
    }
  }

  /// The codebooks, coarse to fine.
  let codebooks: [Codebook]
  /// Numbers per entry.
  let dimension: Int
  /// Numbers per latent row.
  let latentWidth: Int
  /// Entries per codebook.
  var codebookSize: Int { codebooks.first?.nearness.outputs ?? 0 }
  /// All outward projections as one: the entries of a code frame side by side to its latents.
  private let outward: Convolution

  /// Code frames that are quantized by one thread at a time.
  private static let blockFrames = 8

  /// Prepares the codebooks of a codec.
  init(_ codebooks: [Codebook], dimension: Int, latentWidth: Int) {
    self.codebooks = codebooks
    self.dimension = dimension
    self.latentWidth = latentWidth
    var bias = [Double](repeating: 0, count: latentWidth)
    var weight: [Float] = []
    weight.reserveCapacity(latentWidth * codebooks.count * dimension)
    for row in 0..<latentWidth {
      for codebook in codebooks {
        weight += codebook.outwardKernel[row * dimension..<(row + 1) * dimension]
        bias[row] += Double(codebook.outwardBias[row])
      }
    }
    outward = Convolution(
      name: "quantizer", weight: weight, bias: bias.map { Float($0) }, inputs: codebooks.count * dimension, taps: 1)
  }
}

extension Quantizer {
  /// Latents of code frames: `latents[f] = Σ out_proj_q(codebook_q[codes[f][q]])`; `entries` is scratch for the entries
  /// `[frames, codebooks * dimension]`.
  ///
  /// - Precondition: all codes are in `0..<codebookSize`.
  func decode(
    _ codes: UnsafeBufferPointer<Int32>, frames: Int, entries: UnsafeMutablePointer<Float>,
    into latents: UnsafeMutablePointer<Float>, cancellation: Cancellation
  ) {
    precondition(codes.count == frames * codebooks.count, "codes come in whole code frames")
    for (index, codebook) in codebooks.enumerated() {
      codebook.entries.withUnsafeBufferPointer { table in
        for frame in 0..<frames {
          let code = Int(codes[frame * codebooks.count + index])
          let target = entries + (frame * codebooks.count + index) * dimension
          for number in 0..<dimension { target[number] = table[code * dimension + number] }
        }
      }
    }
    outward.apply(entries, steps: frames, into: latents, cancellation: cancellation)
  }

  /// Codes of latents `[frames, latentWidth]`, which become what the codebooks leave of them.
  ///
  /// `projections`, if given, receives the projected vectors before their entries are chosen,
  /// `[frames, codebooks * dimension]`.
  func encode(
    _ latents: UnsafeMutablePointer<Float>, frames: Int, projections: UnsafeMutablePointer<Float>? = nil,
    cancellation: Cancellation
  ) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: frames * codebooks.count) { codes, count in
      codes.initialize(repeating: 0)
      count = frames * codebooks.count
      let target = codes.baseAddress.map { UnsafeMutableBufferPointer(start: $0, count: count) }
      WorkerPool.shared.run((frames + Self.blockFrames - 1) / Self.blockFrames) { block in
        let range = block * Self.blockFrames..<min(frames, (block + 1) * Self.blockFrames)
        guard let target, !cancellation.isCancelled else { return }
        encodeBlock(
          latents + range.lowerBound * latentWidth, frames: range.count,
          projections: projections.map { $0 + range.lowerBound * codebooks.count * dimension },
          codes: UnsafeMutableBufferPointer(
            rebasing: target[range.lowerBound * codebooks.count..<range.upperBound * codebooks.count]),
          cancellation: cancellation)
      }
    }
  }

  private func encodeBlock(
    _ latents: UnsafeMutablePointer<Float>, frames: Int, projections: UnsafeMutablePointer<Float>?,
    codes: UnsafeMutableBufferPointer<Int32>, cancellation: Cancellation
  ) {
    FloatBuffer(bounded: frames * (2 * dimension + codebookSize + latentWidth)).withPointer { scratch in
      encodeBlock(latents, frames: frames, projections: projections, codes: codes, scratch, cancellation)
    }
  }

  private func encodeBlock(
    _ latents: UnsafeMutablePointer<Float>, frames: Int, projections: UnsafeMutablePointer<Float>?,
    codes: UnsafeMutableBufferPointer<Int32>, _ scratch: UnsafeMutablePointer<Float>, _ cancellation: Cancellation
  ) {
    let projected = scratch
    let chosen = projected + frames * dimension
    let scores = chosen + frames * dimension
    let described = scores + frames * codebookSize
    for (index, codebook) in codebooks.enumerated() {
      codebook.inward.apply(latents, steps: frames, into: projected, cancellation: cancellation)
      for frame in 0..<frames {
        let row = projected + frame * dimension
        if let projections {
          (projections + (frame * codebooks.count + index) * dimension).update(from: row, count: dimension)
        }
        Self.normalize(row, count: dimension)
      }
      codebook.nearness.apply(projected, steps: frames, into: scores, cancellation: cancellation)
      for frame in 0..<frames {
        let code = Self.indexOfLargest(scores + frame * codebookSize, count: codebookSize)
        codes[frame * codebooks.count + index] = Int32(code)
        for number in 0..<dimension {
          chosen[frame * dimension + number] = codebook.entries[code * dimension + number]
        }
      }
      codebook.outward.apply(chosen, steps: frames, into: described, cancellation: cancellation)
      for number in 0..<frames * latentWidth { latents[number] -= described[number] }
    }
  }

  private static func normalize(_ values: UnsafeMutablePointer<Float>, count: Int) {
    var square = 0.0
    for index in 0..<count { square += Double(values[index]) * Double(values[index]) }
    let scale = 1 / max(square.squareRoot(), 1e-12)
    for index in 0..<count { values[index] = Float(Double(values[index]) * scale) }
  }

  /// The first of the largest; 0 where none compares.
  private static func indexOfLargest(_ values: UnsafeMutablePointer<Float>, count: Int) -> Int {
    var largest = 0
    for index in 1..<max(1, count) where values[index] > values[largest] { largest = index }
    return largest
  }
}
