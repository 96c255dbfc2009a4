import Glibc

/// Chooses experts for one position and weighs them: top-p routing over routed and null experts, the eval-mode sparse
/// mixer, and the softmax over chosen and shared experts (paper, dynamic-capacity MoE; reference semantics, section a).
struct Router: Sendable {
  /// Routed plus null experts: those that compete.
  let dynamicExperts: Int
  /// Shared experts: those that always work.
  let sharedExperts: Int
  /// The probability that the chosen experts reach together; 0 chooses `topK` experts.
  let topP: Float
  /// How many experts are chosen when `topP` is 0.
  let topK: Int
  /// Half the relative distance within which competitors share the weight.
  let jitter: Float

  /// Experts of all kinds, in the order routed, null, shared.
  var experts: Int { dynamicExperts + sharedExperts }

  /// Routes one position.
  ///
  /// - Parameters:
  ///   - logits: Router logits, `[experts]`.
  ///   - isPadding: Whether the position is masked, so that no routed or null expert works for it.
  ///   - weights: Receives the weight of each expert, `[experts]`, 0 where not chosen.
  ///   - isChosen: Receives whether each expert was chosen, `[experts]`; shared experts always are.
  /// - Returns: The capacity: how many routed and null experts the rule asked for (the reference's dynamic top-k).
  @discardableResult
  func route(
    _ logits: UnsafePointer<Float>, isPadding: Bool = false, weights: UnsafeMutablePointer<Float>,
    isChosen: UnsafeMutablePointer<Bool>
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(dynamicExperts, 1)) { order in
      sortDescending(logits, order)
      let capacity = capacity(logits, order)
      // A running sum that rounding keeps below topP asks for one expert more than there are; the reference then
      // chooses none.
      let chosen = isPadding || capacity > dynamicExperts ? 0 : capacity
      for expert in 0..<experts {
        weights[expert] = 0
        isChosen[expert] = expert >= dynamicExperts
      }
      mix(logits, order, chosen, weights)
      for rank in 0..<chosen { isChosen[order[rank]] = true }
      distribute(logits, weights, isChosen)
      return capacity
    }
  }

  /// Indices of the dynamic experts by falling logit; the first index wins ties.
  private func sortDescending(_ logits: UnsafePointer<Float>, _ order: UnsafeMutableBufferPointer<Int>) {
    for expert in 0..<dynamicExperts {
      var place = expert
      while place > 0, logits[order[place - 1]] < logits[expert] {
        order[place] = order[place - 1]
        place -= 1
      }
      order[place] = expert
    }
  }

  /// 1 + the number of running sums of the sorted probabilities that stay below topP.
  private func capacity(_ logits: UnsafePointer<Float>, _ order: UnsafeMutableBufferPointer<Int>) -> Int {
    guard dynamicExperts > 0 else { return 0 }
    guard topP != 0 else { return topK }
    let peak = logits[order[0]]
    var total: Float = 0
    for expert in 0..<dynamicExperts { total += expf(logits[expert] - peak) }
    var sum: Float = 0
    var capacity = 1
    for rank in 0..<dynamicExperts {
      sum += expf(logits[order[rank]] - peak) / total
      if sum < topP { capacity += 1 }
    }
    return capacity
  }

  /// Writes the mixer's normalised weights of the chosen experts: equal, but for those with a competitor within
  /// `2 * jitter` relative distance that was not taken before.
  private func mix(
    _ logits: UnsafePointer<Float>, _ order: UnsafeMutableBufferPointer<Int>, _ chosen: Int,
    _ weights: UnsafeMutablePointer<Float>
  ) {
    var total: Float = 0
    for rank in 0..<chosen {
      let peak = logits[order[rank]]
      var sum: Float = 0
      for other in rank..<dynamicExperts {
        let logit = logits[order[other]]
        let distance = (peak - logit) / max(abs(logit), abs(peak))
        // Not "<=": 0/0 counts as near.
        if !(distance > 2 * jitter) { sum += expf(logit - peak) }
      }
      weights[order[rank]] = 1 / sum
      total += 1 / sum
    }
    for rank in 0..<chosen { weights[order[rank]] /= total + 1e-6 }
  }

  /// Softmax over chosen and shared experts; the chosen dynamic experts' share is spread by the mixer's weights.
  private func distribute(
    _ logits: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>, _ isChosen: UnsafeMutablePointer<Bool>
  ) {
    var peak = -Float.infinity
    for expert in 0..<experts where isChosen[expert] { peak = max(peak, logits[expert]) }
    var total: Float = 0
    for expert in 0..<experts where isChosen[expert] { total += expf(logits[expert] - peak) }
    var dynamicShare: Float = 0
    for expert in 0..<dynamicExperts where isChosen[expert] { dynamicShare += expf(logits[expert] - peak) / total }
    for expert in 0..<dynamicExperts { weights[expert] *= dynamicShare }
    for expert in dynamicExperts..<experts { weights[expert] = expf(logits[expert] - peak) / total }
  }
}

extension Router {
  /// Takes the routing rule of a configuration.
  init(_ configuration: ModelConfiguration) {
    self.init(
      dynamicExperts: configuration.routedExperts + configuration.nullExperts,
      sharedExperts: configuration.sharedExperts, topP: configuration.topP, topK: configuration.topK,
      jitter: configuration.jitter)
  }
}
