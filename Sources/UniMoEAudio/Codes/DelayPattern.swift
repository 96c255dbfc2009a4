/// The shift between codebooks: code frame `t` of codebook `c` stands in row `t + delays[c]`, so that a codebook sees
/// the ones before it (MusicGen, arXiv 2306.05284, section 2.2; reference semantics, section d).
///
/// Rows are code frames in delay order; `Codes` holds them like code frames in time order.
struct DelayPattern: Equatable, Sendable {
  /// By how many rows each codebook lags; not negative.
  let delays: [Int]
  /// Stands before a codebook's codes.
  let bos: Int32
  /// Ends a codebook's codes.
  let eos: Int32
  /// Stands after the end.
  let pad: Int32

  /// The longest delay.
  var maximumDelay: Int { delays.max() ?? 0 }

  /// Takes the delays and special codes of a checkpoint.
  init(_ configuration: ModelConfiguration) {
    self.init(
      delays: configuration.delays, bos: configuration.bos, eos: configuration.eos, pad: configuration.pad)
  }

  /// Creates a pattern.
  init(delays: [Int], bos: Int32, eos: Int32, pad: Int32) {
    self.delays = delays
    self.bos = bos
    self.eos = eos
    self.pad = pad
  }

  /// A voice's codes as the prompt holds them, `frameCount + maximumDelay + 1` rows: BOS up to and including row
  /// `delays[c]`, then the codes, one EOS, and PAD to the end. The codebook of the longest delay has no EOS.
  func voicePrompt(_ codes: Codes) -> Codes {
    map(rows: codes.frameCount + maximumDelay + 1) { row, codebook in
      let frame = row - delays[codebook] - 1
      if frame < 0 { return bos }
      return frame < codes.frameCount ? codes[frame, codebook] : frame == codes.frameCount ? eos : pad
    }
  }

  private func map(rows: Int, _ code: (_ row: Int, _ codebook: Int) -> Int32) -> Codes {
    var values: [Int32] = []
    values.reserveCapacity(rows * delays.count)
    for row in 0..<rows {
      for codebook in delays.indices { values.append(code(row, codebook)) }
    }
    return Codes(codebooks: delays.count, values: values)
  }
}
