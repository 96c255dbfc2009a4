import Glibc

/// Probabilities of logits, in double precision.
struct Softmax {
  /// One probability per logit.
  let probabilities: [Double]

  /// The softmax of logits over a temperature; even where all logits are -∞.
  init(_ logits: UnsafeBufferPointer<Float>, temperature: Double = 1) {
    let peak = logits.max().map { Double($0) / temperature } ?? 0
    let weights = logits.map { exp(Double($0) / temperature - peak) }
    let total = weights.reduce(0, +)
    probabilities = weights.map { $0 / total }
  }

  /// The first of the largest of some chances.
  static func likeliest(_ chances: [Double]) -> Int {
    var best = 0
    for index in chances.indices where chances[index] > chances[best] { best = index }
    return best
  }

  /// The first place whose running sum exceeds `uniform` times the sum of all.
  static func draw(_ chances: [Double], _ uniform: Double) -> Int {
    var sums: [Double] = []
    for chance in chances { sums.append((sums.last ?? 0) + chance) }
    let limit = uniform * (sums.last ?? 0)
    return sums.firstIndex { $0 > limit } ?? max(0, chances.count - 1)
  }
}
