import Glibc

/// Draws one code from the masked logits of one codebook (reference semantics, section c, rules 4 and 5).
struct Sampler {
  private let sampling: Sampling
  /// The code that may only be drawn where it is the likeliest; `nil` turns the rule off.
  private let eos: Int?
  /// Codes that are left, likeliest first.
  private(set) var codes: [Int] = []
  /// Their probabilities.
  private(set) var probabilities: [Double] = []
  private var logits: [Float] = []

  /// Prepares for rows of a vocabulary; memory is taken once.
  init(_ sampling: Sampling, eos: Int?) {
    self.sampling = sampling
    self.eos = eos
  }

  /// Whether the likeliest code is taken without a draw.
  var isGreedy: Bool { !sampling.isRandom || sampling.temperature == 0 }

  /// The code of a row for a uniform number in 0..<1, which is not used where the sampler is greedy.
  mutating func draw(_ row: UnsafeBufferPointer<Float>, uniform: @autoclosure () -> Double) -> Int {
    if isGreedy { return Self.argmax(row) }
    filter(row)
    return pick(uniform())
  }

  /// The first of the largest values; 0 for a row without one.
  static func argmax(_ row: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in 1..<max(row.count, 1) where row[index] > row[best] { best = index }
    return best
  }

  /// Fills `codes` and `probabilities` with what temperature, top-k and top-p leave.
  mutating func filter(_ row: UnsafeBufferPointer<Float>) {
    let peak = Self.argmax(row)
    keepLargest(row, peak: peak)
    if sampling.topP < 1 { keepNucleus() }
    softmax()
  }

  /// The largest top-k logits over the temperature, in falling order; the lower code first where two are equal.
  private mutating func keepLargest(_ row: UnsafeBufferPointer<Float>, peak: Int) {
    codes.removeAll(keepingCapacity: true)
    logits.removeAll(keepingCapacity: true)
    let limit = min(sampling.topK ?? row.count, row.count)
    if limit * 4 > row.count {
      codes.append(contentsOf: row.indices.filter { isAllowed($0, row, peak) })
      codes.sort { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
      codes.removeLast(max(0, codes.count - limit))
    } else {
      for code in row.indices where isAllowed(code, row, peak) { insert(code, row, limit) }
    }
    for code in codes { logits.append(row[code] / sampling.temperature) }
  }

  private func isAllowed(_ code: Int, _ row: UnsafeBufferPointer<Float>, _ peak: Int) -> Bool {
    row[code] > -.infinity && !(code == eos && peak != code)
  }

  /// Keeps `codes` sorted and at most `limit` long.
  private mutating func insert(_ code: Int, _ row: UnsafeBufferPointer<Float>, _ limit: Int) {
    if codes.count == limit {
      guard let last = codes.last, row[code] > row[last] else { return }
      codes.removeLast()
    }
    var place = codes.count
    while place > 0, row[codes[place - 1]] < row[code] { place -= 1 }
    codes.insert(code, at: place)
  }

  /// Drops an entry when the probabilities before it exceed top-p; the first always stays.
  private mutating func keepNucleus() {
    softmax()
    var sum = 0.0
    var kept = 0
    while kept < codes.count, kept == 0 || sum <= Double(sampling.topP) {
      sum += probabilities[kept]
      kept += 1
    }
    codes.removeLast(codes.count - kept)
    logits.removeLast(logits.count - kept)
  }

  private mutating func softmax() {
    probabilities.removeAll(keepingCapacity: true)
    guard let peak = logits.first else { return }
    var total = 0.0
    for logit in logits {
      let weight = exp(Double(logit - peak))
      probabilities.append(weight)
      total += weight
    }
    for index in probabilities.indices { probabilities[index] /= total }
  }

  /// The first code, in ascending order, whose running sum of probabilities exceeds `uniform` times their total.
  private func pick(_ uniform: Double) -> Int {
    let ascending = codes.indices.sorted { codes[$0] < codes[$1] }
    let total = ascending.reduce(0) { $0 + probabilities[$1] }
    var sum = 0.0
    for index in ascending {
      sum += probabilities[index]
      if sum > uniform * total { return codes[index] }
    }
    return ascending.last.map { codes[$0] } ?? 0
  }
}
