import Glibc

/// How a word sounds that no lexicon lists: the likeliest sequence of graphones after an n-gram model.
///
/// Costs are whole numbers, and of equal ones the first counts, so that a word sounds the same on every machine.
struct LetterToSound: Sendable {
  let graphones: Graphones
  let model: GraphoneModel

  private static let beam = 32
  /// Costlier by so much than the best one, a hypothesis is given up: 12 of a natural logarithm.
  private static let margin = 96
  private static let longestWord = 64

  private struct Hypothesis {
    var cost: Int
    /// The n-grams that the next graphone stands behind, the shortest one first.
    var contexts: [Int]
    var phonemes: [Phoneme]
  }

  /// The phonemes of a word of letters from a to z; everything else in it is passed over.
  func phonemes(of word: String) -> [Phoneme] {
    let letters = word.utf8.compactMap(Graphones.letter).prefix(Self.longestWord)
    if letters.isEmpty { return [] }
    return model.withReader { reader in
      var hypotheses = [Hypothesis(cost: 0, contexts: reader.start, phonemes: [])]
      // A letter that nothing is known of is silent.
      for letter in letters where !graphones.ranges[letter].isEmpty {
        hypotheses = step(hypotheses, graphones.ranges[letter], reader)
      }
      let end = GraphoneModel.end..<GraphoneModel.end + 1
      return best(hypotheses.map { ($0.cost + reader.costs(of: end, behind: $0.contexts)[0], $0.phonemes) })
    }
  }

  /// The best continuations by one of a letter's graphones.
  private func step(
    _ hypotheses: [Hypothesis], _ places: Range<Int>, _ reader: GraphoneModel.Reader
  ) -> [Hypothesis] {
    let symbols = places.lowerBound + GraphoneModel.first..<places.upperBound + GraphoneModel.first
    var candidates: [(cost: Int, from: Int, symbol: Int)] = []
    candidates.reserveCapacity(hypotheses.count * symbols.count)
    for (index, hypothesis) in hypotheses.enumerated() {
      for (symbol, cost) in zip(symbols, reader.costs(of: symbols, behind: hypothesis.contexts)) {
        candidates.append((hypothesis.cost + cost, index, symbol))
      }
    }
    candidates.sort { $0 < $1 }
    let most = candidates[0].cost + Self.margin
    return candidates.prefix(Self.beam).prefix { $0.cost <= most }.map { candidate in
      let before = hypotheses[candidate.from]
      return Hypothesis(
        cost: candidate.cost, contexts: reader.contexts(before.contexts, adding: candidate.symbol),
        phonemes: before.phonemes + graphones.phonemes[candidate.symbol - GraphoneModel.first])
    }
  }

  /// The likeliest phonemes: what differs in stress alone is counted together, then the likeliest stress is taken.
  private func best(_ ended: [(cost: Int, phonemes: [Phoneme])]) -> [Phoneme] {
    let least = ended.map(\.cost).min() ?? 0
    let scale = Double(1 << 40)
    var plainSums: [[Phoneme]: Int] = [:]
    var sums: [[Phoneme]: Int] = [:]
    for (cost, phonemes) in ended {
      let weight = Int((exp(Double(least - cost) * GraphoneModel.unit) * scale).rounded())
      plainSums[phonemes.map { $0.stressed(0) }, default: 0] += weight
      sums[phonemes, default: 0] += weight
    }
    var result: (plain: Int, whole: Int, phonemes: [Phoneme]) = (-1, -1, [])
    for (_, phonemes) in ended {
      let (plain, whole) = (plainSums[phonemes.map { $0.stressed(0) }] ?? 0, sums[phonemes] ?? 0)
      if (plain, whole) > (result.plain, result.whole) { result = (plain, whole, phonemes) }
    }
    return result.phonemes
  }
}
